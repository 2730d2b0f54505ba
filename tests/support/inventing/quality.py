"""How many of the labelled pairs are told right: what tests ask for and the bench prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from node.finding.comparing import NOTHING, Alike, align, compare_names, compare_words, judge
from node.finding.indexing import asked_keys, joined_keys, word_keys
from node.finding.names import Word, parse_name
from tests.support.inventing.pairs import Pair


@dataclass(frozen=True)
class Quality:
    """What is told right at one threshold; the pairs that are not, for whoever tunes.

    `recall_indexed` counts only what also shares a key, so that a search comes upon it.
    """

    recall: float
    recall_indexed: float
    precision: float
    missed: tuple[Pair, ...]
    mistaken: tuple[Pair, ...]


def quality(pairs: Iterable[Pair], threshold: float) -> Quality:
    same = indexed = 0
    missed, mistaken = [], []
    for pair in pairs:
        is_found = compare_names(parse_name(pair.left), parse_name(pair.right)).score >= threshold
        if pair.is_same:
            same += 1
            indexed += indexed_score(pair.left, pair.right) >= threshold
            missed += [] if is_found else [pair]
        elif is_found:
            mistaken.append(pair)
    right = same - len(missed)
    return Quality(
        recall=right / same,
        recall_indexed=indexed / same,
        precision=right / max(1, right + len(mistaken)),
        missed=tuple(missed),
        mistaken=tuple(mistaken),
    )


def indexed_score(asked: str, recorded: str) -> float:
    """Return the score of two names when words that share no key are never compared."""
    one, other = parse_name(asked), parse_name(recorded)
    joins = {id(join.word) for join in one.joins}

    def alike(first: Word, second: Word) -> Alike:
        keys = joined_keys(first) if id(first) in joins else asked_keys(first)
        return NOTHING if keys.isdisjoint(word_keys(second)) else compare_words(first, second)

    return judge(one, other, align(one, other, alike)).score
