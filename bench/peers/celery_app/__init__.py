"""A push sender on Celery, measured beside us."""
