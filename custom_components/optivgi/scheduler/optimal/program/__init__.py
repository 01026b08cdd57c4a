"""The whole integer program, built by PuLP: all a subproblem can have, and the search in it."""
