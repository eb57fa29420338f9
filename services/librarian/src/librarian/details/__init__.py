"""What tags tell of a photo or video beside its date and place, as columns of its row. Pure."""
