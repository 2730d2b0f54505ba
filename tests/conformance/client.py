#!/usr/bin/env python3
"""The directory walk as a client of ordinary TUF repositories, for the conformance suite.

Speaks the command line that theupdateframework/tuf-conformance asks of a client (init,
refresh, download; exit code 0 or 1). What is tested so is `keys/directory_walk.py`, with
such keys and targets as any repository has. Only what Homeward has no use for is added:
metadata on disk under names without versions, the search through delegations, artifacts.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

# Run as a script, from any folder.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tuf.api.exceptions import RepositoryError

from keys.directory_walk import Dialogue, DirectoryWalk, FileRequest, Walk
from keys.errors import DirectoryError
from protocol import limits

MAX_ROLES = 32
TIMEOUT_SECONDS = 30

Fetch = Callable[[FileRequest], bytes | None]


class NotFound(Exception):
    """No role that may speak for it names the target."""


def fetch_from(base_url: str) -> Fetch:
    """Return a source of files; of a file that is too long it gives one byte too many."""

    def fetch(wanted: FileRequest) -> bytes | None:
        url = f"{base_url.rstrip('/')}/{wanted.name}"
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
                return answer.read(wanted.max_bytes + 1)
        except urllib.error.HTTPError as error:
            if error.code in {403, 404}:
                return None
            raise

    return fetch


def run(walk: Walk, fetch: Fetch) -> None:
    dialogue = Dialogue(walk)
    while (wanted := dialogue.wanted) is not None:
        dialogue.give(fetch(wanted))


class Client:
    """A folder of metadata, and the repository that it follows."""

    def __init__(self, folder: Path, metadata_url: str) -> None:
        self.folder = folder
        self.fetch = fetch_from(metadata_url)
        trusted_root = (folder / "root.json").read_bytes()
        now_ms = int(time.time() * 1000)
        self.walk = DirectoryWalk(self._current(), trusted_root, at_ms=now_ms)

    def take(self, walk: Walk) -> None:
        """Run a walk, and keep the metadata it accepted even if it then fails."""
        try:
            run(walk, self.fetch)
        finally:
            # Of the root files, which come in their order, the last one stays.
            for name, data in self.walk.files.items():
                self._keep(name, data)

    def refresh(self) -> None:
        self.take(self.walk.top_level())

    def download(self, path: str, targets_url: str, folder: Path) -> None:
        self.refresh()
        self.take(self._search(path))
        kept = folder / quote(path, safe="")
        with contextlib.suppress(OSError, RepositoryError):
            self.found.verify_length_and_hashes(kept.read_bytes())
            return
        request = FileRequest(self.found.get_prefixed_paths()[0], self.found.length)
        artifact = self.walk.take(request, self.found.verify_length_and_hashes)
        run(artifact, fetch_from(targets_url))
        kept.write_bytes(self.walk.files[request.name])

    def _search(self, path: str) -> Walk:
        """Search the roles depth first, in the order of their delegations; set `found`."""
        waiting, seen = [("targets", "root")], set()
        while waiting and len(seen) <= MAX_ROLES:
            role, delegator = waiting.pop()
            if role in seen:
                continue
            seen.add(role)
            yield from self.walk.targets(role, delegator, limits.DIRECTORY_TARGETS_BYTES)
            targets = self.walk.trusted[role]
            if path in targets.targets:
                self.found = targets.targets[path]
                return
            children = []
            for child, is_terminating in (
                targets.delegations.get_roles_for_target(path) if targets.delegations else ()
            ):
                children.append((child, role))
                if is_terminating:
                    waiting = []
                    break
            waiting += reversed(children)
        raise NotFound(path)

    def _current(self) -> dict[str, bytes]:
        """Return the metadata at hand under the names that the repository gives it."""
        current = {}
        for path in self.folder.glob("*.json"):
            data = path.read_bytes()
            with contextlib.suppress(ValueError, KeyError, TypeError):
                version = json.loads(data)["signed"]["version"]
                name = path.name if path.name == "timestamp.json" else f"{version}.{path.name}"
                current[name] = data
        return current

    def _keep(self, name: str, data: bytes) -> None:
        plain = name if name == "timestamp.json" else name.partition(".")[2]
        part = self.folder / f"{plain}.part"
        part.write_bytes(data)
        part.replace(self.folder / plain)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="TUF client for the conformance suite")
    parser.add_argument("command", choices=("init", "refresh", "download"))
    parser.add_argument("root", nargs="?", type=Path, help="root file to trust, for init")
    parser.add_argument("--metadata-dir", type=Path, required=True)
    parser.add_argument("--metadata-url", default="")
    parser.add_argument("--target-name")
    parser.add_argument("--target-base-url", "--target-url", dest="targets_url", default="")
    parser.add_argument("--target-dir", type=Path)
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    try:
        if arguments.command == "init":
            root = arguments.root.read_bytes()
            (arguments.metadata_dir / "root.json").write_bytes(root)
            return 0
        client = Client(arguments.metadata_dir, arguments.metadata_url)
        if arguments.command == "refresh":
            client.refresh()
        else:
            client.download(arguments.target_name, arguments.targets_url, arguments.target_dir)
    except (DirectoryError, NotFound, OSError, http.client.HTTPException) as error:
        detail = getattr(error, "detail", "")
        print(f"client: error: {error or type(error).__name__} {detail}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
