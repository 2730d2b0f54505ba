"""Signed checkpoints and proof files: their exact bytes, and the attacks on them."""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import limits, log, notes, signed_note, suite
from protocol.errors import PeerError, RefusalCode
from protocol.signed_note import SignatureType


def grown(leaves: list[bytes]) -> log.NodeReader:
    nodes: dict[tuple[int, int], bytes] = {}

    def read(level: int, index: int) -> bytes:
        return nodes[level, index]

    for size, leaf in enumerate(leaves):
        for level, index, node in log.nodes_added(size, log.leaf_hash(leaf), read):
            nodes[level, index] = node
    return read


ORIGIN = "be.example/log/1"
AT = 1_700_000_000
SIGNER = suite.LogSigner(b"e" * 32, b"m" * 32)
OTHER = suite.LogSigner(b"f" * 32, b"n" * 32)
LEAF = log.Leaf(kind=log.LeafKind.SENT, at_ms=AT * 1000, nonce=bytes(16), subject=bytes(32))
INDEX, SIZE = 5, 9
TREE = grown([b"leaf %d" % i if i != INDEX else LEAF.encode() for i in range(SIZE)])
PATH = log.inclusion_path(INDEX, SIZE, TREE)
ROOT = log.root(SIZE, TREE)
CHECKPOINT = notes.Checkpoint(ORIGIN, SIZE, ROOT)
NOTE = notes.sign_checkpoint(CHECKPOINT, SIGNER, AT)
VERIFIED = notes.VerifiedCheckpoint(ORIGIN, SIZE, ROOT, AT)
TEXT = NOTE[: NOTE.index(b"\n\n") + 1]
ED25519_LINE, MLDSA44_LINE = OWN_LINES = tuple(NOTE[len(TEXT) + 1 :].splitlines(keepends=True))


def keys(signer: suite.LogSigner = SIGNER, origin: str = ORIGIN) -> dict[str, Any]:
    return {"origin": origin, "ed25519": signer.ed25519_public, "mldsa44": signer.mldsa44_public}


def note_of(*lines: bytes, text: bytes = TEXT) -> bytes:
    return text + b"\n" + b"".join(lines)


def line_of(name: str, data: bytes) -> bytes:
    return f"— {name} {base64.b64encode(data).decode()}\n".encode()


def unknown_line(number: int) -> bytes:
    return line_of(f"witness.example/{number}", b"key%d" % (number % 10) + b"signature")


def data_of(line: bytes) -> bytes:
    return base64.b64decode(line.split(b" ")[2])


def refusal_of(note: bytes, **changed: Any) -> RefusalCode:
    with pytest.raises(PeerError) as refusal:
        notes.verify_checkpoint(note, **(keys() | changed))
    return refusal.value.code


# Signing


def test_signed_checkpoint_verifies() -> None:
    assert notes.verify_checkpoint(NOTE, **keys()) == VERIFIED


@pytest.mark.parametrize("name", ["", "a+b", "a\nb", "a\0b", "a\u2003b", "\udc80", "é" * 128])
def test_name_that_no_peer_would_read_is_our_own_mistake(name: str) -> None:
    for use in (
        lambda: notes.Checkpoint(name, SIZE, ROOT),
        lambda: notes.cosign(CHECKPOINT, name, SIGNER, AT),
        lambda: signed_note.verifier_key(name, SignatureType.ED25519, SIGNER.ed25519_public),
    ):
        with pytest.raises(ValueError, match=r"name|surrogates"):
            use()


@pytest.mark.parametrize("changed", [{"size": -1}, {"size": 2**63}, {"root": ROOT[1:]}])
def test_checkpoint_that_no_peer_would_read_cannot_be_made(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="size or root"):
        replace(CHECKPOINT, **changed)


@pytest.mark.parametrize("at_seconds", [-1, 0, 2**63])
def test_signing_without_a_time_is_our_own_mistake(at_seconds: int) -> None:
    with pytest.raises(ValueError, match="time"):
        notes.sign_checkpoint(CHECKPOINT, SIGNER, at_seconds)


