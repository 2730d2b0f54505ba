"""Keep proto/SPEC.md true: its tables, numbers and worked example against the code.

The example recomputes from seeds, but for two values that come out otherwise each
time: a sealed ciphertext and an ML-DSA-44 signature. These are taken from the
document and must hold. Run as a program it prints what the example should say.
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
from securesystemslib.formats import encode_canonical

from keys.directory import MEMBERS_BYTES
from keys.errors import DirectoryError, DirectoryFault
from keys.joining import REQUEST_BYTES, fingerprint_words
from keys.tuf_keys import CompositeKey
from keys.words import WORDS
from protocol import bundle, envelope, limits, log, notes, report, suite
from protocol.attachment import encrypt_chunks
from protocol.encoding import (
    encode_descriptor,
    encode_header,
    encode_request,
    encode_signed_request,
)
from protocol.envelope import Opening
from protocol.errors import TRANSIENT_CODES, RefusalCode
from protocol.evidence import descriptor_subject
from protocol.exchange.leg import ENDS, TRANSITIONS, State
from protocol.ids import LegId, MessageId, NodeId
from protocol.log import Leaf, LeafKind
from protocol.pb.homeward.v1 import descriptor_pb2, envelope_pb2, member_pb2, message_pb2
from protocol.suite import KemOpener, LogSigner
from protocol.values import Descriptor, Epoch, Header, Request
from protocol.vocabulary import VOCABULARIES
from protocol.wire import parse_header

REPOSITORY = Path(__file__).resolve().parent.parent
# Of what never leaves the node: a cache, and the vault of a directory key.
LOCAL_LABELS = {"homeward/v1 checked checkpoint", "homeward/v1 directory key"}
PROTO_TYPES = {4: "uint64", 8: "bool", 9: "string", 12: "bytes", 13: "uint32"}

NOW_MS = 1_800_000_000_000
SENDER, RECIPIENT, ORIGIN = NodeId("be.example"), NodeId("gr.example"), "be.example/log/1"
FORMER = {"size_class": 1024, "directory_version": 7}


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
    assert {tuple(row[:2]) for row in rows(section("8.4"))} == states
    told = [
        (side, step, start, end)
        for sides, step, starts, end in rows(section("8.5"))
        for side in sides.split(", ")
        for start in starts.split(", ")
    ]
    known = [
        (side.value[0].upper(), step, start.value, end.value)
        for (side, step), row in TRANSITIONS.items()
        for start, end in row.items()
    ]
    assert sorted(told) == sorted(known)


def test_every_kind_of_leaf_stands_in_the_table() -> None:
    told = [row[:2] for row in rows(section("5.1")) if row[1].isupper()]
    assert told == [[str(kind.value), kind.name] for kind in LeafKind]


MESSAGES = [
    message
    for file in (envelope_pb2, descriptor_pb2, member_pb2)
    for message in file.DESCRIPTOR.message_types_by_name.values()
]


@pytest.mark.parametrize(
    "message", [*MESSAGES, message_pb2.Message.DESCRIPTOR], ids=lambda message: message.name
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
        MEMBERS_BYTES,
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
    assert {
        label for label in found if f"{label}`" not in spec() and f'{label}"' not in spec()
    } == set()


def test_reasons_claims_and_faults_have_the_sentences_of_the_code() -> None:
    told = rows(section("13.8"))
    claims = [[claim.value, report.proven(claim).sentence] for claim in report.Claim]
    assert told[: len(claims)] == claims
    doubts = [(reason, report.Doubt.of(reason)) for reason in report.Reason]
    reasons = [[reason.value, doubt.verdict.value, doubt.sentence] for reason, doubt in doubts]
    assert told[len(claims) :] == reasons
    faults = [[fault.value, DirectoryError(fault).sentence] for fault in DirectoryFault]
    assert rows(section("10.4")) == faults


def test_words_and_coded_lists_are_those_of_the_code() -> None:
    assert section("B").partition("```text\n")[2].partition("```")[0].split() == list(WORDS)
    lists = [[name, " ".join(each.codes)] for name, each in VOCABULARIES.items()]
    assert rows(section("C")) == lists


# --- the worked example


def seed(label: str) -> bytes:
    return hashlib.sha256(label.encode("ascii")).digest()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


SIGNER = LogSigner(seed("be.example ed25519"), seed("be.example mldsa44"))
KEM = KemOpener(seed("gr.example epoch 2976"))
EPOCH = Epoch(2976, KEM.public_key, 2976 * limits.EPOCH_MS, 2977 * limits.EPOCH_MS)


def opening() -> Opening:
    message = message_pb2.Message(leg_id=seed("leg")[:16], step_number=1)
    message.referral.kind, message.referral.urgency = "info_request", 3
    message.referral.ask.text, message.referral.ask.language = "Known to you?", "en"
    message.referral.expires_at_ms = NOW_MS + limits.LIFETIME_MS
    return Opening(seed("salt"), message.SerializeToString(deterministic=True))


def plaintext() -> bytes:
    return (opening().salt + opening().payload + b"\x80").ljust(1024, b"\0")


def header() -> bytes:
    made = Header(
        federation_id=seed("federation"),
        sender=SENDER,
        sender_log_key=SIGNER.key_id,
        recipient=RECIPIENT,
        recipient_kem_key=KEM.key_id,
        message_id=MessageId(seed("message")[:16]),
        leg_id=LegId(seed("leg")[:16]),
        stream_seq=1,
        previous_envelope_id=b"",
        created_at_ms=NOW_MS,
        expires_at_ms=NOW_MS + limits.LIFETIME_MS,
        directory_version=7,
        urgency=3,
        size_class=1024,
        commitment=envelope.commitment(opening()),
    )
    return encode_header(made)


def info() -> bytes:
    return b"homeward/v1 hpke\0" + hashlib.sha256(header()).digest()


def leaves(envelope_id: bytes) -> list[bytes]:
    def leaf(number: int) -> bytes:
        is_sent = number == 2
        made = Leaf(
            kind=LeafKind.SENT if is_sent else LeafKind.PADDING,
            at_ms=NOW_MS + 1000 * (number - 2),
            nonce=seed(f"nonce {number}")[:16],
            subject=envelope_id if is_sent else seed(f"padding {number}"),
        )
        return made.encode()

    return [leaf(number) for number in range(5)]


def request() -> bytes:
    key = seed("be.example transport")
    made = encode_request(
        Request(
            federation_id=seed("federation"),
            sender=SENDER,
            transport_key=suite.ed25519_public_key(key),
            target=RECIPIENT,
            created_at_ms=NOW_MS,
            nonce=seed("request")[:16],
        )
    )
    return encode_signed_request(made, suite.ed25519_sign(key, b"homeward/v1 request\0" + made))


def descriptor() -> bytes:
    made = Descriptor(
        federation_id=seed("federation"),
        node_id=RECIPIENT,
        serial=1,
        created_at_ms=NOW_MS - 1000,
        expires_at_ms=NOW_MS - 1000 + limits.DESCRIPTOR_LIFETIME_MS,
        log_key=seed("gr.example log key"),
        epochs=(EPOCH,),
        transport_key=suite.ed25519_public_key(seed("gr.example transport")),
    )
    return encode_descriptor(made)


def example(ciphertext: bytes, mldsa44_signature: bytes) -> tuple[dict[str, str], list[str]]:
    """Return the values of the tables, and the blocks, in the order of the document."""
    envelope_id = envelope.envelope_id(
        header(), len(ciphertext), hashlib.sha256(ciphertext).digest()
    )
    log_leaves, nodes = leaves(envelope_id), {}
    for number, leaf in enumerate(log_leaves):
        added = log.nodes_added(number, log.leaf_hash(leaf), lambda *at: nodes[at])
        nodes |= {(level, index): node for level, index, node in added}
    checkpoint = notes.Checkpoint(ORIGIN, 5, log.root(5, lambda *at: nodes[at]))
    path = log.inclusion_path(2, 5, lambda *at: nodes[at])
    at_seconds = NOW_MS // 1000 + 2
    cosigned = notes.cosigned_message(checkpoint, ORIGIN, at_seconds)
    ids = [
        notes.key_id(ORIGIN, notes.SignatureType.ED25519, SIGNER.ed25519_public),
        notes.key_id(ORIGIN, notes.SignatureType.MLDSA44, SIGNER.mldsa44_public),
    ]
    lines = [
        SIGNER.sign_ed25519(checkpoint.text),
        at_seconds.to_bytes(8, "big") + mldsa44_signature,
    ]
    note = checkpoint.text.decode() + "\n"
    for key_id, line in zip(ids, lines, strict=True):
        note += f"\u2014 {ORIGIN} {base64.b64encode(key_id + line).decode()}\n"
    directory_key = CompositeKey(
        suite.composite_public_key(seed("root mldsa65"), seed("root ed25519"))
    )
    canonical = encode_canonical({"version": 1, "b": [True, None, -5], "a": 'é"\\\n', "Z": {}})
    prefix = b"CompositeAlgorithmSignatures2025COMPSIG-MLDSA65-Ed25519-SHA512"
    representative = (
        prefix + b"\x15homeward/v1 directory" + hashlib.sha512(canonical.encode()).digest()
    )
    blob = b"".join(encrypt_chunks(seed("attachment"), [b"a photo"]))
    fingerprint = suite.digest("homeward/v1 join fingerprint", b"example")
    values = {
        'seed("be.example ed25519")': seed("be.example ed25519").hex(),
        "Ed25519 public key": SIGNER.ed25519_public.hex(),
        'seed("be.example mldsa44")': seed("be.example mldsa44").hex(),
        "SHA-256 of the ML-DSA-44 public key": sha256(SIGNER.mldsa44_public),
        "key id of the log keys": SIGNER.key_id.hex(),
        f"key id in a note of {ORIGIN}, type 01": ids[0].hex(),
        f"key id in a note of {ORIGIN}, type 06": ids[1].hex(),
        'seed("gr.example epoch 2976")': seed("gr.example epoch 2976").hex(),
        "SHA-256 of the X-Wing public key": sha256(KEM.public_key),
        "key id of the epoch": KEM.key_id.hex(),
        "epoch 2976 starts": str(EPOCH.starts_at_ms),
        "epoch 2976 ends": str(EPOCH.ends_at_ms),
        "SHA-256 of the composite public key": sha256(directory_key.public_bytes),
        "key id in directory metadata": directory_key.keyid,
        'salt, seed("salt")': opening().salt.hex(),
        "commitment": envelope.commitment(opening()).hex(),
        "SHA-256 of the plaintext": sha256(plaintext()),
        "SHA-256 of the header": sha256(header()),
        "SHA-256 of the ciphertext": sha256(ciphertext),
        "envelope id": envelope_id.hex(),
        **{f"leaf hash {n}": log.leaf_hash(leaf).hex() for n, leaf in enumerate(log_leaves)},
        "root": checkpoint.root.hex(),
        "size of the descriptor": str(len(descriptor())),
        "subject of its leaf": descriptor_subject(descriptor()).hex(),
        "canonical JSON": canonical.encode().hex(),
        "M'": representative.hex(),
        'Ed25519 half by seed("root ed25519")': suite.ed25519_sign(
            seed("root ed25519"), representative
        ).hex(),
        "blob": blob.hex(),
        "blob id": sha256(blob),
        "fingerprint": fingerprint.hex(),
        "words": " ".join(fingerprint_words(fingerprint)),
    }
    leaf_lines = "\n".join(leaf.hex() for leaf in log_leaves)
    proof = notes.encode_tlog_proof(2, path, note.encode()).decode()
    sealed = base64.b64encode(ciphertext).decode()
    blocks = [opening().payload.hex(), header().hex(), sealed, leaf_lines, cosigned.hex(), proof]
    return values, [*blocks, request().hex()]


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
    assert told_blocks() == [each if "\n\n" in each else each.replace("\n", "") for each in blocks]
    assert {name: value.strip("`") for name, value in rows(section("A"))} == values


def test_proof_of_the_example_holds() -> None:
    proof = notes.parse_tlog_proof(told_blocks()[5].encode())
    envelope_id = envelope.envelope_id(header(), 2160, hashlib.sha256(told_ciphertext()).digest())
    verified = notes.verify_proof(
        leaves(envelope_id)[2],
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


if __name__ == "__main__":
    for name, value in (example(told_ciphertext(), told_signature()))[0].items():
        print(f"| {name} | `{value}` |")
