"""How far two words sound apart, and the keys under which words that sound alike meet.

A sound is one sign:

    a e i o u        vowels; j a glide; N a nasal before a stop, weak
    p b f v          t d T D (thin, this)      s z c (ts) S (sh) Z (zh) C (ch) J (j in joy)
    k g h            l r m n
    1 2 3 4 6 7 8 9  Latin ch, j, c before e, c, sz, g before e, x, cz
    5 % G K B F H X #  letters with two values: đ, ț, and some of Cyrillic, Arabic, Hebrew
    A V W Y U Q E    letters that may be vowels: alif, any, waw, ya, Greek upsilon, ъ, ё
    0 ~              the Arabic ending of women's names; the s in x

The cost of an alignment is what the ear forgives: little for voice (b and p), for
glides and for vowels in a row, more for a vowel, most for a consonant. That is not a
count of edits, so no library has it. Words that are to be compared share a key: the row of their
consonant classes, or what is left of all their classes when one sound is taken away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import accumulate, islice, product
from types import MappingProxyType

from node.finding import limits

_VOWELS = frozenset("aeiouAVWYUQE0")
_VALUES: Mapping[str, str] = {
    "1": "CShk", "2": "jZJh", "3": "sCc", "4": "kc", "6": "Ss", "7": "gJZjh", "8": "hSzk",
    "9": "Cc", "5": "Jd", "%": "ct", "G": "gh", "K": "kg", "B": "bv", "F": "pf", "H": "kh",
    "X": "JgZ", "#": "Ct", "A": "ae", "V": "aeiou", "W": "uov", "Y": "iej", "U": "uvf",
    "Q": "aou", "E": "eo", "0": "aet", "~": "s",
}  # fmt: skip
# What it costs to hear one for the other; pairs that are not here cost a whole sound.
_NEAR = """
bp .25|bv .3|fv .1|fp .3|uv .3|ov .5|dt .25|Tt .1|Dd .1|DT .2|Tf .35|Ts .3|Dz .2
sz .2|Ss .25|Zz .25|SZ .25|CS .35|Cc .25|cs .3|cz .3|Cs .45|JZ .1|CJ .3|Jj .35|Zj .35|Jz .35
Ct .45|Jd .5|gk .25|hk .3|gh .25|hj .5|gj .4|lr .8|mn .6|Nn .02|Nm .02
ij .05|ej .25|ju .4|ei .3|ao .3|ou .3|ae .35|eo .45|iu .4|ai .5|au .5|eu .5|io .55
"""
_VOWEL_FOR_CONSONANT = 1.2
_DROPPED = {
    "j": 0.1, "h": 0.4, "N": 0.35, "A": 0.25, "V": 0.2, "Q": 0.3, "W": 0.45, "Y": 0.3, "U": 0.4,
    "G": 0.8, "2": 0.6, "7": 0.8, "~": 0.3, "E": 0.5,
}  # fmt: skip
_VOWEL_DROPPED, _VOWEL_IN_A_ROW, _VOWEL_NOT_WRITTEN = 0.55, 0.2, 0.04
# At the end of a word those scripts write a vowel, and it often tells a woman's name; a
# last e is often French spelling and not heard.
_LAST_VOWEL_NOT_WRITTEN, _LAST_E_NOT_WRITTEN = 0.7, 0.3
# Between two readings of one spelling: it is still one and the same.
_OTHER_READING = 0.02
_WEIGHTS = {"j": 0.1, "N": 0.35, "h": 0.7}
_VOWEL_WEIGHT = 0.5
_LEAST_WEIGHT = 2.5

_CLASSES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys("pb", ("P",)), **dict.fromkeys("fv", ("F",)), **dict.fromkeys("td", ("T",)),
    **dict.fromkeys("szcSZCJ36", ("S",)), **dict.fromkeys("kgK", ("K",)), "h": ("H", ""),
    **{sound: (sound.upper(),) for sound in "lrmn"}, **dict.fromkeys("TD", ("T", "S")),
    "N": ("N", ""), "G": ("K", "H"), "H": ("K", "H"), "B": ("P", "F"), "F": ("P", "F"),
    "1": ("S", "H", "K"), "2": ("", "S"), "4": ("K", "S"), "5": ("S", "T"), "%": ("S", "T"),
    "7": ("K", "", "S"), "8": ("K", "H", "S"), "9": ("S",), "X": ("S", "K"), "#": ("S", "T"),
    "U": ("F", ""), "W": ("", "F"), "~": ("S", ""),
}  # fmt: skip
# Without vowels to hold them apart, what changes between languages is one.
_COARSE = str.maketrans("FH", "PK")
# Walid and Oualid, Yasin and Iasin.
_GLIDES = frozenset("iujWY")
_BEGINS_WITH_VOWEL = "^"
_LEAST_WITH_A_GAP, _GAPPED_READINGS = 4, 4
_TWICE = re.compile(r"(.)\1+")
_IN_A_RUN = frozenset("aeiouAVYQE0j")
_BACK = frozenset("aouAVQ0")
_BACK_VOWEL, _FRONT_VOWEL = "A", "I"
# A Latin j between two vowels is most often a glide.
_RUNS = re.compile(r"[aeiouAVYQE0j]+(?:2[aeiou][aeiouAVYQE0j]*)*|.")


def alikeness(one: str, other: str, *, is_unvowelled: bool = False) -> float:
    """Return how alike two words sound, 1 for the same, 0 for nothing in common.

    `is_unvowelled`: one of them is in a script that leaves vowels to the reader.
    """
    if one == other:
        return 1.0
    heaviest = max(_weight(one, is_unvowelled), _weight(other, is_unvowelled), _LEAST_WEIGHT)
    return max(0.0, 1 - _cost(one, other, is_unvowelled) / heaviest)


def skeletons(sounds: str) -> frozenset[str]:
    """Return the consonant classes of a word, for each way to read it.

    A vowel at the beginning is told too: every script writes that there is one.
    """
    options = [_CLASSES.get(sound, ("",)) for sound in sounds]
    rows = {row.translate(_COARSE) for row in _rows(options)}
    marked = {_BEGINS_WITH_VOWEL + row for row in rows}
    if sounds[:1] in _GLIDES:
        return frozenset(rows | marked)
    return frozenset(marked if sounds[:1] in _VOWELS else rows)


def rows(sounds: str) -> frozenset[str]:
    """Return the classes of a word with its vowels, for each way to read it."""
    return frozenset(_rows(_options(sounds)))


def gapped(sounds: str) -> frozenset[str]:
    """Return the rows of a word, and each with one sign left out.

    Words that differ by one sound, or by a slip of the pen, have one of these in common.
    """
    found: set[str] = set()
    for row in _rows(_options(sounds))[:_GAPPED_READINGS]:
        found.add(row)
        if len(row) >= _LEAST_WITH_A_GAP:
            found |= {_TWICE.sub(r"\1", row[:gap] + row[gap + 1 :]) for gap in range(len(row))}
    return frozenset(found)


def readings(sounds: str) -> list[str]:
    """Return what a word with two-valued signs may be, the likeliest first."""
    # The rarest value of four (the Spanish j) would make other names of many.
    options = [_VALUES.get(sound, sound)[:3] for sound in sounds]
    return ["".join(reading) for reading in islice(product(*options), limits.READINGS * 2)]


def _options(sounds: str) -> list[tuple[str, ...]]:
    """Return the classes that each consonant and each row of vowels may have."""
    return [
        _vowels(run) if run[0] in _IN_A_RUN else _CLASSES.get(run, ("",))
        for run in _RUNS.findall(sounds)
    ]


def _vowels(run: str) -> tuple[str, ...]:
    """Return the class of vowels in a row; i and glides come and go between languages."""
    if not _BACK.isdisjoint(run):
        return (_BACK_VOWEL,)
    if "E" in run:
        return (_FRONT_VOWEL, _BACK_VOWEL)
    return ("",) if run == "j" else (_FRONT_VOWEL,)


def _rows(options: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the rows of classes that can be chosen, the likeliest first."""
    found: dict[str, None] = {}
    for classes in islice(product(*options), limits.READINGS * 4):
        # Two of a class are one: шч and щ, ts and c.
        found[_TWICE.sub(r"\1", "".join(classes))] = None
    return list(found)[: limits.READINGS]


