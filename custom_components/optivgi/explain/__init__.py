"""What people are told: what is done, and why."""
