"""Ways to read and drive the chargers that the user already has."""
