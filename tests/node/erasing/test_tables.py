"""Whoever adds a table decides what becomes of it when a case, or a leg, is erased."""

from __future__ import annotations

from node.store.cases import ERASED_WITH_A_CASE
from tests.node.erasing.conftest import LATIN, Scene
from tests.support.network import BE

# With a column case_id, and nothing of what a case says.
STAY_WITH_A_CASE = {"legs", "erasures"}
# With a column leg_id: stubs, ids, times, digests.
OF_A_LEG = {
    "messages", "settled_messages", "legs", "erasures", "outbox", "reminders", "approvals",
    "case_origins", "taken_fields", "taken_ids", "settlements", "tellings",
}  # fmt: skip


async def test_every_table_that_knows_of_a_case_is_erased_with_it_or_holds_nothing(
    scene: Scene,
) -> None:
    def columns(db) -> dict[str, set[str]]:
        names = [*db.table_names(), *db.view_names()]
        return {
            name: {row[1] for row in db.execute(f"PRAGMA table_info({name})")} for name in names
        }

    found = await scene.network.cores[BE].store.read(columns)
    of_case = {name for name, names in found.items() if "case_id" in names}
    assert of_case == {*ERASED_WITH_A_CASE, *STAY_WITH_A_CASE}
    assert {name for name, names in found.items() if "leg_id" in names} == OF_A_LEG


async def test_what_was_typed_into_forms_goes_too(scene: Scene) -> None:
    core = scene.network.cores[BE]
    leg = await scene.refer()
    forms = [
        "/users/new",
        f"/cases/{scene.case_id}/change",
        f"/referrals/{leg.hex()}/note",
        "search",
    ]

    def type_into(db) -> None:
        db.execute("INSERT INTO users VALUES ('u', 'n', 'r', 'en', 1, 1, 'a', '', x'', 0)")
        for form in forms:
            words = LATIN if form != forms[0] else "nobody"
            db.execute("INSERT INTO drafts VALUES ('u', ?, ?, 1)", [form, words])

    await core.store.write(type_into)
    await core.erasing.erase_case(
        scene.case_id, "subject_request", made_by="anna", has_also_open=True
    )
    left = await core.store.read(lambda db: db.execute("SELECT form FROM drafts").fetchall())
    assert left == [(forms[0],)]
    assert scene.found(BE) == {}
