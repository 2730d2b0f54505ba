"""Scripts of commands on real homes: what a person types and sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import play

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.txt"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_script(script: Path, federation, tmp_path: Path) -> None:
    names = {name: str(federation.home(f"{name}.example").folder) for name in ("be", "gr")}
    play(script, {**names, "tmp": str(tmp_path)})
