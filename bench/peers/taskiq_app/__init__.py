"""A push sender on taskiq, measured beside us."""
