"""Write the reference."""

from . import PAGE, reference

PAGE.write_text(reference(), encoding="utf-8")
