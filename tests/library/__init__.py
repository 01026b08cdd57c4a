"""The scheduler outside Home Assistant: as a package, and in the programs of examples/."""
