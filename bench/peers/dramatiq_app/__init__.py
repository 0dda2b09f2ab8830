"""A push sender on Dramatiq, measured beside us."""
