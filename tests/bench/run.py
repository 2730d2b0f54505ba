"""`make bench`: speed and memory beside their limits; nothing is asserted.

The node's rates are ratios to a bare program's (see `bare`). Both are measured in short
turns, one right after the other, and the median of the turns' ratios counts: what else the
machine and its disk do changes from second to second, and then hits both. `--quick` does
less.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP))

from keys.identity import store_identity  # noqa: E402
from node.cli.demo.processes import free_ports  # noqa: E402
from node.config import Settings, write_settings  # noqa: E402
from tests.bench import bare, finding, pages, slow_line  # noqa: E402
from tests.bench.exchange import BE, GR, Receipts, move_attachment, rate, sending_node  # noqa: E402
from tests.bench.filled import Filled  # noqa: E402
from tests.bench.processes import (  # noqa: E402
    MIB,
    Watch,
    resident_bytes,
    running,
    seconds_until_ready,
)
from tests.support.nodes import PASSPHRASE, make_federation, seeded  # noqa: E402

IN_FLIGHT = 64
WARM_UP = 100
ATTACHMENT_CHUNKS = 1600
LONGEST_RUN_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is measured."""

    rounds: int
    sequential: int
    together: int
    received: int
    starts: int


FULL = Amount(rounds=11, sequential=100, together=640, received=10_000, starts=5)
QUICK = Amount(rounds=3, sequential=100, together=640, received=1_000, starts=2)


def bare_rate(folder: Path, *, count: int, in_flight: int) -> float:
    """Return the bare program's messages per second; its databases grow as the nodes' do."""
    part = folder / "bare"
    part.mkdir(exist_ok=True)
    with running("tests.bench.bare", str(part)) as (_, line):
        return bare.sender(int(line), part, count=count, in_flight=in_flight)


def make_nodes(folder: Path) -> tuple[str, ...]:
    """Make a federation of two; return the arguments that run the recipient."""
    ports = dict(zip((BE, GR), free_ports(2), strict=True))
    federation = make_federation(
        folder,
        (BE, GR),
        now_ms=time.time_ns() // 1_000_000,
        endpoints={name: f"http://127.0.0.1:{port}" for name, port in ports.items()},
    )
    for name, port in ports.items():
        home, identity = federation.home(name), federation.identities[name]
        # The tests' passphrases cost nothing to guess; here as in earnest.
        store_identity(home.identity, identity, PASSPHRASE, random=seeded(name), is_replacing=True)
        write_settings(home.folder, Settings(node_id=name, listen_port=port))
    return "node", "node", "run", "--home", str(folder / GR)


async def measure_rates(folder: Path, amount: Amount) -> None:
    """Print how the nodes' rates compare, one after another and with many in flight."""
    turns = ((amount.sequential, 1), (amount.together, IN_FLIGHT))
    rates: list[list[float]] = []
    with running(*make_nodes(folder)):
        async with sending_node(folder / BE) as core:
            receipts = Receipts(core)
            await rate(core, receipts, count=WARM_UP, in_flight=1)
            for _ in range(amount.rounds):
                rates.append([])
                for count, in_flight in turns:
                    rates[-1] += [
                        bare_rate(folder, count=count, in_flight=in_flight),
                        await rate(core, receipts, count=count, in_flight=in_flight),
                    ]
                print(
                    "messages a second, one after another: bare {0:.0f}, node {1:.0f}; "
                    "with {4} in flight: {2:.0f}, {3:.0f}".format(*rates[-1], IN_FLIGHT),
                    flush=True,
                )
    one = median(turn[1] / turn[0] for turn in rates)
    many = median(turn[3] / turn[2] for turn in rates)
    gain = median(turn[3] / turn[1] for turn in rates)
    show("one after another, node to bare", f"{one:.2f}", ">= 0.6")
    show(f"{IN_FLIGHT} in flight, node to bare", f"{many:.2f}", ">= 0.6")
    show(f"node, {IN_FLIGHT} in flight to one after another", f"{gain:.1f}", ">= 5")


async def measure_memory(folder: Path, amount: Amount) -> None:
    """Print what a node needs to start, to keep on receiving, and to move a large file."""
    recipient = make_nodes(folder)
    with running(*recipient):
        pass  # The first start makes the database and the epochs.
    starts = sorted(seconds_until_ready(*recipient) for _ in range(amount.starts))
    show("start until ready, median", f"{starts[len(starts) // 2]:.2f} s", "< 1 s")
    with running(*recipient) as (process_id, _):
        async with sending_node(folder / BE) as core:
            receipts = Receipts(core)
            await rate(core, receipts, count=WARM_UP, in_flight=1)
            with Watch(process_id) as watch:
                seconds = await move_attachment(core, receipts, chunks=ATTACHMENT_CHUNKS)
            sender, recipients = (f"{growth / MIB:.0f} MiB" for growth in watch.growth_bytes)
            show("100 MiB file, memory of the sender", f"+{sender}", "< 40 MiB")
            show("100 MiB file, memory of the recipient", f"+{recipients}", "< 40 MiB")
            show("100 MiB file, time", f"{seconds:.1f} s", "none")
            await rate(core, receipts, count=amount.received, in_flight=IN_FLIGHT)
            held = f"{resident_bytes(process_id) / MIB:.0f} MiB"
            show(f"memory after {amount.received} received messages", held, "< 100 MiB")


def show(what: str, figure: str, limit: str) -> None:
    """Print one figure beside its limit."""
    print(f"{what:<46} {figure:>10}   limit {limit}", flush=True)


def in_folder(measure: Callable[[Path], None]) -> None:
    """Call with a new folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="homeward-bench-"))
    try:
        measure(folder)
    finally:
        shutil.rmtree(folder)


PARTS: dict[str, Callable[..., None]] = {
    "rates": lambda folder, amount, _: asyncio.run(measure_rates(folder, amount)),
    "memory": lambda folder, amount, _: asyncio.run(measure_memory(folder, amount)),
    "finding": lambda folder, amount, _: finding.measure(folder, show, is_quick=amount is QUICK),
    "pages": lambda folder, amount, kept: pages.measure(
        folder, show, filled=Filled(folder, kept), is_quick=amount is QUICK
    ),
    "line": lambda folder, amount, _: slow_line.measure(folder, show, is_quick=amount is QUICK),
}


def main() -> None:
    """Measure all, and print each figure beside its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this (repeatable)")
    parser.add_argument("--keep", type=Path, help="keep the filled home of `pages` here, for again")
    arguments = parser.parse_args()
    amount = QUICK if arguments.quick else FULL
    faulthandler.dump_traceback_later(LONGEST_RUN_SECONDS, exit=True)
    for part in arguments.only or PARTS:
        measure: Callable[[Path], None] = partial(_measure, part, amount, arguments.keep)
        in_folder(measure)


def _measure(part: str, amount: Amount, kept: Path | None, folder: Path) -> None:
    PARTS[part](folder, amount, kept)


if __name__ == "__main__":
    main()
