from __future__ import annotations

import hashlib
import io
import itertools
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import bundle as container
from protocol.bundle import BUNDLE_BYTES, UnusableBundle, encode_bundle, parse_bundle
from protocol.errors import PeerError
from protocol.log import LeafKind
from tests.protocol.bundles import (
    CIPHERTEXT,
    OPENING,
    RECEIVED_AT_MS,
    RECIPIENT,
    SEEN_AT_MS,
    SENDER,
    Log,
    full_bundle,
    id_of,
    make_bundle,
    make_header,
    say_seen,
    unzip,
    with_attachment,
)

SMALL = encode_bundle(make_bundle())
FULL = encode_bundle(full_bundle())

NAMES = [
    "claim.json",
    "header.bin",
    "ciphertext.txt",
    "ciphertext.bin",
    "opening.bin",
    "sent.leaf",
    "sent.tlog-proof",
    "received.leaf",
    "received.tlog-proof",
    "attachments.leaf",
    "attachments.tlog-proof",
    "seen.leaf",
    "seen.tlog-proof",
    "attachments.seen.leaf",
    "attachments.seen.tlog-proof",
    "sender.descriptor",
    "sender.descriptor.leaf",
    "sender.descriptor.tlog-proof",
    "recipient.descriptor",
    "recipient.descriptor.leaf",
    "recipient.descriptor.tlog-proof",
    "directory/1.root.json",
    "directory/10.root.json",
    "directory/timestamp.json",
    "manifest.sha256",
]


def refused(data: bytes) -> str:
    with pytest.raises(UnusableBundle) as caught:
        parse_bundle(data)
    assert caught.value.sentence
    return caught.value.code


def zipped(entries: dict[str, bytes]) -> bytes:
    """Write a bundle's ZIP with the house's own writer, whatever the entries are."""
    return container._write_zip(list(entries.items()))


def with_manifest(entries: dict[str, bytes]) -> bytes:
    """Write entries with a manifest that fits them."""
    listed = [item for item in entries.items() if item[0] != "manifest.sha256"]
    return zipped(dict(listed) | {"manifest.sha256": container._manifest(listed)})


def test_what_is_written_is_read_again() -> None:
    for bundle in (make_bundle(), full_bundle()):
        assert parse_bundle(encode_bundle(bundle)) == bundle


def test_same_content_gives_the_same_bytes() -> None:
    parsed = parse_bundle(FULL)
    shuffled = replace(parsed, directory=dict(reversed(parsed.directory.items())))
    assert encode_bundle(shuffled) == FULL


def test_entries_are_stored_in_the_fixed_order_with_nothing_that_varies() -> None:
    with zipfile.ZipFile(io.BytesIO(FULL)) as archive:
        assert archive.testzip() is None
        assert archive.comment == b""
        found = archive.infolist()
    assert [entry.filename for entry in found] == NAMES
    for entry in found:
        assert entry.compress_type == zipfile.ZIP_STORED
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert (entry.extra, entry.comment, entry.flag_bits) == (b"", b"", 0)
        assert (entry.create_system, entry.external_attr, entry.internal_attr) == (0, 0, 0)


def test_sha256sum_checks_an_unpacked_bundle(tmp_path: Path) -> None:
    program = shutil.which("sha256sum")
    if program is None:
        pytest.skip("there is no sha256sum")
    with zipfile.ZipFile(io.BytesIO(FULL)) as archive:
        archive.extractall(tmp_path)
    command = [
        program,
        "--strict",
        "--quiet",
        "-c",
        "manifest.sha256",
    ]
    finished = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, b"", b"")
    listed = (tmp_path / "manifest.sha256").read_text().splitlines()
    assert [line.split("  ")[1] for line in listed] == NAMES[:-1]


def test_claim_says_in_canonical_json_what_the_entries_say() -> None:
    claim = unzip(FULL)["claim.json"]
    said = json.loads(claim)
    compact = json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    assert claim == compact
    assert said["envelope_id"] == full_bundle().envelope_id.hex()
    assert (said["sender"], said["recipient"]) == ("be.example", "gr.example")
    assert said["received_at_ms"] == said["attachments_at_ms"] == RECEIVED_AT_MS
    assert said["seen_at_ms"] == said["attachments_seen_at_ms"] == SEEN_AT_MS
    assert "refused_at_ms" not in said


def test_claim_names_the_code_of_a_refusal() -> None:
    header, recipient = make_header(), Log(RECIPIENT)
    refusal = recipient.say(LeafKind.REFUSED, id_of(header), at_ms=RECEIVED_AT_MS, code=401)
    data = encode_bundle(make_bundle(header, received=None, refused=refusal))
    said = json.loads(unzip(data)["claim.json"])
    assert (said["refusal_code"], said["refused_at_ms"]) == (401, RECEIVED_AT_MS)


def test_every_change_of_one_byte_is_refused() -> None:
    parse_bundle(SMALL)
    for position in range(len(SMALL)):
        changed = bytearray(SMALL)
        changed[position] ^= 1 + position % 255
        with pytest.raises(UnusableBundle):
            parse_bundle(bytes(changed))


