"""Cars that are still to come."""
