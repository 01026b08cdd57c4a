"""What charging sessions drew, from which source, and what that cost. Plain Python."""
