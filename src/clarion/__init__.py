"""Clarion: self-hosted notification infrastructure."""

__version__ = "0.1.0"
