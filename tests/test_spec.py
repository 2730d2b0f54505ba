"""Keep proto/SPEC.md true: its tables, numbers and worked example against the code.

The example recomputes from seeds, but for two values that come out otherwise each
time: a sealed ciphertext and an ML-DSA-44 signature. These are taken from the
document, and must hold (see `tests.support.worked_example`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from keys.errors import DirectoryError, DirectoryFault
from keys.joining import REQUEST_BYTES
from keys.words import WORD_LANGUAGES, words
from protocol import bundle, envelope, limits, notes, report
from protocol.errors import TRANSIENT_CODES, RefusalCode
from protocol.exchange.content import FOUND, NEEDED
from protocol.exchange.leg import ENDS, State
from protocol.exchange.patterns import KINDS, TRANSITIONS
from protocol.log import LeafKind
from protocol.pb.homeward.v1 import descriptor_pb2, envelope_pb2, member_pb2, message_pb2
from protocol.vocabulary import VOCABULARIES
from protocol.wire import parse_header
from tests.support.worked_example import (
    ORIGIN,
    SIGNER,
    example,
    header,
    id_of,
    info,
    leaves,
    opening,
    plaintext,
    seed,
)

REPOSITORY = Path(__file__).resolve().parent.parent
# Of what never leaves the node: a cache, and the vaults of keys.
LOCAL_LABELS = {
    "homeward/v1 checked checkpoint",
    "homeward/v1 directory key",
    "homeward/v1 identity",
}
PROTO_TYPES = {4: "uint64", 8: "bool", 9: "string", 12: "bytes", 13: "uint32"}


@cache
def spec() -> str:
    return (REPOSITORY / "proto" / "SPEC.md").read_text(encoding="utf-8")


def section(number: str) -> str:
    """Return the text under `## 9 ...` or `### 8.4 ...`, up to the next heading as high."""
    level = "##" if "." not in number else "##+"
    pattern = rf"^##+ {re.escape(number)} .*?(?=^{level} |\Z)"
    found = re.search(pattern, spec(), re.MULTILINE | re.DOTALL)
    assert found is not None, number
    return found[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of all table rows but the headings."""
    lines = text.splitlines()
    rules = {at for at, line in enumerate(lines) if line.startswith("|---")}
    headings = {at - 1 for at in rules}
    return [
        [cell.strip() for cell in line[1:-1].split("|")]
        for at, line in enumerate(lines)
        if line.startswith("|") and at not in rules | headings
    ]


# --- tables


def test_every_refusal_code_stands_in_the_table() -> None:
    expected = [
        [str(code.value), code.name.lower(), "again" if code in TRANSIENT_CODES else ""]
        for code in RefusalCode
    ]
    assert [row[:3] for row in rows(section("9"))] == expected


def test_every_state_and_every_transition_stands_in_the_tables() -> None:
    states = {(state.value, "yes" if state in ENDS else "no") for state in State}
    told_states = {tuple(row[:2]) for row in rows(section("8.4")) if row[1] in ("yes", "no")}
    assert told_states == states
    told = [
        (pattern, side, step, start, end)
        for pattern, sides, step, starts, end in rows(section("8.5"))
        for side in sides.split(", ")
        for start in starts.split(", ")
    ]
    known = [
        (pattern.value, side.value[0].upper(), step, start.value, end.value)
        for pattern, table in TRANSITIONS.items()
        for (side, step), row in table.items()
        for start, end in row.items()
    ]
    assert sorted(told) == sorted(known)


def test_every_kind_stands_in_the_table_with_its_pattern() -> None:
    told = {row[0]: row[1] for row in rows(section("8.4")) if row[1] not in ("yes", "no")}
    assert told == {kind: pattern.value for kind, pattern in KINDS.items()}


