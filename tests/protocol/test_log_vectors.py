"""The log's formats to the byte: published vectors and examples, a leaf, a proof file."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from protocol import limits, log, notes, signed_note, suite
from protocol.errors import PeerError, RefusalCode
from tests.support.vectors import vector_folder

# The leaves and roots that the tests of certificate-transparency use.
REFERENCE_LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
REFERENCE_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)

# The example in tlog-cosignature.
C2SP_TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
C2SP_NOTE = (
    C2SP_TEXT + "\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOo"
    "RDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlr"
    "DJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)

SIGNER = suite.LogSigner(b"e" * 32, b"m" * 32)
CHECKPOINT = notes.Checkpoint("be.example/log/1", 9, bytes(range(32)))
SENT = log.Leaf(kind=log.LeafKind.SENT, at_ms=1_700_000_000_123, nonce=b"n" * 16, subject=b"s" * 32)


def read_cases(name: str) -> list[dict[str, Any]]:
    document = json.loads((vector_folder() / name).read_text())
    return list(document["cases"])


def unpack(encoded: str) -> bytes:
    return base64.b64decode(encoded)


def path_of(case: dict[str, Any]) -> list[bytes]:
    return [unpack(node) for node in case["proof"] or []]


def reference_reader() -> log.NodeReader:
    nodes: dict[tuple[int, int], bytes] = {}

    def read(level: int, index: int) -> bytes:
        return nodes[level, index]

    for size, leaf in enumerate(REFERENCE_LEAVES):
        for level, index, node in log.nodes_added(size, log.leaf_hash(bytes.fromhex(leaf)), read):
            nodes[level, index] = node
    return read


def test_every_published_inclusion_case_has_the_published_outcome() -> None:
    cases = read_cases("merkle_inclusion.json")
    disagreements = [
        case["name"]
        for case in cases
        if log.verify_inclusion(
            case["leafIdx"],
            case["treeSize"],
            unpack(case["leafHash"]),
            path_of(case),
            unpack(case["root"]),
        )
        == case["wantErr"]
    ]
    assert len(cases) >= 90
    assert disagreements == []


def test_every_published_consistency_case_has_the_published_outcome() -> None:
    cases = read_cases("merkle_consistency.json")
    disagreements = [
        case["name"]
        for case in cases
        if log.verify_consistency(
            case["size1"],
            case["size2"],
            unpack(case["root1"]),
            unpack(case["root2"]),
            path_of(case),
        )
        == case["wantErr"]
    ]
    assert len(cases) >= 90
    assert disagreements == []


@pytest.mark.parametrize("size", range(len(REFERENCE_ROOTS)))
def test_reference_leaves_give_the_reference_root(size: int) -> None:
    assert log.root(size, reference_reader()).hex() == REFERENCE_ROOTS[size]


def test_published_paths_are_the_paths_we_make() -> None:
    read = reference_reader()
    made = [
        log.inclusion_path(case["leafIdx"], case["treeSize"], read) == path_of(case)
        for case in read_cases("merkle_inclusion.json")
        if not case["wantErr"] and case["root"] in published_roots()
    ]
    assert len(made) >= 5
    assert all(made)


def test_published_consistency_proofs_are_the_proofs_we_make() -> None:
    read = reference_reader()
    made = [
        log.consistency_path(case["size1"], case["size2"], read) == path_of(case)
        for case in read_cases("merkle_consistency.json")
        if not case["wantErr"] and case["root2"] in published_roots()
    ]
    assert len(made) >= 5
    assert all(made)


def published_roots() -> list[str]:
    return [base64.b64encode(bytes.fromhex(root)).decode() for root in REFERENCE_ROOTS]


def test_leaf_has_the_layout_of_the_specification() -> None:
    assert SENT.encode().hex() == "010100000000018bcfe5687b" + "6e" * 16 + "73" * 32
    refused = replace(SENT, kind=log.LeafKind.REFUSED, code=307, at_ms=1)
    assert refused.encode().hex() == "010301330000000000000001" + "6e" * 16 + "73" * 32
    assert log.leaf_hash(SENT.encode()) == hashlib.sha256(b"\0" + SENT.encode()).digest()


def test_numbers_of_the_kinds_never_change() -> None:
    names = "SENT RECEIVED REFUSED ATTACHMENTS DESCRIPTOR DIRECTORY ERASED ACCESS EXPORT PADDING"
    kinds = [*names.split(), "SEEN"]
    assert [(kind.value, kind.name) for kind in log.LeafKind] == [*enumerate(kinds, 1)]


# Notes


def signed_data(kind: signed_note.SignatureType) -> bytes:
    """Return key id and signature of one of the two lines of a signed checkpoint."""
    note = notes.sign_checkpoint(CHECKPOINT, SIGNER, 1_700_000_000).decode()
    *text, blank, ed25519, mldsa44, end = note.split("\n")
    assert text == ["be.example/log/1", "9", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
    assert (blank, end) == ("", "")
    line = ed25519 if kind is signed_note.SignatureType.ED25519 else mldsa44
    dash, name, encoded = line.split(" ")
    assert (dash, name) == ("\u2014", "be.example/log/1")
    return unpack(encoded)


def test_ed25519_line_is_a_signed_note_of_c2sp() -> None:
    public = SIGNER.ed25519_public
    data = signed_data(signed_note.SignatureType.ED25519)
    assert data[:4] == hashlib.sha256(b"be.example/log/1\n\x01" + public).digest()[:4]
    text = b"be.example/log/1\n9\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    assert suite.ed25519_verify(public, data[4:], text)


def test_mldsa44_line_is_a_cosignature_of_c2sp() -> None:
    public, time = SIGNER.mldsa44_public, bytes.fromhex("000000006553f100")
    message = b"subtree/v1\n\0" + b"\x10be.example/log/1" + time
    message += b"\x10be.example/log/1" + bytes(8) + bytes(7) + b"\x09" + CHECKPOINT.root
    data = signed_data(signed_note.SignatureType.MLDSA44)
    assert data[:4] == hashlib.sha256(b"be.example/log/1\n\x06" + public).digest()[:4]
    assert data[4:12] == time
    assert suite.mldsa44_verify(public, data[12:], message)
    assert notes.cosigned_message(CHECKPOINT, CHECKPOINT.origin, 1_700_000_000) == message


@pytest.mark.parametrize("kind", signed_note.SignatureType)
def test_verifier_key_names_what_the_line_names(kind: signed_note.SignatureType) -> None:
    is_old = kind is signed_note.SignatureType.ED25519
    public = SIGNER.ed25519_public if is_old else SIGNER.mldsa44_public
    name, identifier, key = signed_note.verifier_key(CHECKPOINT.origin, kind, public).split("+", 2)
    assert (name, bytes.fromhex(identifier)) == (CHECKPOINT.origin, signed_data(kind)[:4])
    assert unpack(key) == bytes([kind]) + public


def test_published_note_and_verifier_key_of_go_agree() -> None:
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    text = b"If you think cryptography is the answer to your problem,\n"
    text += b"then you don't know what your problem is.\n"
    signature = unpack(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    public = unpack(vkey.split("+", 2)[2])[1:]
    kind = signed_note.SignatureType.ED25519
    assert signed_note.verifier_key("PeterNeumann", kind, public) == vkey
    assert signed_note.key_id("PeterNeumann", kind, public) == signature[:4]
    assert suite.ed25519_verify(public, signature[4:], text)


def test_published_example_of_a_cosigned_checkpoint_is_read() -> None:
    untrusted = notes.parse_checkpoint(C2SP_NOTE.encode())
    assert untrusted.checkpoint.size == 20852163
    assert notes.origin_of(C2SP_NOTE.encode()) == untrusted.checkpoint.origin
    assert untrusted.text == untrusted.checkpoint.text == C2SP_TEXT.encode()
    assert [(line.name, line.key_id.hex()) for line in untrusted.signatures] == [
        ("example.com/behind-the-sofa", "033de0ae"),
        ("witness.example.com/w1", "8d66cf3f"),
    ]


@pytest.mark.parametrize(
    ("origin", "size", "at_seconds"), [("a", 0, 1), ("é" * 127 + "e", 2**63 - 1, 2**63 - 1)]
)
def test_smallest_and_largest_values_verify(origin: str, size: int, at_seconds: int) -> None:
    note = notes.sign_checkpoint(notes.Checkpoint(origin, size, bytes(32)), SIGNER, at_seconds)
    verified = notes.verify_checkpoint(
        note, origin=origin, ed25519=SIGNER.ed25519_public, mldsa44=SIGNER.mldsa44_public
    )
    assert (verified.size, verified.signed_at_seconds) == (size, at_seconds)


def test_note_of_exactly_the_limit_is_read() -> None:
    note = notes.sign_checkpoint(CHECKPOINT, SIGNER, 1)
    room = limits.CHECKPOINT_BYTES - len(note) - len("\u2014  AAAAAAAA\n".encode())
    longest = note + f"\u2014 {'w' * room} AAAAAAAA\n".encode()
    assert len(notes.parse_checkpoint(longest).signatures) == 3
    with pytest.raises(PeerError):
        notes.parse_checkpoint(longest.replace(b"www", b"wwww", 1))


@pytest.mark.parametrize(
    "note", [b"", b"\n", b"\xff" * 999, b"a" * 999, "é".encode() * 200 + b"\n"]
)
def test_origin_claimed_by_any_bytes_is_some_short_text(note: bytes) -> None:
    assert len(notes.origin_of(note)) <= limits.ORIGIN_BYTES


# Proof files

INDEX, PATH, NOTE = 5, [b"a" * 32, b"b" * 32], b"a checkpoint\n\nits signatures\n"
HASH_LINES = b"".join(base64.b64encode(node) + b"\n" for node in PATH)
FILE = b"c2sp.org/tlog-proof@v1\nindex 5\n" + HASH_LINES + b"\n" + NOTE


def test_proof_file_is_a_tlog_proof_of_c2sp() -> None:
    assert notes.encode_tlog_proof(INDEX, PATH, NOTE) == FILE
    with_extra = notes.encode_tlog_proof(INDEX, PATH, NOTE, b"more")
    assert with_extra == FILE.replace(b"index", b"extra bW9yZQ==\nindex")
    assert notes.encode_tlog_proof(0, [], NOTE) == b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + NOTE


@given(
    index=st.integers(0, 2**63 - 1),
    path=st.lists(st.binary(min_size=32, max_size=32), max_size=64),
    extra=st.none() | st.binary(min_size=1, max_size=300),
)
@example(index=2**63 - 1, path=[bytes(32)] * 64, extra=b"x")
def test_proof_file_reads_back(index: int, path: list[bytes], extra: bytes | None) -> None:
    file = notes.encode_tlog_proof(index, path, NOTE, extra)
    assert notes.parse_tlog_proof(file) == notes.TlogProof(index, tuple(path), NOTE, extra)


def test_proof_file_of_exactly_the_limit_reads_back() -> None:
    room = limits.CHECKPOINT_BYTES + 16 * limits.KIB - (len(FILE) - len(NOTE))
    file = notes.encode_tlog_proof(INDEX, PATH, bytes(room))
    assert notes.parse_tlog_proof(file).checkpoint == bytes(room)
    with pytest.raises(PeerError):
        notes.parse_tlog_proof(file + b"x")


INDEX_LINES = [
    b"",
    b"index\n",
    b"index \n",
    b"index  5\n",
    b"index 05\n",
    b"index -5\n",
    b"index 9223372036854775808\n",
    b"index 5\r\n",
    b"Index 5\n",
    "index \u0665\n".encode(),
    b"index 5\nindex 5\n",
    b"index 5\nextra AAAA\n",
    b"extra \nindex 5\n",
    b"extra AAB=\nindex 5\n",
    b"extra AAAA\nextra AAAA\nindex 5\n",
    HASH_LINES + b"index 5\n",
]
MALFORMED_FILES = {
    **{f"{lines!r} for the index": FILE.replace(b"index 5\n", lines) for lines in INDEX_LINES},
    "nothing": b"",
    "header alone": b"c2sp.org/tlog-proof@v1",
    "header and blank line": b"c2sp.org/tlog-proof@v1\n\n" + NOTE,
    "other version": FILE.replace(b"@v1", b"@v2"),
    "no header": FILE.partition(b"\n")[2],
    "line ends of windows": FILE.replace(b"\n", b"\r\n"),
    "no blank line": FILE.replace(b"\n\n", b"\n"),
    "hash of 31 bytes": FILE.replace(HASH_LINES, base64.b64encode(bytes(31)) + b"\n"),
    "65 hashes": FILE.replace(HASH_LINES, HASH_LINES[:45] * 65),
    "200 hashes": FILE.replace(HASH_LINES, HASH_LINES[:45] * 200),
    "over-long": FILE + bytes(notes.TLOG_PROOF_BYTES),
}


@pytest.mark.parametrize("name", MALFORMED_FILES)
def test_malformed_proof_file_is_refused(name: str) -> None:
    with pytest.raises(PeerError) as refusal:
        notes.parse_tlog_proof(MALFORMED_FILES[name])
    assert refusal.value.code is RefusalCode.INVALID_VALUE


@pytest.mark.parametrize(
    "wrong",
    [
        {"index": -1},
        {"index": 2**63},
        {"path": PATH * 33},
        {"path": [bytes(31)]},
        {"extra": b""},
        {"extra": bytes(notes.TLOG_PROOF_BYTES)},
    ],
)
def test_proof_file_that_nobody_would_read_cannot_be_made(wrong: dict[str, Any]) -> None:
    proof: dict[str, Any] = {"index": INDEX, "path": PATH, "checkpoint": NOTE}
    with pytest.raises(ValueError, match=r"index|hash|long"):
        notes.encode_tlog_proof(**(proof | wrong))
