"""From the site to a plan."""
