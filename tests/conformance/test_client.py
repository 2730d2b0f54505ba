"""The conformance client as a process, and the conformance suite itself where it is at hand."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

CLIENT = Path(__file__).with_name("client.py")
NOW = datetime.datetime.now(datetime.UTC)
HELLO, INNER = b"hello\n", b"from a delegated role\n"


class Repository:
    """A TUF repository with ordinary keys, in memory."""

    def __init__(self) -> None:
        self.signer = CryptoSigner.generate_ed25519()
        self.served: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.version = 0
        self.root = Root(consistent_snapshot=True)
        for role in ("root", "targets", "snapshot", "timestamp"):
            self.root.add_key(self.signer.public_key, role)
        self.trusted_root = self.signed(self.root, days=30)
        self.publish()

    def signed(self, part: object, *, days: int) -> bytes:
        part.expires = NOW.replace(microsecond=0) + datetime.timedelta(days=days)
        metadata = Metadata(part)
        metadata.sign(self.signer)
        return metadata.to_bytes()

    def publish(self, *, days: int = 7) -> None:
        """Make the next version of everything but the root."""
        self.version += 1
        key = self.signer.public_key
        inner = DelegatedRole("inner/role", [key.keyid], 1, terminating=False, paths=["inner/*"])
        parts = {
            "targets": Targets(
                targets={"hello.txt": self.artifact("hello.txt", HELLO)},
                delegations=Delegations({key.keyid: key}, {inner.name: inner}),
            ),
            "inner%2Frole": Targets(
                targets={"inner/file": self.artifact("inner/file", INNER)},
            ),
            "snapshot": Snapshot(
                meta={
                    "targets.json": MetaFile(self.version),
                    "inner/role.json": MetaFile(self.version),
                }
            ),
        }
        for role, part in parts.items():
            part.version = self.version
            name = f"metadata/{self.version}.{role}.json"
            self.served[name] = self.signed(part, days=days)
        timestamp = Timestamp(version=self.version, snapshot_meta=MetaFile(self.version))
        self.served["metadata/timestamp.json"] = self.signed(timestamp, days=days)

    def artifact(self, path: str, data: bytes) -> TargetFile:
        target = TargetFile.from_data(path, data)
        self.served[f"targets/{target.get_prefixed_paths()[0]}"] = data
        return target


@pytest.fixture(name="repository")
def _repository() -> Repository:
    return Repository()


@pytest.fixture(name="url")
def _url(repository: Repository) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/")
            repository.asked.append(name)
            data = repository.served.get(name)
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


class Runner:
    """Runs the client against the repository, with folders of its own."""

    def __init__(self, folder: Path, repository: Repository, url: str) -> None:
        self.metadata, self.targets = folder / "metadata", folder / "targets"
        self.metadata.mkdir()
        self.targets.mkdir()
        self.root = folder / "root.json"
        self.root.write_bytes(repository.trusted_root)
        self.url = url

    def run(self, command: str, *more: str) -> int:
        told = ["--metadata-dir", str(self.metadata), "--metadata-url", f"{self.url}/metadata"]
        done = subprocess.run(
            [sys.executable, str(CLIENT), *told, command, *more], check=False, timeout=60
        )
        return done.returncode

    def init(self) -> None:
        assert self.run("init", str(self.root)) == 0

    def download(self, path: str) -> int:
        places = ["--target-base-url", f"{self.url}/targets/", "--target-dir", str(self.targets)]
        return self.run("download", "--target-name", path, *places)

    def kept(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.metadata.iterdir()}


@pytest.fixture(name="runner")
def _runner(tmp_path: Path, repository: Repository, url: str) -> Runner:
    runner = Runner(tmp_path, repository, url)
    runner.init()
    return runner


def test_refresh_takes_the_metadata_as_it_came(runner: Runner, repository: Repository) -> None:
    assert runner.kept() == {"root.json": repository.trusted_root}
    assert runner.run("refresh") == 0
    names = ("2.root", "timestamp", "1.snapshot", "1.targets")
    assert repository.asked == [f"metadata/{name}.json" for name in names]
    assert runner.kept() == {
        "root.json": repository.trusted_root,
        "timestamp.json": repository.served["metadata/timestamp.json"],
        "snapshot.json": repository.served["metadata/1.snapshot.json"],
        "targets.json": repository.served["metadata/1.targets.json"],
    }


def test_download_finds_targets_also_by_way_of_a_delegation(
    runner: Runner, repository: Repository
) -> None:
    assert runner.download("hello.txt") == 0
    assert runner.download("inner/file") == 0
    assert runner.download("nowhere") == 1
    kept = {path.name: path.read_bytes() for path in runner.targets.iterdir()}
    assert kept == {"hello.txt": HELLO, "inner%2Ffile": INNER}
    assert "metadata/1.inner%2Frole.json" in repository.asked
    assert "inner%2Frole.json" in runner.kept()


def test_artifact_that_was_changed_is_refused(runner: Runner, repository: Repository) -> None:
    (name,) = [name for name in repository.served if name.endswith(".hello.txt")]
    for changed in (HELLO.upper(), HELLO + b"more", HELLO[:-1]):
        repository.served[name] = changed
        assert runner.download("hello.txt") == 1
    assert list(runner.targets.iterdir()) == []


def test_rollback_is_refused_and_nothing_changes(runner: Runner, repository: Repository) -> None:
    old = dict(repository.served)
    repository.publish()
    assert runner.run("refresh") == 0
    before = runner.kept()
    repository.served = old
    assert runner.run("refresh") == 1
    assert runner.kept() == before


def test_expired_metadata_is_refused_and_nothing_changes(
    runner: Runner, repository: Repository
) -> None:
    assert runner.run("refresh") == 0
    before = runner.kept()
    repository.publish(days=-1)
    assert runner.run("refresh") == 1
    assert runner.kept() == before


def test_root_file_that_is_none_is_asked_nothing_for(
    runner: Runner, repository: Repository
) -> None:
    runner.root.write_bytes(repository.trusted_root.replace(b'"sig":"', b'"sig":"00'))
    runner.init()
    assert runner.run("refresh") == 1
    assert repository.asked == []


def test_conformance_suite_passes_against_the_walk() -> None:
    folder = os.environ.get("HOMEWARD_TUF_CONFORMANCE")
    if folder is None:
        pytest.skip(
            "HOMEWARD_TUF_CONFORMANCE names no checkout of theupdateframework/tuf-conformance"
        )
    if shutil.which("faketime") is None:
        pytest.skip("the conformance suite needs the program faketime")
    told = ["--entrypoint", f"{sys.executable} {CLIENT}", "--rootdir", folder]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "tuf_conformance", *told],
        cwd=folder,
        check=False,
        timeout=1800,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
