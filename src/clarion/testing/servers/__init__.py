"""Real servers, private to a test."""
