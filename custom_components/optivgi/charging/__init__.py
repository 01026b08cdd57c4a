"""A charger with the car at it: its settings, its session, and what was told to it."""
