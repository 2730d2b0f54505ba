"""Europe and its neighbours as a map: which countries have a member, and how it is there.

The shapes are europe.json, which deploy/map/make_europe.py makes. A map is never the only
way to anything: the list beside it says the same, and its links lead there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_SHAPES = Path(__file__).parent / "europe.json"


@dataclass(frozen=True, slots=True)
class Country:
    """A country with a member, as it is drawn; `state` is what weighs most there."""

    code: str
    state: str
    sign: str
    path: str
    x: int
    y: int
    is_small: bool
    """Whether it is too small to be seen or hit without its sign."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """The map with the members of one federation."""

    width: int
    height: int
    land: str
    """All countries without a member, as one path."""
    countries: tuple[Country, ...]
    elsewhere: tuple[str, ...]
    """Countries of members that are not on the map."""
    signs: Mapping[str, str]
    """The states that it shows, with their signs: the legend."""


def drawn(found: Sequence[tuple[str, str]], signs: Mapping[str, str]) -> Drawing:
    """Return the map of members, each a country and a state; `signs` begin with the gravest."""
    order = list(signs)
    states: dict[str, str] = {}
    for code, state in found:
        states[code] = min(state, states.get(code, state), key=order.index)
    shapes = _shapes()
    countries = [
        Country(
            code=code,
            state=states[code],
            sign=signs[states[code]],
            path=shape["d"],
            x=shape["at"][0],
            y=shape["at"][1],
            is_small=shape.get("small", False),
        )
        for code, shape in shapes["countries"].items()
        if code in states
    ]
    shown = {each.state for each in countries}
    return Drawing(
        width=shapes["width"],
        height=shapes["height"],
        land="".join(s["d"] for code, s in shapes["countries"].items() if code not in states),
        # In the order in which somebody goes through the list beside it.
        countries=tuple(sorted(countries, key=lambda each: each.code)),
        elsewhere=tuple(sorted(states.keys() - shapes["countries"].keys())),
        signs=MappingProxyType({state: sign for state, sign in signs.items() if state in shown}),
    )


@cache
def _shapes() -> Mapping[str, Any]:
    shapes: Mapping[str, Any] = json.loads(_SHAPES.read_text())
    return shapes
