"""The photo-factory command."""