def test_every_change_of_the_form_of_a_full_bundle_is_refused() -> None:
    """Flip each bit of what is not content: the headers, the names and the end."""
    contents = unzip(FULL).values()
    starts = [FULL.index(content) for content in contents]
    content_bytes = set(
        itertools.chain(*(range(s, s + len(c)) for s, c in zip(starts, contents, strict=True)))
    )
    for position in set(range(len(FULL))) - content_bytes:
        changed = bytearray(FULL)
        changed[position] ^= 0x80 >> position % 8
        with pytest.raises(UnusableBundle):
            parse_bundle(bytes(changed))


@pytest.mark.parametrize("cut", [0, 1, 3, 29, 30, 40, 500, len(SMALL) - 22, len(SMALL) - 1])
def test_cut_bundle_is_refused(cut: int) -> None:
    assert refused(SMALL[:cut]) in {
        "bundle_not_zip",
        "bundle_entry_missing",
        "bundle_entry_malformed",
        "bundle_changed",
    }


@pytest.mark.parametrize("data", [SMALL + b"\0", SMALL + SMALL])
def test_bundle_with_something_after_it_is_refused(data: bytes) -> None:
    assert refused(data) == "bundle_changed"


def test_bundle_with_something_before_it_is_refused() -> None:
    # Python's own zipfile opens such a file.
    assert unzip(b"#!/bin/sh\n" + SMALL) == unzip(SMALL)
    assert refused(b"#!/bin/sh\n" + SMALL) == "bundle_not_zip"


def test_zip_of_the_same_entries_by_another_writer_is_refused() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in unzip(SMALL).items():
            archive.writestr(name, content)
    assert unzip(written.getvalue()) == unzip(SMALL)
    with pytest.raises(UnusableBundle):
        parse_bundle(written.getvalue())


def test_entries_in_another_order_are_refused() -> None:
    entries = unzip(FULL)
    for name in NAMES[:-2]:
        moved = {n: c for n, c in entries.items() if n != name} | {name: entries[name]}
        assert refused(with_manifest(moved)) == "bundle_changed"


def test_doubled_entry_is_refused() -> None:
    items = [item for item in unzip(SMALL).items() if item[0] != "manifest.sha256"]
    doubled = [items[0], *items]
    doubled.append(("manifest.sha256", container._manifest(doubled)))
    assert refused(container._write_zip(doubled)) == "bundle_changed"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("notes.txt", "bundle_changed"),
        ("witnessed.leaf", "bundle_changed"),
        ("directory/", "bundle_entry_malformed"),
        ("directory/../x", "bundle_entry_malformed"),
        ("directory/A.json", "bundle_entry_malformed"),
    ],
)
def test_unknown_entry_is_refused(name: str, code: str) -> None:
    assert refused(with_manifest(unzip(SMALL) | {name: b"x"})) == code


@pytest.mark.parametrize("name", ["header.bin", "ciphertext.txt", "sent.leaf", "sent.tlog-proof"])
def test_missing_entry_is_named(name: str) -> None:
    entries = {n: c for n, c in unzip(SMALL).items() if n != name}
    with pytest.raises(UnusableBundle, match=name) as caught:
        parse_bundle(with_manifest(entries))
    assert caught.value.code == "bundle_entry_missing"


@pytest.mark.parametrize("name", [n for n in NAMES if n.endswith((".leaf", ".tlog-proof"))])
def test_half_of_a_proof_is_refused(name: str) -> None:
    entries = {n: c for n, c in unzip(FULL).items() if n != name}
    assert refused(with_manifest(entries)) in {
        "bundle_entry_missing",
        "bundle_changed",
        # Without the receipt there is nothing that could have been seen.
        "bundle_entry_malformed",
    }


@pytest.mark.parametrize("name", ["claim.json", "manifest.sha256"])
@pytest.mark.parametrize("change", [lambda c: c + b"\n", lambda c: c[:-1], lambda c: b""])
def test_claim_and_manifest_must_be_what_the_entries_make(
    name: str, change: Callable[[bytes], bytes]
) -> None:
    entries = unzip(SMALL)
    entries[name] = change(entries[name])
    data = zipped(entries) if name == "manifest.sha256" else with_manifest(entries)
    assert refused(data) == "bundle_changed"


def test_claim_that_says_more_is_refused() -> None:
    entries = unzip(SMALL)
    said = json.loads(entries["claim.json"]) | {"received_at_ms": RECEIVED_AT_MS + 1}
    entries["claim.json"] = container.canonical_json(said)
    assert refused(with_manifest(entries)) == "bundle_changed"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("header.bin", b""),
        ("header.bin", b"\x08\x01"),
        ("ciphertext.txt", b"600\n" + b"0" * 63 + b"\n"),
        ("ciphertext.txt", b"0600\n" + b"0" * 64 + b"\n"),
        ("ciphertext.txt", b"600\r\n" + b"0" * 64 + b"\n"),
        ("ciphertext.txt", b"99999999999999999999\n" + b"0" * 64 + b"\n"),
        ("ciphertext.bin", CIPHERTEXT + b"x"),
        ("opening.bin", b"short"),
        ("sent.leaf", b"\x02" + bytes(59)),
        ("sent.leaf", b""),
        ("sent.tlog-proof", b"c2sp.org/tlog-proof@v2\n"),
        ("sender.descriptor", b"\x08\x01"),
    ],
)
def test_malformed_entry_is_refused(name: str, content: bytes) -> None:
    assert refused(with_manifest(unzip(FULL) | {name: content})) == "bundle_entry_malformed"


