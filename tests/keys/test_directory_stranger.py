"""Two readers of directories: ours, and the stranger's, which knows only SPEC.md.

The stranger reads for evidence, so without the role suspend. Where a file is not of its
form, section 10.4 lets a reader say so in more than one way; both must refuse it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from keys.directory import DirectoryUpdate
from keys.errors import DirectoryError
from keys.members import MemberStatus
from tests.keys.forge import BE, DAY_MS, FR, NOW_MS, Forge, member, refused
from tests.keys.test_directory_form import CHANGES, ROOTS, written
from tests.keys.test_directory_refusals import CASES
from tests.keys.test_directory_suspend_role import ABUSES, DELEGATIONS
from tests.support.stranger_directory import DirectoryFault, Unusable, Walk

FORM = {
    "directory_file_malformed",
    "directory_signature",
    "directory_key_type",
    "directory_unsupported",
}


def ours(files: Mapping[str, bytes], root: bytes, now_ms: int) -> object:
    try:
        update = DirectoryUpdate({}, root, now_ms=now_ms, has_suspensions=False)
    except DirectoryError:
        return "unusable"
    try:
        update.give_all(files.get)
    except DirectoryError as error:
        return error.code.value
    directory = update.outcome.directory
    return directory.federation_id.hex(), directory.version, directory.expires_at_ms


def theirs(files: Mapping[str, bytes], root: bytes, now_ms: int) -> object:
    try:
        walk = Walk(dict(files), root, now_ms)
    except Unusable:
        return "unusable"
    try:
        walk.run()
    except DirectoryFault as fault:
        return str(fault)
    return walk.federation, walk.version, walk.expires_ms


def agreed(forge: Forge, root: bytes | None = None, *, now_ms: int = NOW_MS) -> object:
    trusted_root = root or forge.trusted_root
    mine = ours(forge.files, trusted_root, now_ms)
    yours = theirs(forge.files, trusted_root, now_ms)
    assert mine == yours or {mine, yours} <= FORM
    return mine


@pytest.fixture(name="forge")
def _forge() -> Forge:
    forge = Forge(has_suspend=True)
    forge.suspend(BE)
    return forge


def test_both_read_a_directory_in_order_alike(forge: Forge) -> None:
    forge.put(member(FR), member(BE, status=MemberStatus.SUSPENDED))
    forge.rotate("second")
    assert agreed(forge)[1] == 4
    assert agreed(forge, forge.roots["2.root.json"])[1] == 4
    assert agreed(Forge())[1] == 1


@pytest.mark.parametrize("days", [-1, 0, 1, 6, 7, 30, 400])
def test_both_let_it_expire_at_the_same_time(forge: Forge, days: int) -> None:
    forge.days["suspend"] = 0
    forge.publish("suspend")
    for more_ms in (-1, 0, 1):
        agreed(forge, now_ms=NOW_MS + days * DAY_MS + more_ms)


# In a bundle the limits of 10.1 are seen to before the walk (13.2).
@pytest.mark.parametrize("case", [case for case in CASES if "larger than allowed" not in case])
def test_both_refuse_a_bad_file_alike(forge: Forge, case: str) -> None:
    forge.put(member(FR))
    CASES[case][0](forge)
    # What is wrong with the files of suspend alone is no matter here.
    assert isinstance(agreed(forge), str) or "suspend" in case


@pytest.mark.parametrize("case", CHANGES)
def test_both_are_as_strict_about_the_form(forge: Forge, case: str) -> None:
    role, change = CHANGES[case]
    keys = forge.keys[role]
    forge.publish(role, spoiled={role: lambda data: written(data, change, keys)})
    assert agreed(forge) in FORM


@pytest.mark.parametrize("case", ROOTS)
def test_both_are_as_strict_about_a_root_file(forge: Forge, case: str) -> None:
    root = written(forge.trusted_root, ROOTS[case], forge.keys["root"])
    assert agreed(forge, root) == "unusable"
    forge.versions["root"] = 1
    forge.add_root()
    new = written(forge.roots["2.root.json"], ROOTS[case], forge.keys["root"])
    forge.files["2.root.json"] = new
    assert agreed(forge) in FORM


@pytest.mark.parametrize("case", DELEGATIONS)
def test_both_refuse_other_delegations(forge: Forge, case: str) -> None:
    DELEGATIONS[case][0](forge)
    assert agreed(forge) in FORM


@pytest.mark.parametrize("case", ABUSES)
def test_both_look_past_what_the_role_suspend_does(forge: Forge, case: str) -> None:
    change: Callable[[Forge], None] = ABUSES[case][0]
    change(forge)
    assert isinstance(agreed(forge), tuple)
    # Whoever does look at it refuses it.
    refused(forge.files, forge.trusted_root)
