"""The bulk import: the one part of the command that uses the librarian's engine."""
