"""The demo's folder: made anew each time, and only ever removed if the demo made it."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from node.cli.demo.scene import MEMBERS
from node.cli.reach import call_running
from node.errors import NodeError
from node.home import UNLOCK_VARIABLE

MARKER = ".made-by-homeward-demo"


@dataclass(frozen=True, slots=True)
class Place:
    """Paths in the demo's folder."""

    folder: Path

    def home(self, name: str) -> Path:
        """Return the home of a node."""
        return self.folder / name

    def unlock(self, name: str) -> Path:
        """Return the file with a passphrase."""
        return self.folder / "unlock" / name

    @property
    def secretariat(self) -> Path:
        """The federation's own folder."""
        return self.folder / "secretariat"

    @property
    def root(self) -> Path:
        """The root file, for auditors."""
        return self.folder / "root.json"

    @property
    def evidence(self) -> Path:
        """The bundles."""
        return self.folder / "evidence"

    @property
    def saved(self) -> Path:
        """Files that somebody chose to decrypt."""
        return self.folder / "saved-in-greece"

    def prepare(self) -> None:
        """Begin with an empty folder.

        Raises:
            NodeError: the folder holds something that the demo did not make, or a demo
                in it still runs.
        """
        if self.folder.exists() and any(self.folder.iterdir()):
            if not (self.folder / MARKER).is_file():
                raise NodeError(
                    "folder_not_empty",
                    "this folder is not empty and was not made by the demo",
                    "choose another one with --dir",
                )
            self._refuse_while_running()
            shutil.rmtree(self.folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.folder / MARKER).touch()
        for folder in (self.evidence, self.folder / "unlock"):
            folder.mkdir(mode=0o700)
        self._make_passphrases(["secretariat", *MEMBERS])
        # The demo's nodes have passphrases of their own.
        os.environ.pop(UNLOCK_VARIABLE, None)

    def _make_passphrases(self, names: Sequence[str]) -> None:
        for name in names:
            self.unlock(name).write_text(secrets.token_urlsafe(24), encoding="ascii")
        note = "Passphrases lie here because this is a demo. Never keep them beside the keys.\n"
        self.unlock("READ-ME").write_text(note, encoding="ascii")

    def _refuse_while_running(self) -> None:
        for name in MEMBERS:
            if call_running(self.home(name) / "node.sock", "node.status", {}) is not None:
                raise NodeError("demo_runs", "a demo in this folder still runs", "end it first")
