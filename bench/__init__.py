"""Benchmarks that anyone can repeat: `python -m bench run NAME --json FILE`."""
