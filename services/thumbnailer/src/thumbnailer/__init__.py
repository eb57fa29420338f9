"""Makes thumbnails, previews and poster frames."""
