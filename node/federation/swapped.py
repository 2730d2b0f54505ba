"""A folder of directory files whose content is exchanged as a whole.

The new content is written beside it as `.NAME.new`, the old one renamed to `.NAME.old`,
the new one renamed to its place. A crash leaves the old content or the new one, and
rests that `settle` clears away. Only for folders that one process writes at a time.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from keys.directory_files import DirectoryFiles, DirectoryFolder, file_limit
from keys.files import sync_folder


class SwappedFolder:
    """One such folder, which need not be there. Every method may raise OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._new = path.with_name(f".{path.name}.new")
        self._old = path.with_name(f".{path.name}.old")

    def load(self) -> dict[str, bytes]:
        """Read the files in force; none when there is no folder.

        Raises:
            KeyFileError: a file cannot be read.
        """
        folder = self._in_force()
        return DirectoryFolder(folder).load() if folder.is_dir() else {}

    @property
    def is_there(self) -> bool:
        """Whether the folder is there, perhaps under its other name."""
        return self._in_force().is_dir()

    def store(self, files: DirectoryFiles) -> None:
        """Exchange the content; what else lies in the folder stays there.

        Raises:
            DirectoryError, KeyFileError: a file cannot be written; nothing has changed.
        """
        self.settle()
        self._new.mkdir(mode=0o700)
        DirectoryFolder(self._new).store(files)
        if self.path.exists():
            self.path.rename(self._old)
        # If we crash here both lie there, and `settle` ends the exchange.
        self._new.rename(self.path)
        sync_folder(self.path.parent)
        self.settle()

    def remove(self) -> None:
        """Remove the folder."""
        self.settle()
        if self.path.exists():
            self.path.rename(self._old)
            sync_folder(self.path.parent)
            # If we crash here it is gone already; the rest goes with the next command.
            shutil.rmtree(self._old)

    def settle(self) -> None:
        """End an exchange that a crash interrupted, or undo it.

        Alone, `.new` was not whole yet, and `.old` was to go.
        """
        if self._in_force() == self._new:
            self._new.rename(self.path)
            sync_folder(self.path.parent)
        if self._new.exists():
            shutil.rmtree(self._new)
        if self._old.exists():
            self._keep_strangers()
            shutil.rmtree(self._old)

    def _in_force(self) -> Path:
        is_between = not self.path.exists() and self._old.exists() and self._new.exists()
        return self._new if is_between else self.path

    def _keep_strangers(self) -> None:
        for each in self._old.iterdir():
            if self.path.is_dir() and file_limit(each.name) is None:
                each.rename(self.path / each.name)
