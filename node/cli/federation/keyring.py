"""Open key files for the federation's commands, and ask for each passphrase once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from node.cli.reach import ask_passphrase
from node.home import find_passphrase

if TYPE_CHECKING:
    from keys.tuf_keys import CompositeSigner


class KeyRing:
    """Opens key files; a passphrase that was typed is tried on the next one as well."""

    def __init__(self, unlock_file: Path | None) -> None:
        """`unlock_file`: the file with the passphrase of all of them, if there is one."""
        self._unlock_file = absolute(unlock_file)
        self._typed: list[bytes] = []

    def open(self, path: Path) -> CompositeSigner:
        """Open a key file.

        Raises:
            KeysError, HomeError: it does not open, or there is no passphrase.
        """
        from keys.errors import WrongPassphrase
        from keys.tuf_keys import load_directory_key

        given = find_passphrase(Path(), self._unlock_file)
        if given:
            return load_directory_key(path, given)
        for passphrase in self._typed:
            try:
                return load_directory_key(path, passphrase)
            except WrongPassphrase:
                continue
        passphrase = ask_passphrase(of=path.name)
        signer = load_directory_key(path, passphrase)
        self._typed.append(passphrase)
        return signer


def absolute(unlock_file: Path | None) -> str:
    """Return the path of an unlock file as `find_passphrase` takes it."""
    return "" if unlock_file is None else str(unlock_file.absolute())
