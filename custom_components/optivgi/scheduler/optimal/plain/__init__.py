"""Plain charging: cars with nothing but prices, limits, minimum powers and starts.

What is planned here is a linear program in whole arrays, rounded, and one car after the other by
dynamic programming. Nothing here imports PuLP.
"""
