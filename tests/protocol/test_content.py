"""What each step must say, by kind: one thing missing or out of place is named and refused."""

from __future__ import annotations

import pytest

from protocol.errors import PeerError, RefusalCode
from protocol.exchange.content import FOUND, NEEDED, check_content
from protocol.exchange.patterns import KINDS, Pattern
from protocol.pb.homeward.v1 import message_pb2
from protocol.pb.homeward.v1.case_pb2 import Case
from protocol.vocabulary import VOCABULARIES
from tests.support.contents import PART, contents_of, message_of

KEY = message_pb2.AttachmentKey(blob_id=bytes(32), key=bytes(32), size=1, digest=bytes(32))
STEPS = [field.name for field in message_pb2.Message.DESCRIPTOR.oneofs_by_name["step"].fields]


def fault(kind: str, content) -> str | None:
    """Return what is wrong, as the local log has it."""
    try:
        check_content(kind, message_of(content))
    except PeerError as refusal:
        is_of_content = refusal.code is RefusalCode.PAYLOAD_INVALID
        return refusal.detail if is_of_content else refusal.code.name
    return None


def changed(kind: str, step: str, **changes):
    """Return a complete step with some fields changed; None clears one."""
    content = contents_of(kind)[step]
    for name, value in changes.items():
        content.ClearField(name)
        if value is not None:
            content.MergeFrom(type(content)(**{name: value}))
    return content


@pytest.mark.parametrize("kind", KINDS)
def test_a_complete_step_of_any_kind_is_taken(kind: str) -> None:
    contents = contents_of(kind)
    assert set(contents) == set(STEPS) == set(NEEDED)
    assert {step: fault(kind, content) for step, content in contents.items()} == dict.fromkeys(
        contents
    )


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_needed_is_missed_by_name(kind: str) -> None:
    for step, names in NEEDED.items():
        for name in names:
            if (step, name) != ("referral", "kind"):
                assert fault(kind, changed(kind, step, **{name: None})) == f"{step} lacks {name}"


def test_blanks_say_nothing() -> None:
    blank = {"contact_name": "Somebody", "contact_telephone": " \t"}
    assert fault("sighting", message_pb2.Claim(**blank)) == "claim lacks contact_telephone"
    text = {"text": "\n", "language": "en"}
    assert fault("sighting", message_pb2.Ask(question=text)) == "ask lacks question"


def test_a_kind_of_a_newer_version_is_refused_by_name() -> None:
    with pytest.raises(PeerError) as refusal:
        check_content("of_the_future", message_of(contents_of("alert")["claim"]))
    assert refusal.value.code is RefusalCode.UNKNOWN_KIND


def test_a_code_of_a_newer_list_is_a_code() -> None:
    assert fault("alert", message_pb2.Withdraw(reason="of_the_future")) is None
    outcome = message_pb2.Outcome(code="of_the_future", happened_at_ms=1)
    assert fault("tracing_request", outcome) is None


