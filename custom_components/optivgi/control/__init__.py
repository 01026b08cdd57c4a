"""Brings the plan to the chargers."""