def test_proof_with_extra_data_is_refused() -> None:
    # tlog-proof has room for data that nothing authenticates; a bundle has none.
    entries = unzip(SMALL)
    first, _, rest = entries["sent.tlog-proof"].partition(b"\n")
    entries["sent.tlog-proof"] = first + b"\nextra AAAA\n" + rest
    assert refused(with_manifest(entries)) == "bundle_changed"


def test_bundle_has_one_outcome() -> None:
    proof = make_bundle().received
    with pytest.raises(ValueError, match="received and refused"):
        make_bundle(refused=proof)


def test_receipt_for_attachments_needs_attachments() -> None:
    with pytest.raises(ValueError, match="attachments"):
        make_bundle(attachments=make_bundle().received)


def test_receipt_that_was_seen_must_be_there() -> None:
    proof = make_bundle().sent
    with pytest.raises(ValueError, match="seen of none"):
        make_bundle(received=None, seen=proof)
    with pytest.raises(ValueError, match=r"attachments\.seen of none"):
        make_bundle(with_attachment(), attachments_seen=proof)


def test_one_checkpoint_is_seen_in_one_entry() -> None:
    header, recipient = with_attachment(), Log(RECIPIENT)
    kinds = (LeafKind.RECEIVED, LeafKind.ATTACHMENTS)
    at = [recipient.append(kind, id_of(header), at_ms=RECEIVED_AT_MS) for kind in kinds]
    received, attachments = (recipient.prove(each, at_ms=RECEIVED_AT_MS) for each in at)
    seen = say_seen(Log(SENDER), received)
    bundle = make_bundle(header, received=received, attachments=attachments, seen=seen)
    assert parse_bundle(encode_bundle(bundle)) == bundle
    with pytest.raises(ValueError, match="one checkpoint"):
        replace(bundle, attachments_seen=seen)
    # Other signatures do not make it another checkpoint.
    attachments = recipient.prove(at[1], at_ms=RECEIVED_AT_MS + 1_000)
    with pytest.raises(ValueError, match="one checkpoint"):
        replace(bundle, attachments=attachments, attachments_seen=seen)


def test_message_to_oneself_is_no_exchange() -> None:
    with pytest.raises(ValueError, match="addressing"):
        make_bundle(make_header(recipient="be.example"))


def test_bundle_of_a_malformed_header_cannot_be_made() -> None:
    with pytest.raises(PeerError):
        replace(make_bundle(), header=b"\x08\x02")


def test_opening_that_is_no_salt_and_payload_cannot_be_put_in() -> None:
    with pytest.raises(ValueError, match="salt"):
        make_bundle(opening=replace(OPENING, salt=b"short"))


def test_too_large_bundle_is_refused_unread_and_never_written() -> None:
    assert refused(bytes(BUNDLE_BYTES + 1)) == "bundle_too_large"
    large = {"1.targets.json": bytes(BUNDLE_BYTES)}
    with pytest.raises(ValueError, match="too large"):
        encode_bundle(make_bundle(directory=large))


def test_too_many_entries_are_refused() -> None:
    many = {f"{number}.root.json": b"" for number in range(container.BUNDLE_ENTRIES)}
    with pytest.raises(ValueError, match="too large"):
        encode_bundle(make_bundle(directory=many))
    entries = {f"directory/{name}": content for name, content in many.items()}
    assert refused(zipped(entries | {"header.bin": b""})) == "bundle_not_zip"


def test_entry_that_claims_four_gigabytes_takes_no_memory() -> None:
    data = bytearray(SMALL)
    data[22:26] = b"\xff\xff\xff\xff"
    assert refused(bytes(data)) == "bundle_entry_missing"


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_one_way(data: bytes) -> None:
    refused(data)
    refused(b"PK\x03\x04" + data)


@given(st.data())
def test_any_mutation_is_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(FULL)))
    end = data.draw(st.integers(start, min(len(FULL), start + 64)))
    changed = FULL[:start] + data.draw(st.binary(max_size=64)) + FULL[end:]
    if changed != FULL:
        refused(changed)


def test_envelope_id_is_that_of_header_and_ciphertext() -> None:
    header = unzip(FULL)["header.bin"]
    framed = (
        b"homeward/v1 envelope\0"
        + len(header).to_bytes(4, "big")
        + header
        + len(CIPHERTEXT).to_bytes(8, "big")
        + hashlib.sha256(CIPHERTEXT).digest()
    )
    assert parse_bundle(FULL).envelope_id == hashlib.sha256(framed).digest()
