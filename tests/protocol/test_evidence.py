from __future__ import annotations

import json
from dataclasses import replace

import pytest

from protocol import limits
from protocol.evidence import NoDirectory, reference_ms, verify
from protocol.log import MAX_INTEGER, LeafKind
from protocol.report import Claim, Doubt, Reason, Verdict
from tests.keys.federation import DAY_MS, NOW_MS, log_key, log_signer
from tests.protocol.bundles import (
    AUDIT_AT_MS,
    OPENING,
    RECEIVED_AT_MS,
    RECIPIENT,
    SEEN_AT_MS,
    SENDER,
    SENT_AT_MS,
    STRANGER,
    KnownMembers,
    Log,
    full_bundle,
    id_of,
    judge,
    make_bundle,
    make_header,
    outcome,
    receipt,
    without_line,
)

SKEW_MS = limits.CLOCK_SKEW_MS
ALL_CLAIMS = list(Claim)


# --- what holds


def test_exchange_that_both_logs_hold_is_proven() -> None:
    report = judge(full_bundle())
    assert [f.claim for f in report.findings] == ALL_CLAIMS
    assert {f.verdict for f in report.findings} == {Verdict.PROVEN}
    assert (report.verdict, report.exit_code) == (Verdict.PROVEN, 0)


def test_exchange_without_the_optional_entries_is_proven_all_the_same() -> None:
    report = judge(make_bundle())
    assert report.verdict is Verdict.PROVEN
    assert report.finding(Claim.ATTACHMENTS) is None
    assert report.finding(Claim.SENDER_DESCRIPTOR) is None
    assert outcome(report, Claim.SEALED) == (Verdict.NOT_PROVEN, "no_descriptor")


def test_content_that_is_not_there_is_a_result_of_its_own() -> None:
    assert outcome(judge(make_bundle()), Claim.CONTENT) == (
        Verdict.NOT_INCLUDED,
        "content_not_included",
    )


def test_checkpoint_of_a_later_day_proves_the_same() -> None:
    proof = receipt(signed_at_ms=RECEIVED_AT_MS + 900 * DAY_MS)
    report = judge(make_bundle(received=proof), at_ms=AUDIT_AT_MS + 900 * DAY_MS)
    assert report.verdict is Verdict.PROVEN


def test_signatures_of_strangers_on_a_checkpoint_do_no_harm() -> None:
    bundle = make_bundle()
    line = Log(STRANGER).prove(0, at_ms=NOW_MS).checkpoint.splitlines(keepends=True)[5]
    sent = replace(bundle.sent, checkpoint=bundle.sent.checkpoint + line)
    assert judge(replace(bundle, sent=sent)).verdict is Verdict.PROVEN


# --- how claims stand to each other


def test_one_failing_claim_does_not_hide_the_others() -> None:
    report = judge(replace(full_bundle(), received=without_line(full_bundle().received, 0)))
    failing = [f.claim for f in report.findings if f.verdict is not Verdict.PROVEN]
    assert failing == [Claim.RECEIVED]


def test_skew_between_two_clocks_is_forgiven() -> None:
    late = make_bundle(received=receipt(at_ms=AUDIT_AT_MS + SKEW_MS))
    early = make_bundle(received=receipt(at_ms=SENT_AT_MS - SKEW_MS))
    assert {judge(late).verdict, judge(early).verdict} == {Verdict.PROVEN}


def test_refusal_is_named() -> None:
    bundle = make_bundle(received=None, refused=receipt(LeafKind.REFUSED, code=401))
    assert "(expired)" in judge(bundle).finding(Claim.RECEIVED).sentence
    newer = make_bundle(received=None, refused=receipt(LeafKind.REFUSED, code=999))
    assert "(code_999)" in judge(newer).finding(Claim.RECEIVED).sentence


# --- the directory


def test_without_a_directory_nothing_signed_is_proven() -> None:
    report = verify(full_bundle(), NoDirectory("directory_expired", "it is old"), at_ms=AUDIT_AT_MS)
    assert report.verdict is Verdict.NOT_PROVEN
    assert {f.verdict for f in report.findings} == {Verdict.NOT_PROVEN}
    assert outcome(report, Claim.SENT) == (Verdict.NOT_PROVEN, "directory_expired")
    assert json.loads(report.to_json())["directory"] is None


def test_opening_that_does_not_fit_contradicts_even_without_a_directory() -> None:
    bundle = make_bundle(opening=replace(OPENING, payload=b"x"))
    report = verify(bundle, NoDirectory("directory_expired", "it is old"), at_ms=AUDIT_AT_MS)
    assert report.verdict is Verdict.CONTRADICTED


