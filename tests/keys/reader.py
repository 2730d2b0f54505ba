"""A node's side of the directory: a folder, the pinned root, and peers that relay files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from keys.directory import Directory, DirectoryOutcome, load_kept_directory, update_directory
from keys.directory_files import DirectoryFolder
from keys.errors import DirectoryError, DirectoryFault
from tests.keys.forge import NOW_MS, Forge


class Source:
    """A relaying peer: answers from its files and notes what it was asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []

    def fetch(self, name: str) -> bytes | None:
        self.asked.append(name)
        return self.files.get(name)


class Node:
    """Keeps what it has taken in a folder."""

    def __init__(self, folder: Path, forge: Forge) -> None:
        self.folder = DirectoryFolder(folder)
        self.path = folder
        self.trusted_root = forge.trusted_root
        self.update(forge.files)

    def update(self, files: Mapping[str, bytes], *, now_ms: int = NOW_MS) -> list[str]:
        """Take an update; return what the source was asked for."""
        source = Source(files)
        self.take(source, now_ms=now_ms)
        return source.asked

    def take(self, source: Source, *, now_ms: int = NOW_MS) -> DirectoryOutcome:
        outcome = update_directory(
            self.folder.load(), source.fetch, self.trusted_root, now_ms=now_ms
        )
        self.folder.store(outcome.files)
        return outcome

    def refuses(self, files: Mapping[str, bytes], *, now_ms: int = NOW_MS) -> DirectoryFault:
        """Assert that the update is refused and nothing changed; return why."""
        before = self.content()
        with pytest.raises(DirectoryError) as caught:
            self.update(files, now_ms=now_ms)
        assert self.content() == before
        return caught.value.code

    def content(self) -> dict[str, tuple[bytes, int]]:
        return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in self.path.iterdir()}

    def directory(self) -> Directory:
        return load_kept_directory(self.folder.load(), self.trusted_root)
