"""The home: one folder that holds all of a node, and the rule that one process uses it.

    homeward.toml   settings                      root.json   the federation's root (trusted)
    identity.key    secrets, under the passphrase directory/  the federation directory
    epochs/         encryption keys, each a file  blobs/      encrypted attachments
    node.db         the encrypted database        node.sock   the running node's commands
    identity.next.key   only while the node's keys are being changed
    lock            held by the one process       node.log    what happened, without content
    erasures        what was erased, for a restore: the backup may be older

Only the owner can read any of it. Whoever opens the home holds `lock`; a second
process gets a clear error instead of a second writer.
"""

from __future__ import annotations

import fcntl
import os
import tomllib
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from node.errors import HomeError
from protocol.ids import NodeId
from protocol.training import is_training

UNLOCK_VARIABLE = "HOMEWARD_PASSPHRASE"
CREDENTIAL_NAME = "homeward-unlock"


@dataclass(slots=True)
class Home:
    """Paths in a home, and the lock on it."""

    folder: Path
    _lock: IO[str] | None = field(default=None, repr=False)

    @property
    def identity(self) -> Path:
        """The node's secrets."""
        return self.folder / "identity.key"

    @property
    def next_identity(self) -> Path:
        """The secrets that shall be the node's, while its keys are being changed."""
        return self.folder / "identity.next.key"

    @property
    def root(self) -> Path:
        """The federation root that this node was installed with."""
        return self.folder / "root.json"

    @property
    def directory(self) -> Path:
        """The federation directory's files."""
        return self.folder / "directory"

    @property
    def epochs(self) -> Path:
        """The encryption epochs' files."""
        return self.folder / "epochs"

    @property
    def blobs(self) -> Path:
        """The encrypted attachments."""
        return self.folder / "blobs"

    @property
    def database(self) -> Path:
        """The encrypted database."""
        return self.folder / "node.db"

    @property
    def erasures(self) -> Path:
        """Records of what was erased, for a restore."""
        return self.folder / "erasures"

    @property
    def socket(self) -> Path:
        """The running node's command socket."""
        return self.folder / "node.sock"

    @property
    def log(self) -> Path:
        """The operational log."""
        return self.folder / "node.log"

    def make(self) -> None:
        """Make an empty home.

        Raises:
            HomeError: the folder holds something already.
        """
        if self.folder.exists() and any(self.folder.iterdir()):
            raise HomeError("home_not_empty", f"{self.folder} is not empty")
        for folder in (self.folder, self.directory, self.epochs, self.blobs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)

    def take(self) -> None:
        """Hold the lock until `release`.

        Raises:
            HomeError: another process has it, or there is no home.
        """
        try:
            lock = (self.folder / "lock").open("w", encoding="ascii")
        except OSError as error:
            raise HomeError(
                "no_home", f"there is no node in {self.folder}", "make one: homeward node init"
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise HomeError(
                "home_in_use",
                "another homeward process is using this home",
                "wait for it to end; commands reach a running node by themselves",
            ) from error
        self._lock = lock

    def release(self) -> None:
        """Let go of the lock."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def is_training_home(folder: Path) -> bool:
    """Return whether a home says that all in it is invented; it need not open for that.

    This is for what people are shown. What a node may do follows from its identity.
    """
    try:
        node_id = tomllib.loads((folder / "homeward.toml").read_text("utf-8")).get("node_id")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
    return isinstance(node_id, str) and is_training(NodeId(node_id))


def find_passphrase(folder: Path, unlock_file: str) -> bytes | None:
    """Return the passphrase from where a service would find it, or None: ask a person.

    In this order: the environment (tests), the service manager's credential, the
    unlock file of the settings.

    Raises:
        HomeError: an unlock file is named but cannot be read.
    """
    variable = os.environ.get(UNLOCK_VARIABLE)
    if variable is not None:
        return normalised(variable.encode())
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    paths = [Path(credentials) / CREDENTIAL_NAME] if credentials else []
    if unlock_file:
        paths.append(folder / unlock_file)
    for path in paths:
        try:
            return normalised(path.read_bytes().strip())
        except FileNotFoundError:
            continue
        except OSError as error:
            raise HomeError("no_unlock_file", "the unlock file cannot be read") from error
    if unlock_file:
        raise HomeError(
            "no_unlock_file",
            "the unlock file is not there",
            "unlock_file in homeward.toml, or the option --unlock-file, names it",
        )
    return None


def normalised(passphrase: bytes) -> bytes:
    """Return a passphrase in the one form in which it opens vaults, however it was typed."""
    try:
        return unicodedata.normalize("NFC", passphrase.decode("utf-8")).encode("utf-8")
    except UnicodeDecodeError:
        # Random bytes in an unlock file are a passphrase too.
        return passphrase
