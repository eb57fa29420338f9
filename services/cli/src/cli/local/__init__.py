"""Local mode: everything on one machine, without Docker."""
