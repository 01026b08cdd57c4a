"""What is known of cars by thinking alone: how full they are, which one is where, who comes."""
