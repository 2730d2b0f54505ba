"""The labelled pairs: what is found and what is told apart, on names nothing was tuned on."""

from __future__ import annotations

import pytest

from node.finding.comparing import FOUND
from tests.support.inventing.pairs import FOLDER, made_files, read_pairs
from tests.support.inventing.quality import quality

PAIRS = read_pairs()
SCRIPTS_AND_MORE = {"el", "ru", "uk", "bg", "sr", "ka", "hy", "ar", "fa", "es", "cs", "tr"}


@pytest.mark.parametrize("half", ["tune", "judge"])
def test_names_are_found_and_told_apart(half: str) -> None:
    told = quality((pair for pair in PAIRS if pair.half == half), FOUND)
    assert told.recall >= 0.95
    assert told.recall_indexed >= 0.95
    assert told.precision >= 0.90


def test_there_are_enough_pairs_of_every_kind() -> None:
    for half in ("tune", "judge"):
        of_half = [pair for pair in PAIRS if pair.half == half]
        same = [pair for pair in of_half if pair.is_same]
        assert len(same) >= 500
        assert len(of_half) - len(same) >= 4_500
        assert {pair.language for pair in same} >= SCRIPTS_AND_MORE - {"fa"}
        assert {pair.kind for pair in of_half} >= {
            "romanised", "two_systems", "short_form", "father", "double_surname", "female_form",
            "slip", "other_order", "brothers", "brother_and_sister", "near_given", "near_family",
            "other_father", "other_second", "hand",
        }  # fmt: skip
    assert sum(not pair.is_same for pair in PAIRS) >= 5_000


def test_no_pair_stands_in_both_halves() -> None:
    halves = {
        half: {(p.left, p.right) for p in PAIRS if p.half == half} for half in ("tune", "judge")
    }
    assert halves["tune"].isdisjoint(halves["judge"])


def test_the_files_are_what_the_rules_make() -> None:
    for name, content in made_files().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == content, name