@lru_cache(maxsize=256)
def _weight(sounds: str, is_unvowelled: bool) -> float:  # noqa: FBT001 - private, on the hot path
    vowel = 0.1 if is_unvowelled else _VOWEL_WEIGHT
    return sum(vowel if s in _VOWELS else _WEIGHTS.get(s, 1.0) for s in sounds)


def _cost(one: str, other: str, is_unvowelled: bool) -> float:  # noqa: FBT001 - as above
    """Return the cost of the best alignment of what is not the same at both ends."""
    begin, end = _common_ends(one, other)
    dropped_of_one = _dropped(one, is_unvowelled)[begin : len(one) - end]
    dropped_of_other = _dropped(other, is_unvowelled)[begin : len(other) - end]
    one, other = one[begin : len(one) - end], other[begin : len(other) - end]
    costs_of = _substitutions()
    others = list(zip(other, dropped_of_other, strict=True))
    row = [0.0, *accumulate(cost for _, cost in others)]
    for sound, dropped in zip(one, dropped_of_one, strict=True):
        costs = costs_of[sound]
        diagonal, left = row[0], row[0] + dropped
        row[0] = left
        for column, (against, other_dropped) in enumerate(others, 1):
            above = row[column]
            left += other_dropped
            # Not min(): this is where a search spends its time.
            if above + dropped < left:  # noqa: PLR1730
                left = above + dropped
            if diagonal + costs[against] < left:  # noqa: PLR1730
                left = diagonal + costs[against]
            row[column], diagonal = left, above
    return row[-1]


