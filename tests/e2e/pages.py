"""Two nodes with pages, as processes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from node.cli.demo.processes import free_ports
from node.config import Settings, write_settings
from tests.support.commands import homeward
from tests.support.nodes import make_federation
from tests.support.processes import NodeProcess

NAMES = ("be.example", "gr.example")


@dataclass
class Offices:
    """The nodes, and where their pages are."""

    nodes: dict[str, NodeProcess]
    origins: dict[str, str]

    def invites(self, node: str, name: str, role: str, language: str = "en") -> str:
        """Return a one-time link for somebody new."""
        added = homeward(
            "user", "add", name, "--role", role, "--language", language,
            "--home", self.nodes[node].folder, "--json",
        )  # fmt: skip
        assert added.code == 0, added
        return json.loads(added.out)["link"]

    def changes(self, node: str, case_id: str, change: str) -> None:
        """Change a field of a case, as somebody at the command line."""
        changed = homeward(
            "case", "change", case_id, "--set", change, "--reason", "told by telephone",
            "--home", self.nodes[node].folder,
        )  # fmt: skip
        assert changed.code == 0, changed


@contextmanager
def running_offices(folder: Path, cache: Path) -> Iterator[Offices]:
    """Run two nodes that exchange over loopback, with pages."""
    ports = dict(zip(NAMES, free_ports(2), strict=True))
    pages = dict(zip(NAMES, free_ports(2), strict=True))
    federation = make_federation(
        folder,
        NAMES,
        now_ms=time.time_ns() // 1_000_000,
        endpoints={name: f"http://127.0.0.1:{port}" for name, port in ports.items()},
    )
    nodes = {}
    try:
        for name in NAMES:
            home = federation.home(name)
            settings = Settings(node_id=name, listen_port=ports[name], pages_port=pages[name])
            write_settings(home.folder, settings)
            nodes[name] = NodeProcess(home, cache)
            nodes[name].start()
        yield Offices(nodes, {name: f"http://localhost:{port}" for name, port in pages.items()})
    finally:
        for node in nodes.values():
            if node.process is not None and node.process.poll() is None:
                node.kill()
