"""`case.search` and `case.add` as the command line and the socket call them."""

from __future__ import annotations

import json

import pytest
from google.protobuf import json_format

from node.app import Core
from node.commands import run_command
from node.errors import ArgumentError, NodeError
from tests.support.cases import belgian_case


async def add(core: Core, text: str, **arguments) -> dict:
    return await run_command(core, "case.add", {"case": text, "made_by": "a", **arguments})


def belgian_text() -> str:
    case = belgian_case()
    del case.files[:]
    return json_format.MessageToJson(case)


async def test_a_case_cannot_be_added_twice_unless_somebody_says_so(core: Core) -> None:
    first = (await add(core, belgian_text()))["case_id"]
    with pytest.raises(NodeError) as refusal:
        await add(core, belgian_text())
    assert refusal.value.code == "possible_duplicate"
    assert first in refusal.value.hint
    # An error tells where to look; it holds nothing of the case.
    assert "Eléni" not in refusal.value.hint
    assert len(await core.cases.list()) == 1
    assert (await add(core, belgian_text(), not_a_duplicate=True))["case_id"] != first


async def test_a_case_that_comes_with_its_id_is_found_under_it(core: Core) -> None:
    first = (await add(core, belgian_text()))["case_id"]
    again = json.loads(belgian_text())
    again["federatedId"] = first
    with pytest.raises(NodeError) as refusal:
        await add(core, json.dumps(again))
    assert refusal.value.code == "possible_duplicate"
    assert len(await core.cases.list()) == 1


async def test_a_search_answers_with_codes_words_and_names_as_recorded(core: Core) -> None:
    case_id = (await add(core, belgian_text()))["case_id"]
    answer = await run_command(core, "case.search", {"query": "ΕΛΕΝΗ ΠΑΠΑΔΑΚΗ"})
    (hit,) = answer["hits"]
    assert json.loads(json.dumps(hit)) == {
        "case_id": case_id,
        "score": 1.0,
        "part": "child",
        "place": "children[0]",
        "reasons": ["same"],
        "words": "child: the same name",
        "shown": ["Eléni Papadákis", "Ελένη Παπαδάκη"],
    }
    for query, shown in (
        ("NA.11.000001/2026", ["Namur"]),
        ("Invented Source", ["Invented Source"]),
        ("2026-0117", ["Eléni Papadákis", "Ελένη Παπαδάκη"]),
    ):
        (hit,) = (await run_command(core, "case.search", {"query": query}))["hits"]
        assert hit["shown"] == shown


@pytest.mark.parametrize(
    "arguments", [{}, {"query": 7}, {"query": ""}, {"query": "a", "limit": "b"}]
)
async def test_a_search_that_is_none_is_refused(core: Core, arguments: dict) -> None:
    with pytest.raises(ArgumentError):
        await run_command(core, "case.search", arguments)


async def test_a_malformed_case_is_refused_as_before(core: Core) -> None:
    with pytest.raises(NodeError) as refusal:
        await add(core, json.dumps({"status": "x" * 10_000, "children": [{"names": [{}] * 9_000}]}))
    assert refusal.value.code == "bad_case"
    assert await core.cases.list() == []
