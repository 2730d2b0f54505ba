"""`make bench`: speed and memory as ratios within one run; nothing is asserted.

Each figure is printed beside what it is measured against, both from this run on
this machine, so that a slow machine does not look like a slow change.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP))

from tests.bench import bare, exchange  # noqa: E402
from tests.support.nodes import make_federation  # noqa: E402

ROUNDS = 3
SEQUENTIAL = 150
TOGETHER = 1280
IN_FLIGHT = 64
PATIENCE_SECONDS = 20.0


@contextmanager
def running(*arguments: str, port_file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python module until the block ends; it is up when its port file is there."""
    process = subprocess.Popen([sys.executable, "-m", *arguments], cwd=TOP)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (port_file.exists() and port_file.read_text()):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{arguments[0]} did not come up")
            time.sleep(0.01)
        yield process
    finally:
        process.terminate()
        process.wait()


def bare_rates(folder: Path) -> tuple[float, float]:
    """Return the bare program's rates: one after another, and in groups."""
    rates = []
    for count, in_flight in ((SEQUENTIAL, 1), (TOGETHER, IN_FLIGHT)):
        part = folder / f"bare-{in_flight}"
        part.mkdir()
        port_file = part / "port"
        with running(
            "tests.bench.bare", "recipient", str(port_file), str(part), port_file=port_file
        ):
            port = int(port_file.read_text())
            rates.append(bare.sender(port, part, count=count, in_flight=in_flight))
    return rates[0], rates[1]


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def node_rates(folder: Path) -> tuple[float, float]:
    """Return the nodes' rates: one after another, and with many in flight."""
    port = free_port()
    names, endpoints = ("be.example", "gr.example"), {"gr.example": f"http://127.0.0.1:{port}"}
    make_federation(folder, names, now_ms=time.time_ns() // 1_000_000, endpoints=endpoints)
    port_file = folder / "port"
    with running(
        "tests.bench.exchange",
        "recipient",
        str(folder / "gr.example"),
        str(port),
        str(port_file),
        port_file=port_file,
    ):
        core, threads, link = exchange.open_node(folder / "be.example")
        await core.start()
        await exchange.rate(core, count=20, in_flight=1)
        sequential = await exchange.rate(core, count=SEQUENTIAL, in_flight=1)
        together = await exchange.rate(core, count=TOGETHER, in_flight=IN_FLIGHT)
        await core.close()
        await link.close()
        threads.close()
    return sequential, together


def main() -> None:
    """Print the figures of a few rounds, best last."""
    best: dict[str, float] = {}
    for number in range(ROUNDS):
        folder = Path(tempfile.mkdtemp(prefix="homeward-bench-"))
        try:
            bare_one, bare_many = bare_rates(folder)
            node_one, node_many = asyncio.run(node_rates(folder))
        finally:
            shutil.rmtree(folder)
        figures = {
            "sequential: node / bare": node_one / bare_one,
            "64 in flight: node / bare": node_many / bare_many,
            "node: 64 in flight / sequential": node_many / node_one,
        }
        print(
            f"round {number + 1}: bare {bare_one:.0f}/s, {bare_many:.0f}/s with 64; "
            f"node {node_one:.0f}/s, {node_many:.0f}/s with 64"
        )
        for name, figure in figures.items():
            best[name] = max(best.get(name, 0.0), figure)
    for name, figure in best.items():
        print(f"{name}: {figure:.2f}")


if __name__ == "__main__":
    main()
