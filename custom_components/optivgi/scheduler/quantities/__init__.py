"""What every algorithm reckons with: cars and network limits on the grid of steps, taper, money."""
