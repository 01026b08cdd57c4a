"""What every algorithm computes with: cars and network limits per step, taper, money."""
