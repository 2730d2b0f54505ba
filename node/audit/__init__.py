"""Evidence of what was exchanged: collect it from a node, judge it anywhere."""
