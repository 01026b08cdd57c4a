"""Things go wrong, alone and two at a time, in a world with physics of its own."""
