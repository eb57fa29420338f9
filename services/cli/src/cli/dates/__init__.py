"""When photos were taken: looking at it, correcting it, deciding it again."""
