"""What there is, shared: as early as possible, by turns, and what is fairer."""
