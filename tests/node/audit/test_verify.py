"""A bundle's own directory files under an auditor's root, with keys and logs of a test."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import pytest

from keys.members import MemberStatus
from node.audit.verify import verify_bundle
from protocol.bundle import Bundle, UnusableBundle, encode_bundle
from protocol.log import MAX_INTEGER, LeafKind
from protocol.report import Claim, Report, Verdict
from tests.keys.federation import (
    DAY_MS,
    NOW_MS,
    Federation,
    federation_keys,
    fixed_random,
    log_key,
    member,
)
from tests.protocol.bundles import (
    AUDIT_AT_MS,
    OPENING,
    RECEIVED_AT_MS,
    RECIPIENT,
    SENDER,
    STRANGER,
    Log,
    id_of,
    make_bundle,
    make_header,
    outcome,
    say_descriptor,
)

TIMESTAMP_DAYS = 7


def found() -> Federation:
    federation = Federation()
    for node_id in (SENDER, RECIPIENT, STRANGER):
        federation.admit(member(node_id))
    return federation


@cache
def federation_files() -> tuple[dict[str, bytes], bytes]:
    federation = found()
    return federation.files, federation.trusted_root


def federation_id() -> bytes:
    # As `Federation` makes it: the first that its source of randomness gives.
    return fixed_random("federation")(32)


def exchange(directory: dict[str, bytes] | None = None, **changes: object) -> Bundle:
    """Return a bundle of an exchange between members of the test federation."""
    header = make_header(federation_id=federation_id())
    files = federation_files()[0] if directory is None else directory
    return make_bundle(header, directory=files, **changes)


def audit(bundle: Bundle, root: bytes | None = None, at_ms: int = AUDIT_AT_MS) -> Report:
    return verify_bundle(encode_bundle(bundle), root or federation_files()[1], at_ms)


def refused(bundle: Bundle, root: bytes) -> str:
    with pytest.raises(UnusableBundle) as caught:
        audit(bundle, root)
    assert caught.value.sentence
    return caught.value.code


def test_bundle_is_proven_under_the_root_that_its_directory_stands_on() -> None:
    report = audit(exchange())
    assert (report.verdict, report.exit_code) == (Verdict.PROVEN, 0)
    assert report.directory_expires_at_ms == NOW_MS + TIMESTAMP_DAYS * DAY_MS


def test_evidence_does_not_age_with_its_directory() -> None:
    ten_years_ms = 3650 * DAY_MS
    assert audit(exchange(), at_ms=AUDIT_AT_MS + ten_years_ms).verdict is Verdict.PROVEN


def test_directory_that_had_expired_when_the_logs_were_written_proves_nothing() -> None:
    late_ms = NOW_MS + (TIMESTAMP_DAYS + 1) * DAY_MS
    header = make_header(federation_id=federation_id())
    receipt = Log(RECIPIENT).say(LeafKind.RECEIVED, id_of(header), at_ms=late_ms)
    report = audit(exchange(received=receipt), at_ms=late_ms)
    assert report.verdict is Verdict.NOT_PROVEN
    assert outcome(report, Claim.RECEIVED) == (Verdict.NOT_PROVEN, "directory_expired")


def test_directory_of_later_years_proves_what_was_sent_before() -> None:
    federation = found()
    federation.now_ms += 170 * DAY_MS
    federation.publish()
    report = audit(exchange(federation.files), at_ms=federation.now_ms)
    assert report.verdict is Verdict.PROVEN


@pytest.mark.parametrize("status", [MemberStatus.SUSPENDED, MemberStatus.REVOKED])
def test_what_a_member_sent_stands_when_it_is_suspended_later(status: MemberStatus) -> None:
    federation = found()
    federation.amend(member(SENDER, status=status))
    assert audit(exchange(federation.files)).verdict is Verdict.PROVEN


def test_key_that_was_stolen_before_proves_nothing() -> None:
    federation = found()
    stolen = replace(log_key(SENDER), compromised_since_ms=NOW_MS - 1)
    federation.amend(member(SENDER, log_keys=(stolen,)))
    report = audit(exchange(federation.files))
    assert outcome(report, Claim.SENT) == (Verdict.NOT_PROVEN, "unknown_log_key")


# --- roots


def rotated() -> Federation:
    federation = found()
    federation.rotate_root(federation_keys(generation=2))
    federation.rotate_root(federation_keys(generation=3))
    return federation


@pytest.mark.parametrize("pinned", [1, 2, 3])
def test_any_root_of_the_chain_will_do(pinned: int) -> None:
    federation = rotated()
    assert {"1.root.json", "2.root.json", "3.root.json"} <= federation.files.keys()
    root = federation.files[f"{pinned}.root.json"]
    assert audit(exchange(federation.files), root).verdict is Verdict.PROVEN


def test_root_files_before_the_pinned_one_are_not_looked_at() -> None:
    files = rotated().files
    without = {name: data for name, data in files.items() if name != "1.root.json"}
    for kept in (without, files | {"1.root.json": b"anything"}):
        assert audit(exchange(kept), files["2.root.json"]).verdict is Verdict.PROVEN


def test_gap_in_the_chain_of_roots_proves_nothing() -> None:
    files = rotated().files
    without = {name: data for name, data in files.items() if name != "2.root.json"}
    report = audit(exchange(without), files["1.root.json"])
    assert outcome(report, Claim.SENT) == (Verdict.NOT_PROVEN, "directory_signature")


def test_root_of_another_federation_proves_nothing() -> None:
    foreign = Federation(keys=federation_keys(generation=9))
    report = audit(exchange(), foreign.trusted_root)
    assert report.verdict is Verdict.NOT_PROVEN
    assert outcome(report, Claim.SENT) == (Verdict.NOT_PROVEN, "directory_signature")


def test_exchange_of_another_federation_is_no_evidence_in_this_one() -> None:
    files, root = federation_files()
    foreign = make_bundle(make_header(federation_id=bytes(32)), directory=files)
    report = audit(foreign, root)
    assert outcome(report, Claim.SENT) == (Verdict.CONTRADICTED, "wrong_federation")


@pytest.mark.parametrize("root", [b" ", b"{}", b"[" * 100_000, b"\xff", bytes(600_000)])
def test_unusable_root_gives_no_verdict(root: bytes) -> None:
    assert refused(exchange(), root) == "root_unusable"


def test_metadata_that_is_no_root_gives_no_verdict() -> None:
    files, _ = federation_files()
    assert refused(exchange(), files["timestamp.json"]) == "root_unusable"


# --- directory files


@pytest.mark.parametrize("ending", ["timestamp.json", ".snapshot.json", ".targets.json", ".member"])
def test_directory_without_one_of_its_files_proves_nothing(ending: str) -> None:
    files = federation_files()[0]
    left_out = next(name for name in files if name.endswith(ending))
    kept = {name: data for name, data in files.items() if name != left_out}
    report = audit(exchange(kept))
    assert outcome(report, Claim.SENT) == (Verdict.NOT_PROVEN, "directory_file_missing")


def changed_files() -> Iterator[tuple[str, bytes]]:
    for name, data in federation_files()[0].items():
        if not name.endswith("root.json"):
            yield name, data.replace(b"2", b"3", 1) if b"2" in data else data[:-1]


def test_changed_directory_file_proves_nothing() -> None:
    for name, data in changed_files():
        report = audit(exchange(federation_files()[0] | {name: data}))
        assert report.verdict is Verdict.NOT_PROVEN
        assert outcome(report, Claim.SENT)[1].startswith("directory_")


@pytest.mark.parametrize("name", ["readme", "01.root.json", "root.json", "1.timestamp.json"])
def test_file_that_no_directory_has_is_refused(name: str) -> None:
    files, root = federation_files()
    assert refused(exchange(files | {name: b"{}"}), root) == "bundle_entry_malformed"


def test_directory_file_beyond_its_limit_is_refused() -> None:
    files, root = federation_files()
    large = exchange(files | {"timestamp.json": bytes(100_000)})
    assert refused(large, root) == "bundle_entry_malformed"


# --- times and forgeries, now under a real directory


def test_time_that_no_calendar_has_is_only_not_proven() -> None:
    header = make_header(federation_id=federation_id())
    receipt = Log(RECIPIENT).say(LeafKind.RECEIVED, id_of(header), at_ms=MAX_INTEGER)
    report = audit(exchange(received=receipt))
    assert outcome(report, Claim.RECEIVED) == (Verdict.NOT_PROVEN, "from_the_future")


def test_audit_as_of_a_time_before_the_exchange_proves_nothing() -> None:
    report = audit(exchange(), at_ms=NOW_MS - DAY_MS)
    assert report.verdict is Verdict.NOT_PROVEN
    assert outcome(report, Claim.SENT) == (Verdict.NOT_PROVEN, "from_the_future")


Forgery = Callable[[], Bundle]

FORGERIES: dict[str, tuple[Forgery, Verdict]] = {
    "receipt by another member": (
        lambda: exchange(recipient=Log(STRANGER)),
        Verdict.CONTRADICTED,
    ),
    "receipt of another message": (
        lambda: exchange(received=make_bundle().received),
        Verdict.CONTRADICTED,
    ),
    "header of another message": (
        lambda: replace(exchange(), header=make_bundle().header),
        Verdict.CONTRADICTED,
    ),
    "content of another message": (
        lambda: exchange(opening=replace(OPENING, payload=b"other")),
        Verdict.CONTRADICTED,
    ),
    "descriptor of another node": (
        lambda: exchange(recipient_descriptor=say_descriptor(Log(STRANGER))),
        Verdict.CONTRADICTED,
    ),
    "no receipt": (
        lambda: exchange(received=None),
        Verdict.NOT_PROVEN,
    ),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_forgery_with_a_manifest_that_fits_gets_its_verdict(case: str) -> None:
    forge, verdict = FORGERIES[case]
    assert audit(forge()).verdict is verdict


# --- offline


def test_verifying_needs_no_database_no_network_and_no_event_loop() -> None:
    program = (
        "import sys, node.audit.verify\n"
        "bad = {'sqlcipher3', 'sqlite3', 'aiohttp', 'asyncio', 'node.store', 'node.exchange'}\n"
        "print(sorted(bad & sys.modules.keys()))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert finished.stdout.strip() == "[]"


def test_receipt_time_is_in_the_statement() -> None:
    assert audit(exchange()).statement["received_at_ms"] == RECEIVED_AT_MS