def test_what_each_step_must_say_stands_in_the_table() -> None:
    known = [[step, ", ".join(names)] for step, names in NEEDED.items()]
    assert rows(section("8.7")) == known
    codes = re.search(r"by which a child is found: ([^.]*)\.", section("8.7"))
    assert codes is not None
    assert set(re.findall(r"\w+", codes[1])) == FOUND


def test_every_step_stands_in_the_table() -> None:
    told = [row[:3] for row in rows(section("8.2")) if 10 <= int(row[0]) < 30]
    slots = message_pb2.Message.DESCRIPTOR.oneofs_by_name["step"].fields
    assert told == [[str(slot.number), slot.name, slot.message_type.name] for slot in slots]


def test_every_kind_of_leaf_stands_in_the_table() -> None:
    told = [row[:2] for row in rows(section("5.1")) if row[1].isupper()]
    assert told == [[str(kind.value), kind.name] for kind in LeafKind]


MESSAGES = [
    message
    for file in (envelope_pb2, descriptor_pb2, member_pb2)
    for message in file.DESCRIPTOR.message_types_by_name.values()
]


@pytest.mark.parametrize(
    "message",
    [
        *MESSAGES,
        *(getattr(message_pb2, name).DESCRIPTOR for name in ("Message", "LegalBasis", "CodeLabel")),
    ],
    ids=lambda message: message.name,
)
def test_every_field_of_a_security_message_stands_in_its_table(message) -> None:
    found = re.search(rf"^\*\*{message.name}\*\*.*\n\n?((?:\|.*\n)*)", spec(), re.MULTILINE)
    assert found is not None
    assert [row[:3] for row in rows(found[1])] == [
        [str(field.number), field.name, type_of(field)] for field in message.fields
    ]


def type_of(field) -> str:
    named = field.message_type or field.enum_type
    name = PROTO_TYPES[field.type] if named is None else named.name
    return f"repeated {name}" if field.is_repeated else name


def test_every_limit_stands_in_the_table_with_its_value() -> None:
    expected = {
        name: ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for name, value in vars(limits).items()
        if name.isupper() and name not in ("KIB", "MIB", "GIB")
    }
    assert {name: value for name, value, _ in rows(section("14"))} == expected


def test_numbers_in_the_text_are_those_of_the_code() -> None:
    derived = {
        limits.PLAINTEXT_BYTES - limits.SALT_BYTES - 1,
        limits.REQUEST_VALID_MS + limits.CLOCK_SKEW_MS,
        notes.TLOG_PROOF_BYTES,
        bundle.BUNDLE_BYTES,
        REQUEST_BYTES,
    }
    values = {value for value in vars(limits).values() if isinstance(value, int)}
    spaced = re.findall(r"\b\d{1,3}(?: \d{3})+\b", spec())
    assert {int(number.replace(" ", "")) for number in spaced} - values - derived == set()
    assert f"{bundle.BUNDLE_ENTRIES} entries" in section("13.1")
    assert {bundle.FORMAT, report.FORMAT} <= set(re.findall(r"[a-z-]+/1\b", section("13")))


def test_every_label_of_a_digest_or_signature_is_named() -> None:
    folders = ("protocol", "keys", "node/exchange")
    sources = [path.read_text() for name in folders for path in REPOSITORY.glob(f"{name}/*.py")]
    found = set(re.findall(r"\"(homeward/v1 [a-z ]+)", "".join(sources))) - LOCAL_LABELS
    assert len(found) > 8
    assert found - set(re.findall(r"homeward/v1 [a-z ]+[a-z]", spec())) == set()


def test_reasons_claims_and_faults_have_the_sentences_of_the_code() -> None:
    told = rows(section("13.8"))
    claims = [[claim.value, report.proven(claim).sentence] for claim in report.Claim]
    assert told[: len(claims)] == claims
    doubts = [(reason, report.Doubt.of(reason)) for reason in report.Reason]
    reasons = [[reason.value, doubt.verdict.value, doubt.sentence] for reason, doubt in doubts]
    assert told[len(claims) :] == reasons
    faults = [[fault.value, DirectoryError(fault).sentence] for fault in DirectoryFault]
    assert rows(section("10.4")) == faults


