"""Bundles that two real nodes collect about what they exchanged."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from keys.members import MemberStatus, parse_member
from node.app import Core
from node.audit.evidence import Evidence
from node.audit.verify import verify_bundle
from node.errors import NodeError
from node.store import envelopes, messages
from node.store.db import Transaction
from protocol.attachment import encrypt_chunks
from protocol.bundle import UnusableBundle, encode_bundle, parse_bundle
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import message_pb2
from protocol.report import Claim, Report, Verdict
from tests.keys.federation import Federation, federation_keys
from tests.protocol.bundles import outcome, unzip
from tests.support import nodes
from tests.support.nodes import (
    NOW_MS,
    DirectLink,
    SettableClock,
    make_federation,
    open_core,
    until,
)

BE, GR, FR = "be.example", "gr.example", "fr.example"
HOUR_MS = 3_600_000
CHILD_NAME = "Eléni Papadákis"
WITNESS = "the bus driver of line 8"


@dataclass
class Pair:
    """Two nodes of one federation, each with a clock of its own."""

    federation: nodes.Federation
    clocks: dict[str, SettableClock]
    cores: dict[str, Core]

    async def refer(self, referral: message_pb2.Referral) -> LegId:
        legs = self.cores[BE].legs
        leg_id, _ = await legs.open(NodeId(GR), referral, case_id=None, made_by="a")
        self.cores[BE].delivery.wake(NodeId(GR))
        return leg_id

    async def settled(self, leg_id: LegId) -> messages.MessageRow:
        async def is_settled() -> bool:
            (message,) = (await self.cores[BE].legs.view(leg_id)).messages
            return message.settled != messages.WAITING

        await until(is_settled)
        return (await self.cores[BE].legs.view(leg_id)).messages[0]

    def evidence(self, name: str) -> Evidence:
        core = self.cores[name]
        return Evidence(core.context, core.home.directory)

    async def bundle(self, name: str, wanted: bytes, *, with_opening: bool = False) -> bytes:
        return await self.evidence(name).collect(wanted, with_opening=with_opening)

    def judge(self, bundle: bytes) -> Report:
        at_ms = max(clock.now_ms() for clock in self.clocks.values())
        return verify_bundle(bundle, self.federation.root, at_ms)


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    federation = make_federation(tmp_path, (BE, GR, FR))
    link, clocks = DirectLink(), {name: SettableClock() for name in (BE, GR)}
    cores = {name: open_core(federation, name, link, clocks[name]) for name in (BE, GR)}
    for core in cores.values():
        await core.start()
    yield Pair(federation, clocks, cores)
    for core in cores.values():
        await core.close()


def referral(**changes: object) -> message_pb2.Referral:
    made = message_pb2.Referral(
        kind="tracing_request", urgency=2, expires_at_ms=NOW_MS + 20 * 24 * HOUR_MS
    )
    made.ask.text = f"Did {WITNESS} see her?"
    child = made.disclosure.children.add(id="c1")
    child.names.add(type="legal", full=CHILD_NAME, script="Latn")
    made.mask.paths.append("children.names")
    made.MergeFrom(message_pb2.Referral(**changes))
    return made


async def exchanged(pair: Pair) -> messages.MessageRow:
    return await pair.settled(await pair.refer(referral()))


@pytest.mark.parametrize("name", [BE, GR])
async def test_bundle_of_either_side_proves_the_exchange(pair: Pair, name: str) -> None:
    message = await exchanged(pair)
    report = pair.judge(await pair.bundle(name, message.message_id))
    assert report.verdict is Verdict.PROVEN
    assert (report.statement["sender"], report.statement["recipient"]) == (BE, GR)
    assert outcome(report, Claim.SEALED) == (Verdict.PROVEN, "proven")
    assert outcome(report, Claim.CONTENT)[0] is Verdict.NOT_INCLUDED


async def test_both_bundles_are_about_the_same_envelope(pair: Pair) -> None:
    message = await exchanged(pair)
    ours = parse_bundle(await pair.bundle(BE, message.message_id))
    theirs = parse_bundle(await pair.bundle(GR, ours.envelope_id))
    assert (theirs.header, theirs.envelope_id) == (ours.header, ours.envelope_id)
    assert theirs.untrusted_leaves["received"] == ours.untrusted_leaves["received"]
    assert await pair.bundle(GR, message.message_id) == encode_bundle(theirs)


async def test_bundle_without_opening_tells_nothing_of_the_child(pair: Pair) -> None:
    message = await exchanged(pair)
    assert CHILD_NAME.encode() in message.payload
    assert WITNESS.encode() in message.payload
    for name in (BE, GR):
        bundle = await pair.bundle(name, message.message_id)
        for secret in (CHILD_NAME, WITNESS, "Eléni", "driver"):
            assert secret.encode() not in bundle
        assert message.payload not in bundle
        assert message.salt not in bundle
        assert {"opening.bin", "ciphertext.bin"}.isdisjoint(unzip(bundle))


@pytest.mark.parametrize("name", [BE, GR])
async def test_bundle_with_opening_proves_the_content(pair: Pair, name: str) -> None:
    message = await exchanged(pair)
    bundle = await pair.bundle(name, message.message_id, with_opening=True)
    assert CHILD_NAME.encode() in bundle
    report = pair.judge(bundle)
    assert outcome(report, Claim.CONTENT) == (Verdict.PROVEN, "proven")
    opening = parse_bundle(bundle).opening
    assert opening is not None
    assert opening.payload == message.payload


@pytest.mark.parametrize("name", [BE, GR])
async def test_exchange_stays_proven_when_its_content_is_erased(pair: Pair, name: str) -> None:
    message = await exchanged(pair)
    erase = "UPDATE messages SET salt = x'', payload = x'' WHERE message_id = ?"
    await pair.cores[name].store.write(lambda db: db.execute(erase, [message.message_id]))
    assert pair.judge(await pair.bundle(name, message.message_id)).verdict is Verdict.PROVEN
    with pytest.raises(NodeError) as caught:
        await pair.bundle(name, message.message_id, with_opening=True)
    assert caught.value.code == "content_erased"


async def test_evidence_is_collected_and_proven_years_later(pair: Pair) -> None:
    message = await exchanged(pair)
    for clock in pair.clocks.values():
        clock.at_ms += 5 * 365 * 24 * HOUR_MS
    for name in (BE, GR):
        # More entries, so that the own entry is proven under a checkpoint of that day.
        await pair.cores[name].turn_epochs()
        report = pair.judge(await pair.bundle(name, message.message_id))
        assert report.verdict is Verdict.PROVEN


async def test_message_that_waits_is_not_proven_to_have_arrived(pair: Pair) -> None:
    await exchanged(pair)
    # Nobody wakes the delivery: it lies there, sealed.
    legs = pair.cores[BE].legs
    _, message_id = await legs.open(NodeId(GR), referral(), case_id=None, made_by="a")
    report = pair.judge(await pair.bundle(BE, message_id))
    assert report.verdict is Verdict.NOT_PROVEN
    assert outcome(report, Claim.SENT) == (Verdict.PROVEN, "proven")
    assert outcome(report, Claim.RECEIVED) == (Verdict.NOT_PROVEN, "no_receipt")


async def test_refusal_contradicts_that_it_was_received(pair: Pair) -> None:
    trust = pair.cores[GR].context.trust
    suspended = replace(trust.directory.members[NodeId(BE)], status=MemberStatus.SUSPENDED)
    members = {**trust.directory.members, NodeId(BE): suspended}
    trust.directory = replace(trust.directory, members=members)
    message = await pair.settled(await pair.refer(referral()))
    assert message.settled == messages.REFUSED
    report = pair.judge(await pair.bundle(BE, message.message_id))
    assert (report.verdict, report.exit_code) == (Verdict.CONTRADICTED, 1)
    assert outcome(report, Claim.RECEIVED) == (Verdict.CONTRADICTED, "refused")


# --- attachments


async def with_photo(pair: Pair) -> message_pb2.Referral:
    key, photo = bytes(range(32)), b"a photo" * 20_000
    blobs = pair.cores[BE].context.blobs
    blob_id, _ = await asyncio.to_thread(blobs.put_file, encrypt_chunks(key, [photo]))
    made = referral()
    made.disclosure.files.add(id="f1", kind="photo", media_type="image/jpeg")
    made.mask.paths.append("files")
    made.attachment_keys.add(
        blob_id=blob_id,
        key=key,
        file_id="f1",
        media_type="image/jpeg",
        size=len(photo),
        digest=hashlib.sha256(photo).digest(),
    )
    return made


async def test_attachments_are_proven_by_a_receipt_of_their_own(pair: Pair) -> None:
    message = await pair.settled(await pair.refer(await with_photo(pair)))

    async def is_proven() -> bool:
        report = pair.judge(await pair.bundle(BE, message.message_id))
        return report.verdict is Verdict.PROVEN

    await until(is_proven)
    for name in (BE, GR):
        report = pair.judge(await pair.bundle(name, message.message_id))
        assert outcome(report, Claim.ATTACHMENTS) == (Verdict.PROVEN, "proven")
        assert report.statement["attachments"] == 1


# --- what is asked for


@pytest.mark.parametrize("wanted", [b"", bytes(16), bytes(32), b"x" * 5])
async def test_unknown_message_is_refused(pair: Pair, wanted: bytes) -> None:
    with pytest.raises(NodeError) as caught:
        await pair.bundle(BE, wanted)
    assert caught.value.code == "unknown_message"


async def test_message_id_that_two_peers_chose_is_refused(pair: Pair) -> None:
    message = await exchanged(pair)
    store = pair.cores[GR].store
    ours = await pair.bundle(BE, message.message_id)
    envelope_id = parse_bundle(ours).envelope_id

    def copy(db: Transaction) -> None:
        row = envelopes.get(db, envelope_id)
        assert row is not None
        envelopes.add(db, replace(row, peer=NodeId(FR), envelope_id=bytes(32)))

    await store.write(copy)
    with pytest.raises(NodeError) as caught:
        await pair.bundle(GR, message.message_id)
    assert caught.value.code == "ambiguous_message"
    assert pair.judge(await pair.bundle(GR, envelope_id)).verdict is Verdict.PROVEN


async def test_collecting_writes_nothing(pair: Pair) -> None:
    message = await exchanged(pair)
    before = await pair.cores[BE].context.logbook.checkpoint(at_ms=NOW_MS)
    first = await pair.bundle(BE, message.message_id)
    assert await pair.bundle(BE, message.message_id) == first
    assert await pair.cores[BE].context.logbook.checkpoint(at_ms=NOW_MS) == before


async def test_directory_that_does_not_fit_into_a_bundle_is_said(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await exchanged(pair)
    monkeypatch.setattr("protocol.bundle.BUNDLE_BYTES", 1000)
    with pytest.raises(NodeError) as caught:
        await pair.bundle(BE, message.message_id)
    assert caught.value.code == "bundle_too_large"


# --- a real bundle under attack


async def test_no_changed_byte_of_a_real_bundle_is_ever_proven(pair: Pair) -> None:
    message = await exchanged(pair)
    bundle = await pair.bundle(BE, message.message_id, with_opening=True)
    assert pair.judge(bundle).verdict is Verdict.PROVEN
    contents = unzip(bundle)
    central_directory = range(bundle.index(b"PK\x01\x02"), len(bundle))
    starts = [bundle.index(name.encode()) - 30 for name in contents]
    headers = [at for start in starts for at in range(start, start + 30)]
    positions = {*range(0, len(bundle), 61), *headers, *central_directory[::3]}
    for position in sorted(positions):
        changed = bytearray(bundle)
        changed[position] ^= 1 << position % 8
        with pytest.raises(UnusableBundle):
            pair.judge(bytes(changed))


async def test_parts_of_two_exchanges_do_not_make_one(pair: Pair) -> None:
    first, second = await exchanged(pair), await exchanged(pair)
    one = parse_bundle(await pair.bundle(BE, first.message_id, with_opening=True))
    two = parse_bundle(await pair.bundle(BE, second.message_id, with_opening=True))
    for part in ("header", "ciphertext_digest", "sent", "received", "opening"):
        mixed = replace(one, **{part: getattr(two, part)})
        assert pair.judge(encode_bundle(mixed)).verdict is Verdict.CONTRADICTED
    mixed = replace(one, received=two.sent)
    assert pair.judge(encode_bundle(mixed)).verdict is Verdict.CONTRADICTED


async def test_directory_by_other_keys_does_not_vouch_for_a_real_bundle(pair: Pair) -> None:
    message = await exchanged(pair)
    bundle = parse_bundle(await pair.bundle(BE, message.message_id))
    forged = replace(bundle, directory=_forged_directory(pair.federation))
    report = pair.judge(encode_bundle(forged))
    assert report.verdict is Verdict.NOT_PROVEN
    assert outcome(report, Claim.SENT) == (Verdict.NOT_PROVEN, "directory_signature")


def _forged_directory(federation: nodes.Federation) -> dict[str, bytes]:
    """The same members, as a founder of another federation would publish them."""
    forged = Federation(keys=federation_keys(generation=9))
    for name, data in federation.files.items():
        if name.endswith(".member"):
            forged.admit(parse_member(data))
    return forged.files


async def test_verifying_takes_less_than_a_second(pair: Pair) -> None:
    message = await exchanged(pair)
    bundle = await pair.bundle(BE, message.message_id, with_opening=True)
    started = time.perf_counter()
    pair.judge(bundle)
    assert time.perf_counter() - started < 1
