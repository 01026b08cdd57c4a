"""The user's existing entities: read as what a plan needs, written as what a plan says."""
