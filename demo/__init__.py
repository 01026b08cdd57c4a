"""A real Home Assistant with a simulated house, for trying OptiVGI out."""
