"""Tests of the scheduler: nothing here needs Home Assistant."""
