"""Changes the code a little at a time, and lists the changes that no test notices."""
