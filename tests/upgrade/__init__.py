"""What a version has stored is understood by every later one."""
