"""Conversations between two nodes: events, transition tables, and their fold."""
