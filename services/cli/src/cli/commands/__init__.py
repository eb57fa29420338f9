"""The commands of photo-factory, a module each."""
