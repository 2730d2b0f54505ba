"""A verifier as a stranger would write it: from SPEC.md, with nothing of this project.

Only a ZIP reader, SHA-256 and the two signature algorithms. The log keys are handed
in, as somebody who trusts the federation's directory would look them up there.
"""

from __future__ import annotations

import base64
import hashlib
import struct

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from protocol.bundle import encode_bundle
from tests.keys.federation import log_key
from tests.protocol.bundles import OPENING, RECIPIENT, SENDER, full_bundle, make_bundle, unzip

SENT, RECEIVED = 1, 2
Keys = dict[str, tuple[bytes, bytes]]


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def fields(message: bytes) -> dict[int, bytes | int]:
    """Read the fields of a protobuf message that has passed the strict scan."""
    found: dict[int, bytes | int] = {}
    position = 0

    def varint() -> int:
        nonlocal position
        value = shift = 0
        while True:
            byte = message[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while position < len(message):
        tag = varint()
        value: bytes | int = varint()
        if tag & 7 == 2:
            length, value = int(value), message[position : position + int(value)]
            position += length
        found[tag >> 3] = value
    return found


def envelope_id(entries: dict[str, bytes]) -> bytes:
    size, digest = entries["ciphertext.txt"].split()
    header = entries["header.bin"]
    framed = struct.pack(">I", len(header)) + header + struct.pack(">Q", int(size))
    return sha256(b"homeward/v1 envelope\0", framed, bytes.fromhex(digest.decode()))


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Follow an inclusion path (RFC 9162 2.1.3.2)."""
    node, last, computed = index, size - 1, sha256(b"\0", leaf)
    for sibling in path:
        if node % 2 or node == last:
            computed = sha256(b"\1", sibling, computed)
            while node and not node % 2:
                node, last = node >> 1, last >> 1
        else:
            computed = sha256(b"\1", computed, sibling)
        node, last = node >> 1, last >> 1
    assert last == 0
    return computed


def signature(lines: list[str], origin: str, kind: int, key: bytes) -> bytes:
    key_id = sha256(origin.encode(), b"\n", bytes([kind]), key)[:4]
    signed = [line.split(" ") for line in lines]
    decoded = [base64.b64decode(data) for dash, name, data in signed if name == origin]
    (found,) = [data[4:] for data in decoded if data[:4] == key_id]
    return found


def check_checkpoint(note: str, keys: tuple[bytes, bytes]) -> tuple[int, bytes]:
    """Check both signatures of a checkpoint; return size and root."""
    text, _, rest = note.partition("\n\n")
    origin, size, root = text.split("\n")
    lines = rest.splitlines()
    ed25519, mldsa44 = keys
    first = signature(lines, origin, 0x01, ed25519)
    Ed25519PublicKey.from_public_bytes(ed25519).verify(first, f"{text}\n".encode())
    second = signature(lines, origin, 0x06, mldsa44)
    at, name = second[:8], bytes([len(origin)]) + origin.encode()
    span = struct.pack(">QQ", 0, int(size)) + base64.b64decode(root)
    message = b"subtree/v1\n\0" + name + at + name + span
    MLDSA44PublicKey.from_public_bytes(mldsa44).verify(second[8:], message)
    return int(size), base64.b64decode(root)


def check(entries: dict[str, bytes], entry: str, kind: int, owner: str, keys: Keys) -> int:
    """Check one entry of a log about the envelope; return its time."""
    proof, leaf = entries[f"{entry}.tlog-proof"].decode(), entries[f"{entry}.leaf"]
    head, _, note = proof.partition("\n\n")
    title, index, *path = head.split("\n")
    assert title == "c2sp.org/tlog-proof@v1"
    assert note.startswith(f"{owner}/log/")
    size, root = check_checkpoint(note, keys[owner])
    hashes = [base64.b64decode(line) for line in path]
    assert root_of(leaf, int(index.removeprefix("index ")), size, hashes) == root
    version, found, code, at_ms, _, subject = struct.unpack(">BBHQ16s32s", leaf)
    assert (version, found, code, subject) == (1, kind, 0, envelope_id(entries))
    return int(at_ms)


def judge(data: bytes, keys: Keys) -> tuple[str, int, str, int]:
    """Return who sent when, and who received when."""
    entries = unzip(data)
    for line in entries["manifest.sha256"].decode().splitlines():
        digest, name = line.split("  ")
        assert sha256(entries[name]).hex() == digest
    header = fields(entries["header.bin"])
    sender, recipient = (bytes(header[number]).decode() for number in (3, 5))
    sent_at = check(entries, "sent", SENT, sender, keys)
    received_at = check(entries, "received", RECEIVED, recipient, keys)
    if "opening.bin" in entries:
        committed = sha256(b"homeward/v1 commit\0", entries["opening.bin"])
        assert committed == header[17]
    return sender, sent_at, recipient, received_at


def trusted_keys() -> Keys:
    found = {name: log_key(name) for name in (SENDER, RECIPIENT)}
    return {name: (key.ed25519, key.mldsa44) for name, key in found.items()}


def test_stranger_reads_from_a_bundle_who_sent_what_to_whom_and_when() -> None:
    for bundle in (make_bundle(), full_bundle()):
        leaves = bundle.untrusted_leaves
        times = leaves["sent"].at_ms, leaves["received"].at_ms
        verdict = judge(encode_bundle(bundle), trusted_keys())
        assert verdict == (SENDER, times[0], RECIPIENT, times[1])


def test_stranger_sees_that_the_content_is_another() -> None:
    bundle = make_bundle(opening=type(OPENING)(OPENING.salt, b"another payload"))
    with pytest.raises(AssertionError):
        judge(encode_bundle(bundle), trusted_keys())


def test_stranger_sees_that_another_signed() -> None:
    keys = trusted_keys()
    keys[SENDER], keys[RECIPIENT] = keys[RECIPIENT], keys[SENDER]
    with pytest.raises((InvalidSignature, ValueError)):
        judge(encode_bundle(make_bundle()), keys)
