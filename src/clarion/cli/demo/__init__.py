"""`clarion demo`: a story with real shapes, played through the public API."""
