"""Tests of the benchmark: what it measures, never how fast it is."""
