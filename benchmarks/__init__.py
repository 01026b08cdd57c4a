"""Measures the scheduler on reproducible problems."""
