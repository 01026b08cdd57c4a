"""A charger with the car at it: its settings, its session, and its last command."""
