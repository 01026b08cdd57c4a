"""What the house draws and produces: now, by phase, and as it is expected to."""
