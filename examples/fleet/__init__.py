"""Many sites, each planned by itself: in one process, in several, or on several machines."""
