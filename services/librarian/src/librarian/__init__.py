"""Takes files from the inbox into the library."""