def _common_ends(one: str, other: str) -> tuple[int, int]:
    shorter = min(len(one), len(other))
    begin = end = 0
    while begin < shorter and one[begin] == other[begin]:
        begin += 1
    while end < shorter - begin and one[-1 - end] == other[-1 - end]:
        end += 1
    return begin, end


@lru_cache(maxsize=256)
def _dropped(sounds: str, is_unvowelled: bool) -> list[float]:  # noqa: FBT001 - as above
    """Return for each sound what it costs when the other word does not have it."""
    around = f" {sounds} "
    return [
        _vowel_dropped(around[place : place + 3], is_unvowelled)
        if sound in "aeiou"
        else _DROPPED.get(sound, 1.0)
        for place, sound in enumerate(sounds)
    ]


@lru_cache(maxsize=4096)
def _vowel_dropped(around: str, is_unvowelled: bool) -> float:  # noqa: FBT001 - as above
    before, vowel, after = tuple(around)
    if is_unvowelled:
        if after != " ":
            return _VOWEL_NOT_WRITTEN
        return _LAST_E_NOT_WRITTEN if vowel == "e" else _LAST_VOWEL_NOT_WRITTEN
    is_in_a_row = before in _VOWELS or after in _VOWELS
    return _VOWEL_IN_A_ROW if is_in_a_row else _VOWEL_DROPPED


@cache
def _substitutions() -> Mapping[str, Mapping[str, float]]:
    """Return for each sound what it costs to hear it for each other one."""
    near: dict[tuple[str, str], float] = {}
    for row in _NEAR.replace("\n", "|").strip("|").split("|"):
        pair, cost = row.split()
        near[pair[0], pair[1]] = near[pair[1], pair[0]] = float(cost)
    signs = {*"aeiouNjlrmn", *_CLASSES, *_VALUES}
    return MappingProxyType(
        {one: {other: _substitution(one, other, near) for other in signs} for one in signs}
    )


def _substitution(one: str, other: str, near: Mapping[tuple[str, str], float]) -> float:
    if one == other:
        return 0.0
    values = list(product(_VALUES.get(one, one), _VALUES.get(other, other)))
    far = _VOWEL_FOR_CONSONANT if (one in _VOWELS) != (other in _VOWELS) else 1.0
    cost = min(0.0 if a == b else near.get((a, b), far) for a, b in values)
    return cost if len(values) == 1 else cost + _OTHER_READING
