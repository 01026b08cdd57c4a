"""Looks through the house for what a site can be made of, and proposes it."""
