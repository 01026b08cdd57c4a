"""Actions about departures and reservations."""
