"""Tariffs on the highest power: what they say, which are known, and what a form has of them."""
