"""Cars that come later."""