# Attacks on the signatures


def test_either_line_missing_is_refused() -> None:
    assert refusal_of(note_of(ED25519_LINE)) is RefusalCode.SIGNATURE_MISSING
    assert refusal_of(note_of(MLDSA44_LINE)) is RefusalCode.SIGNATURE_MISSING


def test_order_of_the_lines_does_not_matter() -> None:
    assert notes.verify_checkpoint(note_of(MLDSA44_LINE, ED25519_LINE), **keys()) == VERIFIED


def test_signatures_swapped_between_the_lines_are_refused() -> None:
    ed25519, mldsa44 = data_of(ED25519_LINE), data_of(MLDSA44_LINE)
    swapped = ed25519[:4] + mldsa44[4:], mldsa44[:4] + ed25519[4:]
    assert (
        refusal_of(note_of(*(line_of(ORIGIN, data) for data in swapped)))
        is RefusalCode.SIGNATURE_INVALID
    )


@pytest.mark.parametrize("line", [ED25519_LINE, MLDSA44_LINE])
def test_line_of_another_checkpoint_is_refused(line: bytes) -> None:
    later = notes.sign_checkpoint(replace(CHECKPOINT, size=10), SIGNER, AT).splitlines(True)[4:]
    lines = [new if old == line else old for old, new in zip(OWN_LINES, later, strict=True)]
    assert refusal_of(note_of(*lines)) is RefusalCode.SIGNATURE_INVALID


def test_two_lines_of_one_key_are_refused_even_when_both_are_good() -> None:
    for line in OWN_LINES:
        assert refusal_of(NOTE + line) is RefusalCode.CHECKPOINT_MALFORMED
        bad = line_of(ORIGIN, data_of(line)[:4] + b"bad")
        assert refusal_of(NOTE + bad) is RefusalCode.CHECKPOINT_MALFORMED


@pytest.mark.parametrize("line", OWN_LINES)
@pytest.mark.parametrize("length", [5, 11, 12, 40, -1])
def test_truncated_signature_of_a_known_key_is_refused(line: bytes, length: int) -> None:
    lines = [line_of(ORIGIN, data_of(x)[:length]) if x == line else x for x in OWN_LINES]
    assert refusal_of(note_of(*lines)).name in {"SIGNATURE_INVALID", "CHECKPOINT_MALFORMED"}


@pytest.mark.parametrize("at_seconds", [0, 2**63, 2**64 - 1])
def test_time_that_states_nothing_or_overflows_is_refused(at_seconds: int) -> None:
    signature = SIGNER.sign_mldsa44(notes.cosigned_message(CHECKPOINT, ORIGIN, at_seconds))
    data = data_of(MLDSA44_LINE)[:4] + at_seconds.to_bytes(8, "big") + signature
    forged = note_of(ED25519_LINE, line_of(ORIGIN, data))
    assert refusal_of(forged) is RefusalCode.CHECKPOINT_MALFORMED


def test_changed_time_is_refused() -> None:
    data = data_of(MLDSA44_LINE)
    later = data[:4] + (AT + 1).to_bytes(8, "big") + data[12:]
    changed = note_of(ED25519_LINE, line_of(ORIGIN, later))
    assert refusal_of(changed) is RefusalCode.SIGNATURE_INVALID


@pytest.mark.parametrize("changed", [{"size": 10}, {"size": 8}, {"root": bytes(32)}])
def test_changed_size_or_root_is_refused(changed: dict[str, Any]) -> None:
    claimed = replace(CHECKPOINT, **changed).text
    assert refusal_of(note_of(*OWN_LINES, text=claimed)) is RefusalCode.SIGNATURE_INVALID