@pytest.mark.parametrize("who", [SENDER, RECIPIENT])
@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"valid_from_ms": NOW_MS + 2_000}, Verdict.NOT_PROVEN),
        ({"valid_until_ms": SENT_AT_MS - 1}, Verdict.NOT_PROVEN),
        ({"valid_until_ms": RECEIVED_AT_MS + 1}, Verdict.PROVEN),
        ({"compromised_since_ms": SENT_AT_MS - 1}, Verdict.NOT_PROVEN),
    ],
)
def test_what_counts_is_whether_the_key_was_good_then(
    who: str, change: dict[str, int], verdict: Verdict
) -> None:
    directory = KnownMembers()
    directory.amend(who, **change)
    report = judge(make_bundle(), directory)
    assert report.verdict is verdict
    claim = Claim.SENT if who == SENDER else Claim.RECEIVED
    assert outcome(report, claim)[1] in {"proven", "unknown_log_key"}


def test_stranger_to_the_directory_proves_nothing() -> None:
    directory = KnownMembers()
    del directory.keys[RECIPIENT]
    report = judge(make_bundle(), directory)
    assert outcome(report, Claim.RECEIVED) == (Verdict.NOT_PROVEN, "unknown_log_key")


def rotated(at_ms: int) -> KnownMembers:
    """The recipient's log goes on under new keys from this time on."""
    directory = KnownMembers()
    directory.amend(RECIPIENT, valid_until_ms=at_ms)
    newer = replace(log_key(RECIPIENT, log_signer("new keys")), valid_from_ms=at_ms)
    directory.keys[RECIPIENT] += (newer,)
    return directory


def test_new_keys_of_a_log_confirm_what_it_held_before() -> None:
    log, later_ms = Log(RECIPIENT), NOW_MS + 100 * DAY_MS
    position = log.append(LeafKind.RECEIVED, id_of(make_header()), at_ms=RECEIVED_AT_MS)
    proof = log.prove(position, at_ms=later_ms, signer=log_signer("new keys"))
    bundle = make_bundle(received=proof)
    assert judge(bundle, rotated(later_ms - DAY_MS), at_ms=later_ms).verdict is Verdict.PROVEN
    early = judge(bundle, rotated(later_ms + DAY_MS), at_ms=later_ms)
    assert outcome(early, Claim.RECEIVED) == (Verdict.NOT_PROVEN, "unknown_log_key")


def test_old_keys_do_not_vouch_for_what_came_after_them() -> None:
    proof = receipt(at_ms=RECEIVED_AT_MS, signed_at_ms=RECEIVED_AT_MS - DAY_MS)
    report = judge(make_bundle(received=proof), rotated(RECEIVED_AT_MS - DAY_MS // 2))
    assert outcome(report, Claim.RECEIVED) == (Verdict.NOT_PROVEN, "unknown_log_key")


def test_key_that_a_header_names_must_be_of_the_log_that_holds_it() -> None:
    directory = KnownMembers()
    second = log_key(SENDER, log_signer("second log"), number=2)
    directory.keys[SENDER] += (second,)
    header = make_header(sender_log_key=log_signer("second log").key_id)
    report = judge(make_bundle(header), directory)
    assert outcome(report, Claim.SENT) == (Verdict.CONTRADICTED, "wrong_log")


def test_directory_is_needed_as_of_the_latest_entry_but_never_of_the_future() -> None:
    bundle = make_bundle()
    assert reference_ms(bundle, at_ms=AUDIT_AT_MS + 3650 * DAY_MS) == RECEIVED_AT_MS
    assert reference_ms(full_bundle(), at_ms=AUDIT_AT_MS + 3650 * DAY_MS) == SEEN_AT_MS
    far = make_bundle(received=receipt(at_ms=MAX_INTEGER, signed_at_ms=NOW_MS))
    assert reference_ms(far, at_ms=AUDIT_AT_MS) == AUDIT_AT_MS + SKEW_MS


# --- the report


def test_json_of_a_report_is_stable() -> None:
    first, second = judge(full_bundle()).to_json(), judge(full_bundle()).to_json()
    assert first == second
    report = json.loads(first)
    assert first == json.dumps(report, sort_keys=True, separators=(",", ":")) + "\n"
    assert report["format"] == "homeward-evidence-report/1"
    assert (report["verdict"], report["exit_code"]) == ("proven", 0)
    assert report["directory"] == {"version": 7, "expires_at_ms": NOW_MS + 7 * DAY_MS}
    assert report["statement"]["envelope_id"] == full_bundle().envelope_id.hex()
    assert [claim["claim"] for claim in report["claims"]] == [claim.value for claim in ALL_CLAIMS]


def test_every_reason_has_a_verdict_and_a_sentence() -> None:
    for reason in Reason:
        doubt = Doubt.of(reason)
        assert doubt.verdict is not Verdict.PROVEN
        assert doubt.sentence
        assert doubt.sentence[0].islower() or doubt.sentence.startswith("the ")
        assert not doubt.sentence.endswith(".")
