"""Copies of originals outside the library, with what it knows of them written beside or into."""
