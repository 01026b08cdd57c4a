"""What people read: what is done, and why."""
