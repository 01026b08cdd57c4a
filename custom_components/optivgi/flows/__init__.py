"""The forms: what the user picks, and what is refused."""