def test_checkpoint_of_another_log_is_refused() -> None:
    note = notes.sign_checkpoint(replace(CHECKPOINT, origin="be.example/log/2"), SIGNER, AT)
    assert refusal_of(note) is RefusalCode.WRONG_LOG
    renamed = note.replace(b"be.example/log/2\n", b"be.example/log/1\n")
    assert refusal_of(renamed) is RefusalCode.SIGNATURE_MISSING
    assert refusal_of(renamed.replace(b"log/2", b"log/1")) is RefusalCode.SIGNATURE_MISSING
    moved = [
        line_of(ORIGIN, data_of(own)[:4] + data_of(line)[4:])
        for own, line in zip(OWN_LINES, note.split(b"\n")[4:6], strict=True)
    ]
    assert refusal_of(note_of(*moved)) is RefusalCode.SIGNATURE_INVALID


@pytest.mark.parametrize("name", ["ed25519", "mldsa44"])
def test_key_of_somebody_else_is_refused(name: str) -> None:
    assert refusal_of(NOTE, **{name: keys(OTHER)[name]}) is RefusalCode.SIGNATURE_MISSING
    is_new = name == "mldsa44"
    identifier = signed_note.key_id(ORIGIN, list(SignatureType)[is_new], keys(OTHER)[name])
    lines = list(OWN_LINES)
    lines[is_new] = line_of(ORIGIN, identifier + data_of(lines[is_new])[4:])
    refused = refusal_of(note_of(*lines), **{name: keys(OTHER)[name]})
    assert refused is RefusalCode.SIGNATURE_INVALID


def test_lines_of_unknown_keys_are_ignored() -> None:
    known_id = data_of(ED25519_LINE)[:4]
    strangers = [
        *(unknown_line(number) for number in range(28)),
        line_of("witness.example/1", known_id + b"known key id, other name"),
        line_of(ORIGIN, b"\0\0\0\0known name, other key id"),
    ]
    crowded = note_of(*strangers[:9], MLDSA44_LINE, *strangers[9:], ED25519_LINE)
    assert notes.verify_checkpoint(crowded, **keys()) == VERIFIED
    assert notes.verify_checkpoint(NOTE + unknown_line(1) * 2, **keys()) == VERIFIED


def test_any_changed_bit_of_a_signed_checkpoint_is_refused() -> None:
    for at in range(len(NOTE)):
        changed = bytearray(NOTE)
        changed[at] ^= 1 << at % 8
        refusal_of(bytes(changed))


@given(at=st.integers(0, len(NOTE + unknown_line(1)) - 1), byte=st.integers(0, 255))
def test_any_changed_byte_is_refused_or_without_effect(at: int, byte: int) -> None:
    changed = bytearray(NOTE + unknown_line(1))
    is_same = changed[at] == byte
    changed[at] = byte
    with suppress(PeerError):
        assert notes.verify_checkpoint(bytes(changed), **keys()) == VERIFIED
        assert is_same or at >= len(NOTE)


def test_cosignature_of_a_witness_is_its_own() -> None:
    line = notes.cosign(CHECKPOINT, "nl.witness", OTHER, AT + 5)
    untrusted, key = notes.parse_checkpoint(NOTE + line), OTHER.mldsa44_public
    assert notes.verify_cosignature(untrusted, name="nl.witness", mldsa44=key) == AT + 5
    assert notes.verify_checkpoint(NOTE + line, **keys()) == VERIFIED
    other = note_of(line, text=replace(CHECKPOINT, size=8).text)
    with pytest.raises(PeerError) as refusal:
        notes.verify_cosignature(notes.parse_checkpoint(other), name="nl.witness", mldsa44=key)
    assert refusal.value.code is RefusalCode.SIGNATURE_INVALID


# Attacks on the form

