"""Any row of changes: every version stays as it was written, and history tells each."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.app import Core
from node.cases.changing import identifiers
from node.cases.editing import assign, remove
from node.errors import NodeError
from protocol.casework.differences import differences
from protocol.pb.homeward.v1.case_pb2 import Case
from tests.support.nodes import DirectLink, Federation, SettableClock, make_federation, open_core

# Each may be done in any state of the case; what it says of nobody is refused.
EDITS = (
    "status=open",
    "status=found_open",
    "category=runaway",
    "countries_to=GR,BG",
    "countries_to=",
    "children[c1].sex=female",
    "children[c1].sex=male",
    "children[c1].names[+].given=Testina",
    "children[c1].names[0].given=Corrigenda",
    "children[+c2].sex=male",
    "children[c2].date_of_birth=2012-02-29",
    "children[c2].date_of_birth=2011-02-29",
    "persons[+p1].roles=witness",
    "legal_situation.return_to_person_id=p1",
    "legal_situation.removals[+].happened_on=2026-03",
    "-children[c1].names[0]",
    "-children[c2]",
    "-persons[p1]",
    "-legal_situation",
    "lead_node=gr.example",
)


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return make_federation(tmp_path_factory.mktemp("any"), ("be.example",))


def done(case: Case, edit: str) -> bool:
    """Do an edit to a case; False when it has no such place."""
    place, _, value = edit.partition("=")
    try:
        if edit.startswith("-"):
            remove(case, edit.removeprefix("-"))
        else:
            assign(case, place, value)
    except NodeError:
        return False
    return True


async def tried(core: Core, case_id: str, base_version: int, case: Case) -> int | str:
    """Return the new version, or why there is none."""
    try:
        return await core.cases.change(case_id, base_version, case, made_by="bo", reason="x")
    except NodeError as error:
        return error.code


async def changed(core: Core, edits: list[tuple[str, int]]) -> None:
    case_id = await core.cases.add(
        Case(children=[{"id": "c1"}], child_count=9), [], made_by="an", reason=""
    )
    written = [(await core.cases.get(case_id)).row]
    for edit, behind in edits:
        case = Case.FromString(written[-1].body)
        if not done(case, edit):
            continue
        outcome = await tried(core, case_id, len(written) - behind, case)
        if isinstance(outcome, str):
            # Nothing was done: the newest version is the one of before.
            assert (await core.cases.get(case_id)).row == written[-1]
            assert behind == 0 or outcome == "case_changed"
            continue
        assert (behind, outcome) == (0, len(written) + 1)
        written.append((await core.cases.get(case_id)).row)
        assert Case.FromString(written[-1].body) == case
    history = await core.cases.history(case_id)
    assert [change.row for change in history] == written
    bodies = [Case(), *(Case.FromString(row.body) for row in written)]
    for change, before, after in zip(history, bodies, bodies[1:], strict=False):
        assert list(change.differences) == differences(before, after) != []
    for number in range(1, len(bodies)):
        used = {each for body in bodies[: number + 1] for each in identifiers(body)}
        assert await core.cases.used_ids(case_id, until=number) == used
    assert await core.cases.used_ids(case_id) == used
    names = {name.given for child in bodies[-1].children for name in child.names}
    for name in ("Testina", "Corrigenda"):
        found = {hit.case_id for hit in await core.finding.find(name, 50)}
        assert (case_id in found) == (name in names)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(EDITS), st.sampled_from((0, 0, 0, 1))), max_size=15))
def test_every_version_stays_and_history_tells_what_each_changed(
    federation: Federation, edits: list[tuple[str, int]]
) -> None:
    async def run() -> None:
        core = open_core(
            federation, "be.example", DirectLink(), SettableClock(), seed=str(next(LIVES))
        )
        try:
            await changed(core, edits)
        finally:
            await core.close()

    asyncio.run(run())


LIVES = iter(range(10**6))
