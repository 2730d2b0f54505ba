"""Nodes as processes, and a wire-tap between them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from node.cli.demo.processes import free_ports
from node.cli.reach import call_running
from node.config import Settings, write_settings
from node.home import UNLOCK_VARIABLE, Home
from tests.support.nodes import PASSPHRASE, Federation, make_federation

T = TypeVar("T")
# The first start compiles all modules, perhaps beside much else.
STARTS_SECONDS = 60.0
REPOSITORY = Path(__file__).resolve().parent.parent.parent


def soon(condition: Callable[[], T], seconds: float = 20.0) -> T:
    """Return the condition's value once it holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)
    return value


def environment(cache: Path) -> dict[str, str]:
    """Return the environment of a child; compiled modules are kept, so that restarts are quick."""
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {
        **inherited,
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONPYCACHEPREFIX": str(cache),
        UNLOCK_VARIABLE: PASSPHRASE.decode(),
    }


@dataclass
class NodeProcess:
    """One node; `start` returns when it answers."""

    home: Home
    cache: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def folder(self) -> str:
        return str(self.home.folder)

    def start(self) -> None:
        command = [sys.executable, "-m", "node", "node", "run", "--home", self.folder]
        with (self.home.folder.parent / f"{self.home.folder.name}.out").open("ab") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=out, env=environment(self.cache)
            )
        soon(self.answers, STARTS_SECONDS)

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the node ended"
        return call_running(self.home.socket, "node.status", {}) is not None

    def stop(self) -> int:
        """End it as a service manager does; return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(20)

    def kill(self) -> None:
        """End it without any chance to tidy up."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def ask(self, command: str, **arguments) -> dict:
        answer = call_running(self.home.socket, command, arguments)
        assert answer is not None
        return answer


@dataclass
class WireTap:
    """Passes connections on to a port, and keeps a copy of every byte.

    `on_answer` is called once, when the target has answered the next envelopes; that
    answer is dropped.
    """

    target: int
    port: int
    record: bytearray = field(default_factory=bytearray)
    on_answer: Callable[[], None] | None = None
    _listener: socket.socket = field(default_factory=socket.socket)

    def start(self) -> None:
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self.target))
                except OSError:
                    near.close()
                    continue
                has_envelopes = threading.Event()
                for pump in (self._pump_requests, self._pump_answers):
                    threading.Thread(
                        target=pump, args=(near, far, has_envelopes), daemon=True
                    ).start()

    def _pump_requests(
        self, near: socket.socket, far: socket.socket, has_envelopes: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(1 << 16):
                self.record += data
                if b"POST /hw1/envelopes" in data:
                    has_envelopes.set()
                far.sendall(data)
        _close(near, far)

    def _pump_answers(
        self, near: socket.socket, far: socket.socket, has_envelopes: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(1 << 16):
                self.record += data
                hook = self.on_answer
                if hook is not None and has_envelopes.is_set():
                    self.on_answer = None
                    hook()
                    break
                near.sendall(data)
        _close(near, far)


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@dataclass
class Pair:
    """Two members of one federation as processes, with a wire-tap before each."""

    federation: Federation
    be: NodeProcess
    gr: NodeProcess
    taps: dict[str, WireTap]


@contextlib.contextmanager
def running_pair(folder: Path, cache: Path) -> Iterator[Pair]:
    """Run two nodes that reach each other through wire-taps only."""
    names = ("be.example", "gr.example")
    ports = free_ports(4)
    own, tapped = dict(zip(names, ports[:2], strict=True)), dict(zip(names, ports[2:], strict=True))
    federation = make_federation(
        folder,
        names,
        now_ms=time.time_ns() // 1_000_000,
        endpoints={name: f"http://127.0.0.1:{port}" for name, port in tapped.items()},
    )
    taps = {name: WireTap(own[name], tapped[name]) for name in names}
    nodes = []
    try:
        for name in names:
            write_settings(
                federation.home(name).folder, Settings(node_id=name, listen_port=own[name])
            )
            taps[name].start()
            nodes.append(NodeProcess(federation.home(name), cache))
        for node in nodes:
            node.start()
        yield Pair(federation, *nodes, taps=taps)
    finally:
        for node in nodes:
            if node.process is not None and node.process.poll() is None:
                node.kill()
        for tap in taps.values():
            tap.stop()
