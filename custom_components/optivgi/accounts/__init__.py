"""What the sessions of a site draw, and what that costs: noted while it happens."""