SIZES = [b"09", b"+9", b"-9", b"1_0", b"9 ", "\u0669".encode(), b"9223372036854775808", b"9" * 5000]
ORIGINS = [b"", b"be example", b"be+example", "be\u3000example".encode(), b"a" * 256]
ROOT_LINE = base64.b64encode(ROOT)
ROOTS = [
    ROOT_LINE.rstrip(b"="),
    ROOT_LINE + b"=",
    ROOT_LINE[:-2] + bytes([ROOT_LINE[-2] + 1]) + b"=",  # the same bytes, with unused bits set
    b"_" + ROOT_LINE[1:],
    ROOT_LINE[:9] + b" " + ROOT_LINE[9:],
    base64.b64encode(bytes(31)),
    base64.b64encode(bytes(33)),
]
MALFORMED = {
    **{f"size {size[:20]!r}": NOTE.replace(b"\n9\n", b"\n%b\n" % size) for size in SIZES},
    **{f"origin {name[:20]!r}": NOTE.replace(ORIGIN.encode(), name, 1) for name in ORIGINS},
    **{f"root {root!r}": NOTE.replace(ROOT_LINE, root) for root in ROOTS},
    "nothing": b"",
    "text alone": TEXT,
    "no signature": TEXT + b"\n",
    "no blank line": TEXT + ED25519_LINE + MLDSA44_LINE,
    "two blank lines": note_of(b"\n", *OWN_LINES),
    "blank line between signatures": note_of(ED25519_LINE, b"\n", MLDSA44_LINE),
    "last newline missing": NOTE[:-1],
    "trailing blank line": NOTE + b"\n",
    "trailing bytes": NOTE + b"x",
    "leading newline": b"\n" + NOTE,
    "byte order mark": b"\xef\xbb\xbf " + NOTE,
    "line ends of windows": NOTE.replace(b"\n", b"\r\n"),
    "one carriage return": NOTE.replace(b"\n9\n", b"\n9\r\n"),
    "tab": NOTE.replace(b"\n9\n", b"\n9\t\n"),
    "zero byte": NOTE.replace(b"be.", b"be\0"),
    "control character in an unknown line": NOTE + unknown_line(1).replace(b"w", b"\x1f"),
    "not utf-8": NOTE.replace(b"be.", b"be\xff"),
    "overlong utf-8": NOTE.replace(b"be.", b"be\xc0\xae"),
    "surrogate": NOTE.replace(b"be.", b"be\xed\xa0\x80"),
    "extension line": note_of(*OWN_LINES, text=TEXT + b"extension\n"),
    "two text lines": NOTE.replace(b"\n9\n", b"\n"),
    "hyphen for the dash": NOTE.replace("\u2014".encode(), b"-"),
    "dash missing": NOTE + unknown_line(1)[4:],
    "two spaces": NOTE.replace(b"/log/1 ", b"/log/1  "),
    "space at the end of a line": NOTE + unknown_line(1)[:-1] + b" \n",
    "name missing": NOTE + "\u2014  AAAAAAAA\n".encode(),
    "name with a plus": NOTE + "\u2014 a+b AAAAAAAA\n".encode(),
    "signature missing": NOTE + "\u2014 name\n".encode(),
    "key id alone": NOTE + line_of("name", b"\0\0\0\0"),
    "signature with unused bits": NOTE + "\u2014 name AAAAAAB=\n".encode(),
    "33 lines": NOTE + b"".join(unknown_line(number) for number in range(31)),
    "40 junk lines": NOTE + b"".join(unknown_line(number) for number in range(40)),
    "over-long note": NOTE + line_of("name", bytes(limits.CHECKPOINT_BYTES)),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_checkpoint_is_refused(name: str) -> None:
    assert MALFORMED[name] != NOTE
    assert refusal_of(MALFORMED[name]) is RefusalCode.CHECKPOINT_MALFORMED
    with pytest.raises(PeerError):
        notes.parse_checkpoint(MALFORMED[name])


# Proofs


def verify(**changed: Any) -> notes.VerifiedLeaf:
    proof: dict[str, Any] = {
        "leaf": LEAF.encode(),
        "index": INDEX,
        "path": PATH,
        "checkpoint": NOTE,
    }
    return notes.verify_proof(**(proof | keys() | changed))


def test_proof_verifies() -> None:
    assert verify() == notes.VerifiedLeaf(LEAF, INDEX, VERIFIED)


OTHER_LEAF = replace(LEAF, nonce=b"n" * 16).encode()
FORGED_ROOT = log.root(1, grown([OTHER_LEAF]))
FALSE_PROOFS: dict[str, tuple[RefusalCode, dict[str, Any]]] = {
    "no leaf": (RefusalCode.LEAF_MALFORMED, {"leaf": b""}),
    "long leaf": (RefusalCode.LEAF_MALFORMED, {"leaf": LEAF.encode() + b"x"}),
    "another leaf": (RefusalCode.INCLUSION_FAILED, {"leaf": OTHER_LEAF}),
    "another index": (RefusalCode.INCLUSION_FAILED, {"index": 4}),
    "negative index": (RefusalCode.INCLUSION_FAILED, {"index": -1}),
    "index over the size": (RefusalCode.INCLUSION_FAILED, {"index": 2**64 - 1}),
    "path too short": (RefusalCode.INCLUSION_FAILED, {"path": PATH[:-1]}),
    "path too long": (RefusalCode.INCLUSION_FAILED, {"path": [*PATH, ROOT]}),
    "path of 65 hashes": (RefusalCode.INCLUSION_FAILED, {"path": [ROOT] * 65}),
    "path in another order": (RefusalCode.INCLUSION_FAILED, {"path": PATH[::-1]}),
    "hash of 31 bytes": (RefusalCode.INCLUSION_FAILED, {"path": [ROOT[1:], *PATH[1:]]}),
    "malformed checkpoint": (RefusalCode.CHECKPOINT_MALFORMED, {"checkpoint": NOTE + b"x"}),
    "unsigned": (RefusalCode.SIGNATURE_MISSING, {"checkpoint": note_of(unknown_line(1))}),
    "keys of another log": (RefusalCode.SIGNATURE_MISSING, keys(OTHER)),
    "origin of another log": (RefusalCode.WRONG_LOG, {"origin": "be.example/log/2"}),
    "forged root": (
        RefusalCode.SIGNATURE_INVALID,
        {
            "leaf": OTHER_LEAF,
            "index": 0,
            "path": [],
            "checkpoint": note_of(*OWN_LINES, text=notes.Checkpoint(ORIGIN, 1, FORGED_ROOT).text),
        },
    ),
}


@pytest.mark.parametrize("name", FALSE_PROOFS)
@pytest.mark.parametrize("is_remembered", [False, True])
def test_false_proof_is_refused_and_not_remembered(name: str, is_remembered: bool) -> None:
    code, changed = FALSE_PROOFS[name]
    checked = notes.RecentCheckpoints(9)
    if is_remembered:
        verify(checked=checked)
    for _ in range(2):
        with pytest.raises(PeerError) as refusal:
            verify(**changed, checked=checked)
        assert refusal.value.code is code


def test_checkpoint_verified_a_moment_ago_is_not_verified_again() -> None:
    checked = notes.RecentCheckpoints(1)
    first = verify(checked=checked)
    assert verify(checked=checked).checkpoint is first.checkpoint
    assert verify().checkpoint is not first.checkpoint


def test_least_recently_used_checkpoint_is_forgotten() -> None:
    recent = notes.RecentCheckpoints(2)
    for digest in (b"a", b"b", b"a", b"c"):
        recent.put(digest, VERIFIED) if recent.get(digest) is None else None
    assert [recent.get(digest) for digest in (b"a", b"b", b"c")] == [VERIFIED, None, VERIFIED]
    with pytest.raises(ValueError, match="size"):
        notes.RecentCheckpoints(0)


# Proof files

FILE = notes.encode_tlog_proof(INDEX, PATH, NOTE)


def verify_file(file: bytes) -> notes.VerifiedLeaf:
    read = notes.parse_tlog_proof(file)
    return verify(index=read.index, path=read.path, checkpoint=read.checkpoint)


def test_proof_from_a_file_verifies() -> None:
    assert verify_file(FILE) == verify()


def test_any_changed_byte_of_a_proof_file_is_refused() -> None:
    for at in range(len(FILE)):
        changed = bytearray(FILE)
        changed[at] ^= 1 << at % 8
        with pytest.raises(PeerError):
            verify_file(bytes(changed))


@given(note=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_reading_any_bytes_ends_in_a_value_or_a_peer_error(note: bytes) -> None:
    for read in (notes.parse_checkpoint, notes.parse_tlog_proof):
        with suppress(PeerError):
            read(note)
