"""What every algorithm reckons with: cars and wires on the grid of steps, taper, money."""
