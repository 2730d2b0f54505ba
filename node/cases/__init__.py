"""Use cases: a node's own cases and their files."""
