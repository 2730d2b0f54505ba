"""The demo's nodes: each a process of its own, ended whatever happens."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import node
from node.cli.demo.place import Place
from node.cli.reach import call_running
from node.errors import NodeError

T = TypeVar("T")

START_SECONDS = 30.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.05


class Nodes:
    """Starts and stops nodes by name; leaving the context ends them all."""

    def __init__(self, place: Place) -> None:
        """Start nothing yet."""
        self._place = place
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for name in list(self._running):
            self._running[name].terminate()
        for name in list(self._running):
            self.stop(name)

    def start(self, *names: str) -> None:
        """Start nodes and wait until all of them answer.

        Raises:
            NodeError: one ended, or does not answer in time.
        """
        for name in names:
            self._running[name] = self._spawn(name)
        for name in names:
            wait_until(f"the node {name} starts", partial(self._answers, name), START_SECONDS)

    def stop(self, name: str) -> None:
        """End a node and wait until it has."""
        process = self._running.pop(name)
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def watch(self) -> None:
        """Wait until a person interrupts.

        Raises:
            NodeError: a node ended by itself.
        """
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                for name in self._running:
                    self._check_alive(name)
                time.sleep(1)

    def _spawn(self, name: str) -> subprocess.Popen[bytes]:
        home = self._place.home(name)
        # The child finds this very program, installed or not, wherever we were called.
        packages = str(Path(str(node.__file__)).parent.parent)
        path = os.pathsep.join(filter(None, [packages, os.environ.get("PYTHONPATH", "")]))
        with (self._place.folder / f"{name}.out").open("ab") as out:
            return subprocess.Popen(  # noqa: S603 - this very interpreter, our own module
                [sys.executable, "-m", "node", "node", "run", "--home", str(home)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, "PYTHONPATH": path},
            )

    def _answers(self, name: str) -> bool:
        self._check_alive(name)
        socket_path = self._place.home(name) / "node.sock"
        return call_running(socket_path, "node.status", {}) is not None

    def _check_alive(self, name: str) -> None:
        if self._running[name].poll() is not None:
            raise NodeError(
                "demo_node_ended",
                f"the demo's node {name} ended by itself",
                f"see {self._place.folder / name}.out",
            )


def wait_until(what: str, condition: Callable[[], T], seconds: float) -> T:
    """Return the condition's value once it holds.

    Raises:
        NodeError: it does not hold in time.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() >= deadline:
            raise NodeError("demo_timeout", f"this took too long: {what}")
        time.sleep(POLL_SECONDS)
    return value


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on; somebody could take one before it is used."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
