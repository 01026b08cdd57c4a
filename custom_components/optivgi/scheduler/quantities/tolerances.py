"""Below what a number is nothing, or two are the same. Plain Python."""

NEGLIGIBLE_KW = 1e-6
"""A power below this is none: 1 mW, above the solver's tolerances."""
NEGLIGIBLE_KWH = 1e-6
"""An energy below this is none."""
ROUNDING_KW = 1e-9
"""What sums of powers may be off."""
PORTION_ROUNDING = 1e-6
"""What a number of portions may be off by sums of powers."""
REPORTED_KWH = 0.01
"""A shortfall below this is not worth reporting: rounding, not a missing kilometre."""
