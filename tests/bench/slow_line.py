"""How soon the desk can be read on a slow line, by a browser with an empty cache."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from node.cli.demo.processes import free_ports
from node.config import Settings, write_settings
from tests.bench.processes import running
from tests.support.browser import running_browser, somebody
from tests.support.commands import homeward
from tests.support.nodes import make_federation
from tests.support.slow_line import bytes_of_first_load, seconds_until_readable

BE = "be.example"
KIB = 1024
PAGES = {"the desk": "/", "the search": "/cases", "the peers": "/peers"}


def measure(folder: Path, show: Callable[[str, str, str], None], *, is_quick: bool) -> None:
    """Print how long the desk takes, and what pages weigh."""
    port, pages_port = free_ports(2)
    home = make_federation(folder, (BE,), now_ms=time.time_ns() // 1_000_000).home(BE)
    write_settings(home.folder, Settings(node_id=BE, listen_port=port, pages_port=pages_port))
    with running("node", "node", "run", "--home", str(home.folder)), running_browser() as browser:
        person = somebody(browser, f"http://localhost:{pages_port}")
        added = homeward(
            "user", "add", "Anna", "--role", "caseworker", "--home", str(home.folder), "--json"
        )
        person.sets_up_passkey(json.loads(added.out)["link"])
        loads = [seconds_until_readable(person, "/") for _ in range(3 if is_quick else 7)]
        show("desk readable at 400 kbit/s", f"{median(loads):.2f} s", "< 3 s")
        for name, path in PAGES.items():
            weight = bytes_of_first_load(person, path) / KIB
            show(f"first load of {name}", f"{weight:.0f} KiB", "< 150 KiB")