def table_of_words() -> str:
    """Return the block of appendix B: each byte in hex, and its word in every language."""
    columns = [(language, *words(language)) for language in WORD_LANGUAGES]
    columns.insert(0, ("  ", *(f"{byte:02x}" for byte in range(256))))
    padded = [[word.ljust(max(map(len, column))) for word in column] for column in columns]
    return "".join(" ".join(row).rstrip() + "\n" for row in zip(*padded, strict=True))


def test_words_and_coded_lists_are_those_of_the_code() -> None:
    assert section("B").partition("```text\n")[2].partition("```")[0] == table_of_words()
    lists = [[name, " ".join(each.codes)] for name, each in VOCABULARIES.items()]
    assert rows(section("C")) == lists


# --- the worked example


def told_blocks() -> list[str]:
    """Return the blocks of the example; what is wrapped for reading is joined again."""
    found = re.findall(r"^```text\n(.*?)^```", section("A"), re.MULTILINE | re.DOTALL)
    return [each if "\n\n" in each else each.replace("\n", "") for each in found]


def told_ciphertext() -> bytes:
    return base64.b64decode(told_blocks()[2])


def told_signature() -> bytes:
    return base64.b64decode(told_blocks()[5].splitlines()[-1].split(" ")[2])[12:]


def test_example_is_what_the_code_makes() -> None:
    values, blocks = example(told_ciphertext(), told_signature())
    assert told_blocks() == blocks
    assert {name: value.strip("`") for name, value in rows(section("A"))} == values


def test_proof_of_the_example_holds() -> None:
    proof = notes.parse_tlog_proof(told_blocks()[5].encode())
    verified = notes.verify_proof(
        leaves(id_of(told_ciphertext()))[2],
        proof.index,
        proof.path,
        proof.checkpoint,
        origin=ORIGIN,
        ed25519=SIGNER.ed25519_public,
        mldsa44=SIGNER.mldsa44_public,
    )
    assert (verified.index, verified.checkpoint.size) == (2, 5)


def labelled(label: bytes, data: bytes) -> bytes:
    return b"HPKE-v1" + b"HPKE" + bytes.fromhex("647a00010003") + label + data


def extract(key: bytes, label: bytes, data: bytes) -> bytes:
    return hmac.digest(key, labelled(label, data), "sha256")


def expand(key: bytes, label: bytes, context: bytes, length: int) -> bytes:
    stated = length.to_bytes(2, "big") + labelled(label, context) + b"\x01"
    return hmac.digest(key, stated, "sha256")[:length]


def test_ciphertext_of_the_example_opens_by_the_steps_of_section_2() -> None:
    expanded = hashlib.shake_256(seed("gr.example epoch 2976")).digest(96)
    private = x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
    ct_m, ct_x, rest = (
        told_ciphertext()[part] for part in (slice(1088), slice(1088, 1120), slice(1120, None))
    )
    ss_m = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64]).decapsulate(ct_m)
    ss_x = private.exchange(x25519.X25519PublicKey.from_public_bytes(ct_x))
    combined = ss_m + ss_x + ct_x + private.public_key().public_bytes_raw()
    shared = hashlib.sha3_256(combined + bytes.fromhex("5c2e2f2f5e5c")).digest()
    empty = bytes(32)
    context = b"\0" + extract(empty, b"psk_id_hash", b"") + extract(empty, b"info_hash", info())
    secret = extract(shared, b"secret", b"")
    key, nonce = expand(secret, b"key", context, 32), expand(secret, b"base_nonce", context, 12)
    assert ChaCha20Poly1305(key).decrypt(nonce, rest, None) == plaintext()
    envelope.check_opening(parse_header(header()), opening())
