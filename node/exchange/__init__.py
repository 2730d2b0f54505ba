"""Use cases: legs and the messages on them, from queue to receipt."""