TRACING, FOUND_NOTICE = "tracing_request", "found_notice"
TAKEN = {"paths": ["status"]}
WRONG = [
    (TRACING, "decline", {"reason": "other"}, "decline lacks text"),
    (TRACING, "decline", {"suggested_peer": "Nobody"}, "decline has a suggested_peer that is"),
    (TRACING, "redirect", {"target": "no node"}, "redirect has a target that is no node id"),
    (TRACING, "note", {"text": None}, "note lacks text"),
    (TRACING, "note", {"mask": {"paths": ["lead_node"]}}, "note lacks disclosure"),
    (TRACING, "note", {"disclosure": {"lead_node": "be.example"}}, "note lacks mask"),
    (TRACING, "note", {"replies_to": 1, "left": {"paths": ["A Name"]}}, "note has a mask that"),
    (TRACING, "ask", {"about": {"paths": ["A Name"]}}, "ask has a mask that is no choice"),
    (TRACING, "ask", {"about": {"paths": ["sources"]}}, "ask has a mask that is no choice"),
    (TRACING, "erased", {"taken": {"paths": ["A Name"]}}, "erased has a mask that is no choice"),
    (FOUND_NOTICE, "acknowledge", {"copy": "kept", "kept_basis": "x", "taken": TAKEN},
     "acknowledge has taken"),
    (FOUND_NOTICE, "acknowledge", {"copy": "erased", "taken": {"paths": ["status", "status"]}},
     "acknowledge has a mask that"),
    (TRACING, "outcome", {"found_by": None}, "outcome lacks found_by"),
    (TRACING, "outcome", {"condition": None}, "outcome lacks condition"),
    (TRACING, "outcome", {"authority_told": None}, "outcome lacks authority_told"),
    (TRACING, "referral", {"figures": {"period": "2026"}}, "referral has figures"),
    ("alert", "referral", {"expires_at_ms": None}, "referral lacks expires_at_ms"),
    (FOUND_NOTICE, "referral", {"notice": None}, "referral lacks notice"),
    (FOUND_NOTICE, "referral", {"about_leg_ids": [bytes(15)]}, "referral has about_leg_ids that"),
    (TRACING, "referral", {"notice": "found"}, "referral has notice"),
    ("statistic", "referral", {"about_leg_ids": [bytes(16)]}, "referral has about_leg_ids"),
    (FOUND_NOTICE, "acknowledge", {"copy": None}, "acknowledge lacks copy"),
    (FOUND_NOTICE, "acknowledge", {"copy": "kept"}, "acknowledge lacks kept_basis"),
    (FOUND_NOTICE, "acknowledge", {"checksum": bytes(32)}, "acknowledge has a checksum"),
    ("statistic", "acknowledge", {"checksum": None}, "acknowledge lacks checksum"),
    ("statistic", "acknowledge", {"checksum": bytes(31)}, "acknowledge lacks checksum"),
    ("statistic", "referral", {"figures": None}, "referral lacks figures"),
    ("statistic", "referral", {"figures": {"period": "2026"}}, "referral lacks figures"),
    ("statistic", "referral", {"figures": {"figures": [{"name": "a"}]}}, "referral lacks figures"),
    ("statistic", "referral", PART, "referral has a part of a case"),
    ("statistic", "referral", {"attachment_keys": [KEY]}, "referral has a part of a case"),
    ("transfer", "referral", {"attachment_keys": [KEY]}, "referral has attachment_keys before"),
    (
        "transfer",
        "referral",
        {"disclosure": {"children": [{"id": "c1", "place_of_birth": "X"}]}},
        "referral has more than the minimal set before the accept",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "step", "changes", "words"), WRONG)
def test_what_is_missing_or_out_of_place_is_refused(kind, step, changes, words) -> None:
    found = fault(kind, changed(kind, step, **changes))
    assert found is not None
    assert found.startswith(words)


def test_the_minimal_set_of_a_child_is_an_offer() -> None:
    child = {"id": "c1", "names": [{"given": "Testina"}], "sex": "female"}
    offer = Case(federated_id="be.example/1", children=[child])
    part = {"disclosure": offer, "mask": {"paths": ["federated_id", "children"]}}
    assert fault("transfer", changed("transfer", "referral", **part)) is None


def test_a_file_may_be_kept_on_a_stated_basis() -> None:
    kept = changed(FOUND_NOTICE, "acknowledge", copy="kept", kept_basis="legal_obligation")
    assert fault(FOUND_NOTICE, kept) is None


def test_outcomes_by_which_nobody_is_found_need_no_finder() -> None:
    codes = set(VOCABULARIES["outcome"].codes)
    assert codes > FOUND
    for code in codes - FOUND:
        assert fault(TRACING, message_pb2.Outcome(code=code, happened_at_ms=1)) is None
    for code in FOUND:
        assert fault(TRACING, message_pb2.Outcome(code=code, happened_at_ms=1)) is not None


def test_only_a_broadcast_has_to_end_by_itself() -> None:
    for kind, pattern in KINDS.items():
        without = fault(kind, changed(kind, "referral", expires_at_ms=None))
        assert (without is None) == (pattern is not Pattern.BROADCAST)
