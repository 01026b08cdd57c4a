"""What the last weeks would have cost: planned again with what was known at each moment."""
