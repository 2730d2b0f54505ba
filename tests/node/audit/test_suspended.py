"""Evidence of members that were suspended since: both verifiers, ours and the stranger's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from node.audit.verify import verify_bundle
from protocol import limits
from protocol.bundle import UnusableBundle, encode_bundle
from tests.keys.forge import Forge, member
from tests.protocol.bundles import AUDIT_AT_MS, FEDERATION_ID, RECIPIENT, SENDER, full_bundle
from tests.support import stranger


@pytest.fixture(name="forge")
def _forge() -> Forge:
    forge = Forge(has_suspend=True, federation_id=FEDERATION_ID)
    forge.put(member(SENDER), member(RECIPIENT))
    forge.suspend(SENDER)
    return forge


def bundle(forge: Forge) -> bytes:
    return encode_bundle(replace(full_bundle(), directory=forge.files))


def judged(forge: Forge) -> dict:
    """Return the verdicts, which both must give alike."""
    data = bundle(forge)
    ours = json.loads(verify_bundle(data, forge.trusted_root, AUDIT_AT_MS).to_json())
    theirs = stranger.judge(data, forge.trusted_root, AUDIT_AT_MS)
    assert ours["directory"] == theirs["directory"]
    for report in (ours, theirs):
        for claim in report["claims"]:
            claim.pop("sentence", None)
    assert ours["claims"] == theirs["claims"]
    return ours


def leave_out(forge: Forge) -> None:
    for name in list(forge.files):
        if name.endswith((".suspend.json", ".suspended")):
            del forge.files[name]


def spoil(forge: Forge) -> None:
    for name in forge.files:
        if name.endswith((".suspend.json", ".suspended")):
            forge.files[name] = b"rot"


def let_expire(forge: Forge) -> None:
    forge.days["suspend"] = -10
    forge.publish("suspend")


@pytest.mark.parametrize("change", [lambda forge: None, leave_out, spoil, let_expire])
def test_suspension_changes_no_verdict_whatever_became_of_its_files(
    forge: Forge, change: Callable[[Forge], None]
) -> None:
    before = judged(forge)
    change(forge)
    after = judged(forge)
    assert after["verdict"] == "proven"
    assert {claim["code"] for claim in after["claims"]} == {"proven"}
    assert after["directory"]["expires_at_ms"] == before["directory"]["expires_at_ms"]


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("9.suspend.json", limits.DIRECTORY_SUSPEND_BYTES),
        (f"{'0' * 64}.{SENDER}.suspended", limits.SUSPENSION_BYTES),
    ],
)
def test_files_of_the_role_have_their_limits_in_a_bundle_too(
    forge: Forge, name: str, limit: int
) -> None:
    forge.files[name] = bytes(limit)
    assert judged(forge)["verdict"] == "proven"
    forge.files[name] = bytes(limit + 1)
    with pytest.raises(UnusableBundle):
        verify_bundle(bundle(forge), forge.trusted_root, AUDIT_AT_MS)
    with pytest.raises(stranger.Unusable):
        stranger.judge(bundle(forge), forge.trusted_root, AUDIT_AT_MS)
