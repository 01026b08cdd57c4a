"""What is true of chargers: commanded, reported and measured powers compared."""
