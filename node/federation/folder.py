"""The folder of a federation, on the secretariat's disk or a holder's memory stick.

    public/      the directory's files: what every member may have
    pending/     a change that waits for signatures; absent when there is none
    root.json    the first root file, as members are handed it; absent until the founding
    keys/        <role>.key, only where somebody keeps keys on this very machine

What waits is derived from public/ and pending/ alone, so that a copy of the folder is
as good as the folder. Both are exchanged as a whole: public/ first, then root.json is
written, then pending/ goes. A stick that cannot be written to can still be read and
collected from.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Generator
from pathlib import Path

from keys.directory_files import DirectoryFiles, metadata_name
from keys.errors import KeyFileError
from keys.files import load_file, store_file
from node.errors import HomeError
from node.federation.swapped import SwappedFolder
from protocol import limits

ROOT_NAME = "root.json"
PUBLIC_NAME = "public"
PENDING_NAME = "pending"
KEYS_NAME = "keys"


class FederationFolder:
    """One federation's folder. Whatever writes works inside `locked`, or makes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._root = path / ROOT_NAME
        self._public = SwappedFolder(path / PUBLIC_NAME)
        self._pending = SwappedFolder(path / PENDING_NAME)

    @property
    def is_founded(self) -> bool:
        """Whether the federation exists, instead of waiting for its first signatures."""
        return self._root.is_file()

    def key(self, role: str) -> Path:
        """Return where the key of a role lies, if it is kept here."""
        return self._path / KEYS_NAME / f"{role}.key"

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Keep other commands out of the folder, and end what a crash interrupted.

        Raises:
            HomeError: it is no federation's folder, or another command works in it.
            KeyFileError: it cannot be used.
        """
        self.check()
        with _disk_errors():
            descriptor = os.open(self._path, os.O_RDONLY)
        try:
            _lock(descriptor)
            with _disk_errors():
                self._public.settle()
                self._pending.settle()
            yield
        finally:
            os.close(descriptor)

    def make(self, *, has_keys: bool) -> None:
        """Make the folder of a federation that is about to be founded.

        Raises:
            HomeError: something lies in it.
            KeyFileError: it cannot be made.
        """
        self.check_empty()
        with _disk_errors():
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if has_keys:
                (self._path / KEYS_NAME).mkdir(mode=0o700)

    def check_empty(self) -> None:
        """Refuse a folder in which something lies.

        Raises:
            HomeError: there is something.
            KeyFileError: it cannot be looked into.
        """
        with _disk_errors():
            if self._path.exists() and any(self._path.iterdir()):
                raise HomeError(
                    "folder_not_empty",
                    "this folder is not empty",
                    "a federation is founded in a folder of its own: --dir",
                )

    def check(self) -> None:
        """Refuse a folder that is no federation's.

        Raises:
            HomeError: it has neither a root file nor a founding that waits.
        """
        if not self.is_founded and not self._pending.is_there:
            raise HomeError(
                "no_federation",
                "there is no federation in this folder",
                "homeward federation create founds one; --dir names its folder",
            )

    def check_founded(self) -> None:
        """Refuse a folder whose federation is not founded yet.

        Raises:
            HomeError: it is no federation's, or its founding still waits.
        """
        self.check()
        if not self.is_founded:
            raise HomeError(
                "not_founded",
                "this federation is not founded yet",
                "its founding has to be signed and published first: homeward federation pending",
            )

    @property
    def has_pending(self) -> bool:
        """Whether a change waits, in whatever state."""
        return self._pending.is_there

    def load_root(self) -> bytes:
        """Read the first root file.

        Raises:
            KeyFileError: it cannot be read.
        """
        return load_file(self._root, limits.DIRECTORY_ROOT_BYTES)

    def load_public(self) -> dict[str, bytes]:
        """Read the directory's files; none before the founding.

        Raises:
            KeyFileError: a file cannot be read.
        """
        # Without root.json, what lies there is left over from a founding that crashed.
        with _disk_errors():
            return self._public.load() if self.is_founded else {}

    def load_pending(self) -> dict[str, bytes]:
        """Read the files of the change that waits; none when there is none.

        Raises:
            KeyFileError: a file cannot be read.
        """
        public = self.load_public()
        with _disk_errors():
            pending = self._pending.load()
        # What public/ has already was published just before a crash.
        return {name: data for name, data in pending.items() if public.get(name) != data}

    def keep_pending(self, files: DirectoryFiles) -> None:
        """Replace the change that waits; without files, remove it.

        Raises:
            KeyFileError: it cannot be written.
        """
        with _disk_errors():
            if files:
                self._pending.store(files)
            else:
                self._pending.remove()

    def store_published(self, files: DirectoryFiles, left: DirectoryFiles) -> None:
        """Make a published directory the folder's; `left` of the change goes on waiting.

        Raises:
            KeyFileError: it cannot be written.
        """
        with _disk_errors():
            self._public.store(files)
        if not self.is_founded:
            # If we crash before this line, nothing was founded, and all of it still waits.
            store_file(self._root, files[metadata_name("root", 1)], is_replacing=False)
        # If we crash here, what was published lies in both folders: see `load_pending`.
        self.keep_pending(left)


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise HomeError(
            "folder_in_use",
            "another homeward command is at work in this folder",
            "wait for it to end, then try again",
        ) from error


@contextlib.contextmanager
def _disk_errors() -> Generator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise KeyFileError(f"the federation's folder cannot be used: {reason}") from error
