"""Three nodes with pages, as processes: Belgium, Greece, and Ukraine outside the EEA."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from playwright.sync_api import Browser

from keys.members import TransferRegime
from node.cli.demo.processes import free_ports
from node.config import Settings, write_settings
from tests.support.browser import Person, somebody
from tests.support.commands import homeward
from tests.support.nodes import Federation, make_federation
from tests.support.processes import NodeProcess

BE, GR, UA = NAMES = ("be.example", "gr.example", "ua.example")
RECORDS = {
    GR: {"telephone": "+302105550100", "languages": ("el", "en")},
    UA: {
        "telephone": "+380445550100",
        "languages": ("uk", "en"),
        "transfer_regime": TransferRegime.OTHER,
    },
}


@dataclass
class Offices:
    """The nodes, where their pages are, and who comes to work there."""

    federation: Federation
    nodes: dict[str, NodeProcess]
    origins: dict[str, str]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def root(self) -> Path:
        """The federation's root, as an auditor has it."""
        return self.federation.home(BE).root

    def invites(self, node: str, name: str, role: str, language: str = "en") -> str:
        """Return a one-time link for somebody new."""
        added = homeward(
            "user", "add", name, "--role", role, "--language", language,
            "--home", self.nodes[node].folder, "--json",
        )  # fmt: skip
        assert added.code == 0, added
        return json.loads(added.out)["link"]

    def newcomer(self, node: str, role: str) -> tuple[str, str]:
        """Add somebody whose name nobody has yet; return the name and the one-time link."""
        name = f"{role} {next(self._numbers)}"
        return name, self.invites(node, name, role)

    def changes(self, node: str, case_id: str, change: str) -> None:
        """Change a field of a case, as somebody at the command line."""
        changed = homeward(
            "case", "change", case_id, "--set", change, "--reason", "told by telephone",
            "--home", self.nodes[node].folder,
        )  # fmt: skip
        assert changed.code == 0, changed

    @contextmanager
    def without(self, node: str) -> Iterator[None]:
        """Stop a node, as its service manager does; start it again afterwards."""
        assert self.nodes[node].stop() == 0
        try:
            yield
        finally:
            self.nodes[node].start()


@contextmanager
def running_offices(folder: Path, cache: Path) -> Iterator[Offices]:
    """Run nodes that exchange over loopback, with pages."""
    ports = dict(zip(NAMES, free_ports(len(NAMES)), strict=True))
    pages = dict(zip(NAMES, free_ports(len(NAMES)), strict=True))
    federation = make_federation(
        folder,
        NAMES,
        now_ms=time.time_ns() // 1_000_000,
        endpoints={name: f"http://127.0.0.1:{port}" for name, port in ports.items()},
        records=RECORDS,
    )
    nodes = {}
    try:
        for name in NAMES:
            home = federation.home(name)
            settings = Settings(node_id=name, listen_port=ports[name], pages_port=pages[name])
            write_settings(home.folder, settings)
            nodes[name] = NodeProcess(home, cache)
        # The first one leaves compiled modules behind for the others.
        first, *others = nodes.values()
        first.start()
        with ThreadPoolExecutor() as pool:
            list(pool.map(NodeProcess.start, others))
        origins = {name: f"http://localhost:{port}" for name, port in pages.items()}
        yield Offices(federation, nodes, origins)
    finally:
        for node in nodes.values():
            if node.process is not None and node.process.poll() is None:
                node.kill()


def enters(
    browser: Browser, offices: Offices, node: str, role: str, *, has_scripts: bool = True, **more
) -> Person:
    """Let somebody new sit down at a node, and sign in."""
    _, link = offices.newcomer(node, role)
    person = somebody(browser, offices.origins[node], has_scripts=has_scripts, **more)
    if has_scripts:
        person.sets_up_passkey(link)
    else:
        person.sets_up_password(link)
    return person
