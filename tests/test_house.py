"""The house rules that no other tool checks."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
DISTRIBUTION = "homeward-node"

# Folders that tools make; nothing in them is ours.
NOT_OURS = {".demo", ".git", ".venv", "__pycache__", "build", "dist", "node_modules"}
CACHES = re.compile(r"\.(hypothesis|import_linter_cache|mypy_cache|pytest_cache|ruff_cache)$")

# Put together here, so that this file does not contain what it forbids.
REGISTRY_HOSTS = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in [
            ("files", "pythonhosted", "org"),
            ("pypi", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("deb", "debian", "org"),
            ("archive", "ubuntu", "com"),
            ("proxy", "golang", "org"),
            ("static", "crates", "io"),
        ]
    )
)
MACHINE_PATH = re.compile(r"(?<![\w.])/" + r"(?:work|root|opt/\w+|home/\w+|Users/\w+|tmp/\w+)/")


def our_text_files() -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every file of the project that is text."""
    for path in sorted(REPOSITORY.rglob("*")):
        name = path.relative_to(REPOSITORY)
        if any(part in NOT_OURS or CACHES.match(part) for part in name.parts):
            continue
        if path.is_file() and not path.is_symlink():
            try:
                yield name.as_posix(), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def places(pattern: re.Pattern[str], *, except_below: str = "\0") -> list[str]:
    """Return `file:line` of every match."""
    return [
        f"{name}:{number}"
        for name, text in our_text_files()
        if not name.startswith(except_below)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_files_of_every_folder_are_searched() -> None:
    names = {name for name, _ in our_text_files()}
    assert {"Makefile", ".ci/run", "protocol/limits.py", "requirements/run.txt"} <= names


def test_no_file_names_a_registry_host() -> None:
    assert places(REGISTRY_HOSTS) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    # The operating guide names the folders of an installed service.
    assert places(MACHINE_PATH, except_below="deploy/") == []


def test_requirements_hold_hashes_and_no_index() -> None:
    for path in (REPOSITORY / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        pinned = re.findall(r"^[a-z0-9][^\s=]*==", text, re.MULTILINE)
        hashed = re.findall(r"^[a-z0-9][^\n]*\\\n +--hash=sha256:", text, re.MULTILINE)
        assert len(pinned) == len(hashed) > 0
        assert "://" not in text
        assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE)


def test_every_runtime_requirement_is_locked() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[<>=]", line)[0] for line in project["dependencies"]}
    for name in ("run.txt", "dev.txt"):
        text = (REPOSITORY / "requirements" / name).read_text(encoding="utf-8")
        assert wanted - set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)) == set()


@pytest.mark.parametrize("package", ["node", "protocol", "keys", "tests"])
def test_no_other_distribution_owns_our_top_level_names(package: str) -> None:
    owners = importlib.metadata.packages_distributions().get(package, [])
    assert set(owners) <= {DISTRIBUTION}


@pytest.mark.parametrize("package", ["node", "protocol", "keys"])
def test_packages_are_loaded_from_this_checkout(package: str) -> None:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin == str(REPOSITORY / package / "__init__.py")


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_mentioned_exists(document: str) -> None:
    path = REPOSITORY / document
    if not path.exists():
        pytest.skip(f"there is no {document}")
    text = path.read_text(encoding="utf-8")
    mentioned = set(re.findall(r"(?:`|^\s*(?:\$ )?)make ([a-z][a-z-]*)", text, re.MULTILINE))
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert mentioned - set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE)) == set()
    assert mentioned


def test_generated_code_is_what_the_proto_files_produce() -> None:
    command = [sys.executable, str(REPOSITORY / "proto" / "generate.py"), "--check"]
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
