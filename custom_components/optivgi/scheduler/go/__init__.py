"""Plans without a solver: by urgency, then by price."""
