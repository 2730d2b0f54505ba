"""Two verifiers, ours and the stranger's, which knows only SPEC.md, come to one report."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from keys.members import LogKeyRecord, MemberStatus, encode_member
from keys.signers_at_hand import create_federation
from node.audit.verify import verify_bundle
from node.store import messages
from protocol import bundle as container
from protocol.attachment import encrypt_chunks
from protocol.bundle import Bundle, UnusableBundle, encode_bundle, parse_bundle
from protocol.ids import LegId
from protocol.log import LeafKind
from tests.keys.federation import (
    DAY_MS,
    NOW_MS,
    Federation,
    add_target,
    federation_keys,
    forge_targets,
    log_key,
    log_signer,
    member,
)
from tests.protocol.bundles import (
    AUDIT_AT_MS,
    FEDERATION_ID,
    RECIPIENT,
    SENDER,
    STRANGER,
    Log,
    full_bundle,
    id_of,
    make_bundle,
    make_header,
    unzip,
    with_attachment,
)
from tests.protocol.test_evidence_dates import CASES, described, stolen, with_receipts
from tests.protocol.test_evidence_forgeries import CONTRADICTED, OPEN
from tests.support import stranger
from tests.support.network import BE, GR, NAMES, Network
from tests.support.nodes import make_federation, until

UNUSABLE = {"verdict": "unusable"}


def ours(bundle: bytes, root: bytes, at_ms: int) -> dict:
    try:
        report = json.loads(verify_bundle(bundle, root, at_ms).to_json())
    except UnusableBundle:
        return UNUSABLE
    for claim in report["claims"]:
        del claim["sentence"]
    return report


def theirs(bundle: bytes, root: bytes, at_ms: int) -> dict:
    try:
        return stranger.judge(bundle, root, at_ms)
    except stranger.Unusable:
        return UNUSABLE


def agreed(bundle: bytes, root: bytes, at_ms: int = AUDIT_AT_MS) -> dict:
    """Return the report, which both verifiers must give alike."""
    report = ours(bundle, root, at_ms)
    assert theirs(bundle, root, at_ms) == report
    return report


def codes(report: dict) -> dict[str, str]:
    return {claim["claim"]: claim["code"] for claim in report["claims"]}


# --- what two nodes really exchanged


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    network = Network(make_federation(tmp_path, NAMES))
    for name in (BE, GR):
        await network.open(name)
    yield network
    await network.close()


async def refer_with_photo(network: Network) -> LegId:
    key, photo = bytes(range(32)), b"a photo" * 20_000
    blobs = network.cores[BE].context.blobs
    blob_id, _ = await asyncio.to_thread(blobs.put_file, encrypt_chunks(key, [photo]))
    digest = hashlib.sha256(photo).digest()
    announced = {"blob_id": blob_id, "key": key, "size": len(photo), "digest": digest}
    return await network.refer(BE, GR, attachment_keys=[announced])


async def collected(network: Network, leg: LegId, name: str) -> bytes:
    """Return a side's bundle of the referral, once it is settled."""

    async def is_settled() -> bool:
        (message,) = (await network.cores[BE].legs.view(leg)).messages
        return message.settled != messages.WAITING

    await until(is_settled)
    (message,) = (await network.cores[BE].legs.view(leg)).messages
    return await network.cores[name].evidence.collect(message.message_id, with_opening=True)


async def test_both_prove_a_real_exchange_from_either_side(network: Network) -> None:
    leg, root = await refer_with_photo(network), network.federation.root

    async def has_arrived() -> bool:
        bundle = await collected(network, leg, BE)
        return ours(bundle, root, network.clock.now_ms())["verdict"] == "proven"

    await until(has_arrived)
    for name in (BE, GR):
        report = agreed(await collected(network, leg, name), root, network.clock.now_ms())
        assert set(codes(report).values()) == {"proven"}
        assert len(report["claims"]) == 6
        assert report["statement"]["sender"] == BE


async def test_both_see_through_what_is_changed_in_a_real_bundle(network: Network) -> None:
    first, second = [await network.refer(BE, GR) for _ in range(2)]
    data = await collected(network, first, BE)
    one, two = parse_bundle(data), parse_bundle(await collected(network, second, BE))
    root, now_ms = network.federation.root, network.clock.now_ms()
    for part in ("header", "ciphertext_digest", "sent", "received", "opening"):
        mixed = encode_bundle(replace(one, **{part: getattr(two, part)}))
        assert agreed(mixed, root, now_ms)["verdict"] == "contradicted"
    for position in range(0, len(data), 499):
        changed = bytearray(data)
        changed[position] ^= 1 << position % 8
        assert agreed(bytes(changed), root, now_ms) == UNUSABLE


