"""The demo, as `make demo ONCE=1` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from node.cli.demo import scene
from node.cli.demo.place import MARKER
from tests.support.commands import homeward
from tests.support.processes import environment

SECRETS = (*scene.NAMES, *scene.KEPT_AT_HOME, *scene.WORDS)


@pytest.fixture(scope="module")
def told(tmp_path_factory, cache) -> tuple[Path, str]:
    """The folder that the demo leaves, and what it printed."""
    place = tmp_path_factory.mktemp("demo")
    finished = subprocess.run(
        [sys.executable, "-m", "node", "demo", "--once", "--dir", "d"],
        check=False, capture_output=True, text=True, cwd=place, env=environment(cache), timeout=120,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return place / "d", finished.stdout


def test_every_step_says_what_it_proved(told) -> None:
    _, text = told
    for heading in ("0. ", "1. ", "2. ", "3. ", "4. ", "6. "):
        assert f"\n{heading}" in text
    assert text.count("  proven: ") == 14
    assert "All 14 claims were checked and hold." in text


def test_its_evidence_can_be_verified_by_the_commands_that_it_prints(told) -> None:
    folder, text = told
    bundles = sorted((folder / "evidence").glob("*.zip"))
    assert len(bundles) == 3
    for bundle in bundles:
        assert f"homeward audit verify d/evidence/{bundle.name} --root d/root.json" in text
        verified = homeward("audit", "verify", str(bundle), "--root", str(folder / "root.json"))
        assert (verified.code, verified.out.startswith("PROVEN: ")) == (0, True)


def test_no_file_that_it_leaves_can_be_read(told) -> None:
    folder, _ = told
    files = [path for path in folder.rglob("*") if path.is_file()]
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


def test_its_nodes_have_ended(told) -> None:
    folder, _ = told
    assert [str(path) for path in folder.rglob("node.sock")] == []


def test_a_folder_that_it_did_not_make_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("four years of work")
    result = homeward("demo", "--once", "--dir", str(tmp_path))
    assert (result.code, "was not made by the demo" in result.errors) == (1, True)
    assert os.listdir(tmp_path) == ["thesis.txt"]
    assert MARKER not in os.listdir(tmp_path)
