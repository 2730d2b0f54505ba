"""Step 6: evidence, checked offline with the root alone, and a changed byte."""

from __future__ import annotations

from pathlib import Path

from node.cli.demo import scene
from node.cli.demo.place import Place
from node.cli.demo.telling import Teller

# Whose home, which message of the thread, into which file.
BUNDLES = (
    ("be", "1", "referral-from-belgium.zip"),
    ("gr", "1", "referral-from-greece.zip"),
    ("be", "6", "outcome-from-belgium.zip"),
)


def inspect(place: Place, teller: Teller, leg: str) -> None:
    """Collect bundles, verify them, change one byte of one.

    Raises:
        NodeError: a bundle does not prove what it should, or a changed one does.
    """
    teller.heading("6. An auditor checks, without a node, a network or the child's data")
    paths = [_collect(place, teller, leg, bundle) for bundle in BUNDLES]
    for path in paths:
        verdict = teller.run(*_verify(place, path), is_shown=path is paths[0])
        teller.proven(f"{path.name} proves sent and received", verdict["verdict"] == "proven")
    content = b"".join(path.read_bytes() for path in paths)
    secrets = (*scene.NAMES, *scene.WORDS, *scene.KEPT_AT_HOME)
    teller.proven(
        "the evidence holds no name, no reference and no word of the caseworkers",
        not any(secret.encode() in content for secret in secrets),
    )
    _change_a_byte(place, teller, paths[0])
    teller.say("")
    teller.say("  To check it yourself:")
    for path in paths:
        teller.say(f"  homeward {' '.join(_verify(place, path))}")


def _collect(place: Place, teller: Teller, leg: str, bundle: tuple[str, str, str]) -> Path:
    name, entry, file = bundle
    path = place.evidence / file
    home = str(place.home(name))
    command = ("audit", "evidence", leg[:8], "--message", entry, "--out", str(path))
    teller.run(*command, "--home", home)
    return path


def _verify(place: Place, path: Path) -> tuple[str, ...]:
    return ("audit", "verify", str(path), "--root", str(place.root))


def _change_a_byte(place: Place, teller: Teller, path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    changed = place.folder / "changed.zip"
    changed.write_bytes(data)
    command = _verify(place, changed)
    teller.say("  One byte of it is changed:")
    teller.quote(teller.read(*command)[:3])
    teller.proven("a bundle with one changed byte is refused", teller.exit_code(*command) != 0)
    changed.unlink()
