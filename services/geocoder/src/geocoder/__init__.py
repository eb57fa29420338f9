"""Names the place where a photo was taken, offline."""