# --- forgeries, under a real directory


def found() -> Federation:
    federation = Federation()
    federation.files = create_federation(
        "Test", federation.keys, random=lambda _: FEDERATION_ID, now_ms=NOW_MS
    )
    federation.trusted_root = federation.files["1.root.json"]
    for node_id in (SENDER, RECIPIENT, STRANGER):
        federation.admit(member(node_id))
    return federation


FOUND = found()


def under(federation: Federation, bundle: Bundle) -> bytes:
    return encode_bundle(replace(bundle, directory=federation.files))


@pytest.mark.parametrize("case", [*CONTRADICTED, *OPEN])
def test_both_give_a_forgery_the_same_verdict(case: str) -> None:
    forge, claim, reason = (CONTRADICTED | OPEN)[case]
    report = agreed(under(FOUND, forge()), FOUND.trusted_root)
    assert codes(report)[claim] == reason
    agreed(encode_bundle(replace(forge(), directory={})), FOUND.trusted_root)


# --- keys that were stolen later


def after_thefts(bundle: Bundle, keys: dict[str, tuple[LogKeyRecord, ...]]) -> dict:
    """Return what both say of a bundle under a directory that knows of thefts."""
    federation = copy.copy(FOUND)
    federation.now_ms = AUDIT_AT_MS + 3 * DAY_MS
    for name, log_keys in keys.items():
        federation.amend(member(name, log_keys=log_keys))
    return agreed(under(federation, bundle), federation.trusted_root)


@pytest.mark.parametrize("name", CASES)
def test_both_date_old_evidence_alike(name: str) -> None:
    case = CASES[name]
    found = codes(after_thefts(case.make(), case.keys))
    assert (found["sent"], found["received"]) == (case.sent, case.received)


@pytest.mark.parametrize("is_seen", [True, False])
@pytest.mark.parametrize("is_attachments_seen", [True, False])
@pytest.mark.parametrize("names", [(SENDER,), (RECIPIENT,), (SENDER, RECIPIENT)])
def test_both_date_every_entry_of_a_full_bundle_alike(
    names: tuple[str, ...], *, is_seen: bool, is_attachments_seen: bool
) -> None:
    bundle = described(with_receipts(is_seen=is_seen, is_attachments_seen=is_attachments_seen))
    outcomes = set()
    for since_ms in range(NOW_MS - 1_000, NOW_MS + 3_001, 500):
        keys = {name: key for each in names for name, key in stolen(since_ms, each).items()}
        outcomes.add(frozenset(codes(after_thefts(bundle, keys)).items()))
    assert len(outcomes) > 1


@pytest.mark.parametrize("days", [-3650, -1, 0, 1, 3650])
def test_both_judge_as_of_the_same_time(days: int) -> None:
    agreed(under(FOUND, full_bundle()), FOUND.trusted_root, AUDIT_AT_MS + days * DAY_MS)


def test_both_refuse_or_judge_alike_what_is_changed_in_an_entry() -> None:
    entries, chance = unzip(under(FOUND, full_bundle())), random.Random(1)
    names = [name for name in entries if not name.startswith(("directory", "manifest", "claim"))]
    kinds = set()
    for _ in range(150):
        name = chance.choice(names)
        content = bytearray(entries[name])
        position = chance.randrange(len(content))
        if chance.random() < 0.5:
            content[position] ^= 1 << chance.randrange(8)
        else:
            content[position : position + chance.randrange(3)] = chance.randbytes(
                chance.randrange(3)
            )
        kinds.add(agreed(rebuilt(entries | {name: bytes(content)}), FOUND.trusted_root)["verdict"])
    assert {"unusable", "contradicted", "proven"} <= kinds


def rebuilt(entries: dict[str, bytes]) -> bytes:
    """Make a bundle of any entries; one that fits them where they can be read at all."""
    try:
        return encode_bundle(container._bundle(entries))
    except Exception:  # noqa: BLE001 - whatever is wrong with them
        parts = [(name, entries[name]) for name in entries if name != "manifest.sha256"]
        return container._write_zip([*parts, ("manifest.sha256", container._manifest(parts))])


# --- directories that are not in order


def expire(federation: Federation) -> None:
    federation.now_ms -= 8 * DAY_MS
    federation.publish()


def steal_key(federation: Federation) -> None:
    stolen = replace(log_key(SENDER), compromised_since_ms=NOW_MS - 1)
    federation.amend(member(SENDER, log_keys=(stolen,)))


def change_keys(federation: Federation) -> None:
    old = replace(log_key(SENDER), valid_until_ms=NOW_MS - 1)
    new = log_key(SENDER, log_signer("another"))
    federation.amend(member(SENDER, log_keys=(old, new)))


