"""The optimum: linear and integer programs by PuLP on HiGHS, and dynamic programming."""
