"""What survives a restart: what people have set, and what is under way."""
