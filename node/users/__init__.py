"""The people who use a node: who they are, what they may do, and that it is they."""
