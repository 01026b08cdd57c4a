"""The site at runtime: what stands behind its grid connection."""
