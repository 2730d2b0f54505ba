"""The demo: it tells, proves, goes on running, and ends cleanly when interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from node.cli.demo import scene
from node.cli.demo.place import Place
from tests.support.commands import Result, homeward
from tests.support.processes import environment, soon

SECRETS = (*scene.NAMES, *scene.KEPT_AT_HOME, *scene.WORDS)
CLAIMS = 16


@dataclass(frozen=True)
class Told:
    """What a demo printed and left, and what was tried while its nodes ran on."""

    folder: Path
    text: str
    listed: Result
    second: Result
    code: int


@pytest.fixture(scope="module")
def told(tmp_path_factory, cache) -> Told:
    place = tmp_path_factory.mktemp("demo")
    output = place / "output"
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "node", "demo", "--dir", "d"],
            stdout=out,
            stderr=out,
            cwd=place,
            env=environment(cache),
        )
    try:
        soon(lambda: _has_told(process, output), 120)
        listed = homeward("referral", "list", "--home", str(place / "d" / "gr"))
        second = homeward("demo", "--once", "--dir", str(place / "d"))
        process.send_signal(signal.SIGINT)
        code = process.wait(30)
    finally:
        process.kill()
        process.wait()
    return Told(place / "d", output.read_text(encoding="utf-8"), listed, second, code)


def _has_told(process: subprocess.Popen, output: Path) -> bool:
    text = output.read_text(encoding="utf-8")
    assert process.poll() is None, text
    return "Ctrl-C ends them." in text


def test_every_step_says_what_it_proved(told: Told) -> None:
    for heading in ("0. ", "1. ", "2. ", "3. ", "4. ", "5. ", "6. "):
        assert f"\n{heading}" in told.text
    assert told.text.count("  proven: ") == CLAIMS
    assert f"All {CLAIMS} claims were checked and hold." in told.text


def test_its_nodes_go_on_running_until_it_is_interrupted(told: Told) -> None:
    assert told.listed.code == 0
    assert "from be.voorbeeld  tracing_request  2  closed" in told.listed.out
    assert told.code == 0
    assert [str(path) for path in told.folder.rglob("node.sock")] == []


def test_a_second_demo_does_not_disturb_one_that_runs(told: Told) -> None:
    assert (told.second.code, "still runs" in told.second.errors) == (1, True)
    assert told.code == 0


def test_its_evidence_can_be_verified_by_the_commands_that_it_prints(told: Told) -> None:
    bundles = sorted((told.folder / "evidence").glob("*.zip"))
    assert len(bundles) == 3
    for bundle in bundles:
        assert f"homeward audit verify d/evidence/{bundle.name} --root d/root.json" in told.text
        root = str(told.folder / "root.json")
        verified = homeward("audit", "verify", str(bundle), "--root", root)
        assert (verified.code, verified.out.startswith("PROVEN: ")) == (0, True)


def test_no_file_that_it_leaves_can_be_read(told: Told) -> None:
    files = [path for path in told.folder.rglob("*") if path.is_file()]
    assert {"node.db", "node.log", "root.json"} <= {path.name for path in files}
    readable = [
        (str(path), secret)
        for path in files
        for secret in SECRETS
        if secret.encode() in path.read_bytes()
    ]
    assert readable == []
    open_to_others = [str(path) for path in files if path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_a_rerun_begins_anew(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOMEWARD_PASSPHRASE", "of somebody's own node")
    place = Place(tmp_path / "d")
    place.prepare()
    first = place.unlock("be").read_text()
    (place.folder / "left over").touch()
    place.prepare()
    assert not (place.folder / "left over").exists()
    assert place.unlock("be").read_text() != first


def test_a_folder_that_it_did_not_make_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("four years of work")
    result = homeward("demo", "--once", "--dir", str(tmp_path))
    assert (result.code, "was not made by the demo" in result.errors) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
