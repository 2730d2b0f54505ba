"""Child processes of the benchmark, none of which can hang it; how much memory one uses.

A child finds its modules compiled, as installing leaves them, and is ready when it writes
its first line. Whatever takes too long is killed, and
then the benchmark fails where it waits for the child. Memory is read from /proc.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from node.home import UNLOCK_VARIABLE
from tests.support.nodes import PASSPHRASE

# As `python -m`, but without a package that only development tools bring along, and that
# others load where they find it.
RUN = """
import runpy, sys
sys.modules["rich"] = None
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
TOP = Path(__file__).resolve().parents[2]
LONGEST_LIFE_SECONDS = 120.0
INHERITED = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
MIB = 1 << 20


@contextmanager
def running(
    *arguments: str, longest_life_seconds: float = LONGEST_LIFE_SECONDS
) -> Iterator[tuple[int, str]]:
    """Run a Python module until the block ends; yield its process id and first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments],
        cwd=TOP,
        env={**INHERITED, UNLOCK_VARIABLE: PASSPHRASE.decode()},
        stdout=subprocess.PIPE,
        text=True,
    )
    end_of_life = threading.Timer(longest_life_seconds, process.kill)
    end_of_life.start()
    try:
        line = process.stdout.readline() if process.stdout is not None else ""
        if not line:
            raise RuntimeError(f"{arguments[0]} did not come up")
        yield process.pid, line
    finally:
        process.terminate()
        process.communicate()
        end_of_life.cancel()


def resident_bytes(process_id: int | str = "self") -> int:
    """Return the resident memory of a process, this one by default."""
    pages = Path(f"/proc/{process_id}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


class Watch:
    """Follows how much more memory two processes use than at the start: this and another."""

    def __init__(self, other: int) -> None:
        """Take what both use now for idle."""
        self._processes = ("self", str(other))
        self._idle = [resident_bytes(process) for process in self._processes]
        self._most = list(self._idle)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._follow)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._is_over.wait(0.005):
            now = [resident_bytes(process) for process in self._processes]
            self._most = [max(pair) for pair in zip(self._most, now, strict=True)]

    @property
    def growth_bytes(self) -> tuple[int, int]:
        """By how much this and the other process had grown at most."""
        mine, others = (most - idle for most, idle in zip(self._most, self._idle, strict=True))
        return mine, others


def seconds_until_ready(*arguments: str) -> float:
    """Return how long a module takes from its start to its first line."""
    start = time.perf_counter()
    with running(*arguments):
        return time.perf_counter() - start
