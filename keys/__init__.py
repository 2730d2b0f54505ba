"""Key life and trust: create, keep, rotate, and the federation directory."""