def rotate(federation: Federation) -> None:
    federation.rotate_root(federation_keys(generation=2))
    federation.rotate_root(federation_keys(generation=3))


def leave_out(ending: str) -> Callable[[Federation], None]:
    def change(federation: Federation) -> None:
        name = next(name for name in federation.files if name.endswith(ending))
        del federation.files[name]

    return change


def change_file(ending: str) -> Callable[[Federation], None]:
    def change(federation: Federation) -> None:
        name = next(name for name in federation.files if name.endswith(ending))
        federation.files[name] = federation.files[name].replace(b"1", b"2", 1)

    return change


def gap(federation: Federation) -> None:
    rotate(federation)
    del federation.files["2.root.json"]


def cut_signature(federation: Federation) -> None:
    files = federation.files
    files["timestamp.json"] = files["timestamp.json"].replace(b'"sig":"', b'"sig":"00', 1)


DIRECTORIES: dict[str, tuple[Callable[[Federation], None], str]] = {
    "suspended since": (
        lambda f: f.amend(member(SENDER, status=MemberStatus.SUSPENDED)),
        "proven",
    ),
    "roots changed twice": (rotate, "proven"),
    "a root missing": (gap, "directory_signature"),
    "expired": (expire, "directory_expired"),
    "key stolen before": (steal_key, "unknown_log_key"),
    "key of another time": (change_keys, "unknown_log_key"),
    "signature too long": (cut_signature, "directory_signature"),
    "no timestamp": (leave_out("timestamp.json"), "directory_file_missing"),
    "no snapshot": (leave_out("snapshot.json"), "directory_file_missing"),
    "no targets": (leave_out("targets.json"), "directory_file_missing"),
    "no member": (leave_out(".member"), "directory_file_missing"),
    "changed snapshot": (change_file("snapshot.json"), "directory_file_changed"),
    "changed targets": (change_file("targets.json"), "directory_file_changed"),
    "changed member": (change_file(".member"), "directory_file_changed"),
    "member in another's name": (
        lambda f: add_target(f, "de.example.member", encode_member(member("nl.example"))),
        "directory_member",
    ),
    "member with another's key": (
        lambda f: add_target(
            f,
            "de.example.member",
            encode_member(
                member(
                    "de.example",
                    log_keys=(replace(log_key(SENDER), origin="de.example/log/1"),),
                )
            ),
        ),
        "directory_member",
    ),
    "member cut off": (
        lambda f: add_target(f, "de.example.member", encode_member(member())[:-1]),
        "directory_member",
    ),
    "delegations": (
        lambda f: forge_targets(f, add_delegations),
        "directory_unsupported",
    ),
}


def add_delegations(targets: object) -> None:
    targets.unrecognized_fields["delegations"] = {"keys": {}, "roles": []}


@pytest.mark.parametrize("case", DIRECTORIES)
def test_both_trust_a_directory_alike(case: str) -> None:
    change, code = DIRECTORIES[case]
    federation = found()
    change(federation)
    report = agreed(under(federation, full_bundle()), federation.trusted_root)
    assert codes(report)["sent"] == code


def test_both_take_any_root_of_the_chain_and_no_other() -> None:
    federation = found()
    rotate(federation)
    bundle = under(federation, full_bundle())
    for number in (1, 2, 3):
        root = federation.files[f"{number}.root.json"]
        assert agreed(bundle, root)["verdict"] == "proven"
    foreign = Federation(keys=federation_keys(generation=9)).trusted_root
    assert codes(agreed(bundle, foreign))["sent"] == "directory_signature"
    for root in (b"", b"{}", bytes(600_000), federation.files["timestamp.json"]):
        assert agreed(bundle, root) == UNUSABLE


def test_both_take_the_word_of_a_later_key_for_what_the_log_already_held() -> None:
    federation, subject = found(), id_of(make_header())
    old = replace(log_key(RECIPIENT), valid_until_ms=NOW_MS - DAY_MS // 2)
    new = replace(log_key(RECIPIENT, log_signer("new")), valid_from_ms=NOW_MS)
    federation.amend(member(RECIPIENT, log_keys=(old, new)))
    receipt = Log(RECIPIENT, signer=log_signer("new")).say(
        LeafKind.RECEIVED, subject, at_ms=NOW_MS - 1000, signed_at_ms=NOW_MS + 1000
    )
    report = agreed(under(federation, make_bundle(received=receipt)), federation.trusted_root)
    assert report["verdict"] == "proven"


def test_both_say_that_files_without_receipt_are_open() -> None:
    report = agreed(under(FOUND, make_bundle(with_attachment())), FOUND.trusted_root)
    assert (report["verdict"], report["exit_code"]) == ("not_proven", 2)
