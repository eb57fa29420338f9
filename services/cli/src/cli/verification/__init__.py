"""Compares the library with what the database says of it. Nothing here changes a file."""
