"""The files of the directory: which names there are, how large, and how they are kept.

Names as in a TUF repository with consistent snapshots, all in one folder:
`<n>.root.json`, `<n>.targets.json`, `<n>.snapshot.json`, `timestamp.json`,
`<sha256>.<node id>.member` and, where the role suspend has keys, `<n>.suspend.json`
and `<sha256>.<node id>.suspended`. Only `timestamp.json` ever changes its content; so a
new directory is stored by adding files and replacing that one last. Whether the
content deserves any trust is decided in `directory`, at every load.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final
from urllib.parse import quote

from keys.errors import DirectoryError, DirectoryFault, KeyFileError
from keys.files import TEMPORARY_SUFFIX, load_file, store_file, sync_folder
from protocol import limits

DirectoryFiles = Mapping[str, bytes]
"""Name -> content; see above for the names."""

TIMESTAMP_NAME: Final = "timestamp.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryLimits:
    """How large a directory may be; a node may lower these, peers rely on the rest.

    Raises:
        ValueError: a limit is raised, or leaves no room at all.
    """

    root_bytes: int = limits.DIRECTORY_ROOT_BYTES
    timestamp_bytes: int = limits.DIRECTORY_TIMESTAMP_BYTES
    snapshot_bytes: int = limits.DIRECTORY_SNAPSHOT_BYTES
    targets_bytes: int = limits.DIRECTORY_TARGETS_BYTES
    suspend_bytes: int = limits.DIRECTORY_SUSPEND_BYTES
    member_bytes: int = limits.MEMBER_BYTES
    suspension_bytes: int = limits.SUSPENSION_BYTES
    members_bytes: int = limits.DIRECTORY_MEMBERS_BYTES
    root_rotations: int = limits.DIRECTORY_ROOT_ROTATIONS

    def __post_init__(self) -> None:
        for each in fields(self):
            if not 1 <= getattr(self, each.name) <= each.default:
                raise ValueError(f"{each.name} must be from 1 to {each.default}")


STANDARD_LIMITS: Final = DirectoryLimits()

_NODE_ID: Final = r"[a-z]{2}\.[a-z0-9-]{1,60}"
_LIMITS: Final = (
    (re.compile(r"[1-9][0-9]{0,8}\.root\.json", re.ASCII), STANDARD_LIMITS.root_bytes),
    (re.compile(r"timestamp\.json", re.ASCII), STANDARD_LIMITS.timestamp_bytes),
    (re.compile(r"[1-9][0-9]{0,8}\.snapshot\.json", re.ASCII), STANDARD_LIMITS.snapshot_bytes),
    (re.compile(r"[1-9][0-9]{0,8}\.targets\.json", re.ASCII), STANDARD_LIMITS.targets_bytes),
    (re.compile(r"[1-9][0-9]{0,8}\.suspend\.json", re.ASCII), STANDARD_LIMITS.suspend_bytes),
    (re.compile(rf"[0-9a-f]{{64}}\.{_NODE_ID}\.member", re.ASCII), STANDARD_LIMITS.member_bytes),
    (
        re.compile(rf"[0-9a-f]{{64}}\.{_NODE_ID}\.suspended", re.ASCII),
        STANDARD_LIMITS.suspension_bytes,
    ),
)


def metadata_name(role: str, version: int) -> str:
    """Return the name of a versioned metadata file."""
    # TUF lets a delegated role have any name; ours need no quoting.
    return f"{version}.{quote(role, safe='')}.json"


def metadata_version(name: str, role: str) -> int | None:
    """Return the version in the name of a metadata file of this role, None for other files."""
    version = name.removesuffix(f".{role}.json")
    return int(version) if version != name and file_limit(name) is not None else None


def newest_version(files: DirectoryFiles, role: str) -> int:
    """Return the highest version of a role among the files, 0 when there is none."""
    versions = (metadata_version(name, role) for name in files)
    return max((version for version in versions if version is not None), default=0)


def file_limit(name: str) -> int | None:
    """Return how many bytes a file of this name may have; None: not a directory file.

    A name that passes holds no path separator, and is safe below any folder.
    """
    for pattern, limit in _LIMITS:
        if pattern.fullmatch(name):
            return limit
    return None


class DirectoryFolder:
    """Keeps the files of one directory in a folder of their own, which must exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self) -> dict[str, bytes]:
        """Read all files of the directory; what else lies there is left alone.

        Raises:
            KeyFileError: a file cannot be read, or is too large.
        """
        files = {}
        for path in sorted(self._folder.iterdir()):
            limit = file_limit(path.name)
            if limit is not None:
                files[path.name] = load_file(path, limit)
        return files

    def load_one(self, name: str) -> bytes | None:
        """Read one file, for a peer that asks; None when there is none of this name.

        Raises:
            KeyFileError: it cannot be read, or is too large.
        """
        limit = file_limit(name)
        path = self._folder / name
        return None if limit is None or not path.is_file() else load_file(path, limit)

    def store(self, files: DirectoryFiles) -> None:
        """Make the folder hold exactly these files of a directory.

        1. New files are added; nothing refers to them yet. If we crash here, the old
           directory is still whole.
        2. New root files are added in order. Old metadata still counts under them, unless
           a key was replaced; then a crash here leaves a folder that `load_directory`
           refuses, and the next update mends.
        3. `timestamp.json` is replaced: from here on it is the new directory.
        4. Files that are no longer referred to are removed; a crash leaves some over.

        Raises:
            DirectoryError: MALFORMED, a name is not one of a directory.
            KeyFileError: a file cannot be written.
        """
        if any(file_limit(name) is None for name in files):
            raise DirectoryError(DirectoryFault.MALFORMED, "file name")
        for name in sorted(files, key=_storing_order):
            if name == TIMESTAMP_NAME or not self._holds(name, files[name]):
                store_file(self._folder / name, files[name], is_replacing=True)
        self._remove_all_but(files)

    def _holds(self, name: str, data: bytes) -> bool:
        path = self._folder / name
        return path.exists() and load_file(path, len(data)) == data

    def _remove_all_but(self, files: DirectoryFiles) -> None:
        try:
            for path in self._folder.iterdir():
                name = path.name.removesuffix(TEMPORARY_SUFFIX)
                if file_limit(name) is not None and path.name not in files:
                    path.unlink()
            sync_folder(self._folder)
        except OSError as error:
            raise KeyFileError(f"cannot clean {self._folder}: {error.strerror}") from error


def _storing_order(name: str) -> tuple[int, int]:
    if name == TIMESTAMP_NAME:
        return (2, 0)
    root_version = metadata_version(name, "root")
    return (0, 0) if root_version is None else (1, root_version)
