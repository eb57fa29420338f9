"""Sends encrypted copies of originals elsewhere."""
