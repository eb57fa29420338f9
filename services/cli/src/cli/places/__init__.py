"""Places that people give, privacy zones, and doing stages again."""
