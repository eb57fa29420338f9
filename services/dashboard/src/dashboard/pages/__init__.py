"""One file per page. Pages draw: what they show is read and decided elsewhere."""
