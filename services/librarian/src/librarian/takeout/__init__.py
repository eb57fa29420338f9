"""Reads a Google Takeout as it was downloaded: its parts, its names, and what its JSON says."""
