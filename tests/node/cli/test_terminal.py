"""At a real terminal: the passphrase is asked for, twice when it is new, and never shown."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

from node.home import UNLOCK_VARIABLE
from tests.support.commands import homeward
from tests.support.processes import REPOSITORY, soon

# The child takes the terminal as its own, as a shell's children do.
PROGRAM = (
    "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); from node.cli import main; main()"
)
TYPED = "a quiet place by the sea"


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        self.near, far = pty.openpty()
        os.set_blocking(self.near, False)
        self.screen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            stdin=far,
            stdout=far,
            stderr=far,
            start_new_session=True,
            cwd=REPOSITORY,
            env={key: value for key, value in os.environ.items() if key != UNLOCK_VARIABLE},
        )
        os.close(far)

    def shows(self, text: str) -> bool:
        # Nothing to read yet, or the other end is closed.
        with contextlib.suppress(OSError):
            self.screen += os.read(self.near, 1 << 16).decode()
        return text in self.screen

    def type(self, line: str) -> None:
        os.write(self.near, line.encode() + b"\n")

    def end(self) -> int:
        code = self.process.wait(20)
        self.shows("")
        os.close(self.near)
        return code


def test_a_new_passphrase_is_asked_twice_and_never_shown(tmp_path: Path, monkeypatch) -> None:
    home = str(tmp_path / "nl")
    terminal = Terminal("node", "init", "--home", home, "--node-id", "nl.example")
    soon(lambda: terminal.shows("passphrase: "))
    terminal.type(TYPED)
    soon(lambda: terminal.shows("Repeat for confirmation: "))
    terminal.type(TYPED)
    assert terminal.end() == 0
    assert TYPED not in terminal.screen
    monkeypatch.setenv(UNLOCK_VARIABLE, TYPED)
    assert homeward("case", "list", "--home", home).code == 0
