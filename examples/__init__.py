"""Programs around the scheduler as a library; they know nothing of Home Assistant."""
