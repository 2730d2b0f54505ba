"""By which address the pages of a node are reached."""

from __future__ import annotations

from node.config import Settings


def pages_origin(settings: Settings) -> str:
    """Return the origin of the pages ("https://desk.example")."""
    return settings.pages_origin or f"http://localhost:{settings.pages_port}"
