"""Departures of random homes: a real Home Assistant in a world of its own physics."""
