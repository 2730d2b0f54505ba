"""The values of the worked example in proto/SPEC.md, made from seeds.

Two values come out otherwise each time, because sealing and ML-DSA-44 signing are
random: `example` is given a ciphertext and a signature, and makes all that follows
from them. `python -m tests.support.worked_example` prints new ones.
"""

from __future__ import annotations

import base64
import hashlib

from securesystemslib.formats import encode_canonical

from keys.joining import fingerprint_words
from keys.tuf_keys import CompositeKey
from protocol import envelope, limits, log, notes, suite
from protocol.attachment import encrypt_chunks
from protocol.encoding import (
    encode_descriptor,
    encode_header,
    encode_request,
    encode_signed_request,
)
from protocol.envelope import Opening
from protocol.evidence import descriptor_subject
from protocol.ids import LegId, MessageId, NodeId
from protocol.log import Leaf, LeafKind
from protocol.pb.homeward.v1 import message_pb2
from protocol.suite import KemOpener, LogSigner
from protocol.values import Descriptor, Epoch, Header, Request

NOW_MS = 1_800_000_000_000
SIGNED_AT = NOW_MS // 1000 + 2
SENDER, RECIPIENT, ORIGIN = NodeId("be.example"), NodeId("gr.example"), "be.example/log/1"


def seed(label: str) -> bytes:
    return hashlib.sha256(label.encode("ascii")).digest()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


SIGNER = LogSigner(seed("be.example ed25519"), seed("be.example mldsa44"))
KEM = KemOpener(seed("gr.example epoch 2976"))
NOTE_KEY_IDS = (
    notes.key_id(ORIGIN, notes.SignatureType.ED25519, SIGNER.ed25519_public),
    notes.key_id(ORIGIN, notes.SignatureType.MLDSA44, SIGNER.mldsa44_public),
)
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


def id_of(ciphertext: bytes) -> bytes:
    digest = hashlib.sha256(ciphertext).digest()
    return envelope.envelope_id(header(), len(ciphertext), digest)


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
            directory_version=7,
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


def key_values() -> dict[str, bytes | str | int]:
    composite = suite.composite_public_key(seed("root mldsa65"), seed("root ed25519"))
    return {
        'Ed25519 public key of seed("be.example ed25519")': SIGNER.ed25519_public,
        'SHA-256 of the ML-DSA-44 public key of seed("be.example mldsa44")': sha256(
            SIGNER.mldsa44_public
        ),
        "key id of the two": SIGNER.key_id,
        f"key id in a note of {ORIGIN}, type 01": NOTE_KEY_IDS[0],
        f"key id in a note of {ORIGIN}, type 06": NOTE_KEY_IDS[1],
        'SHA-256 of the X-Wing public key of seed("gr.example epoch 2976")': sha256(KEM.public_key),
        "key id of the epoch": KEM.key_id,
        "epoch 2976 starts": EPOCH.starts_at_ms,
        "epoch 2976 ends": EPOCH.ends_at_ms,
        "SHA-256 of the composite public key": sha256(composite),
        "key id in directory metadata": CompositeKey(composite).keyid,
    }


def envelope_values(ciphertext: bytes) -> dict[str, bytes | str | int]:
    return {
        'salt, seed("salt")': opening().salt,
        "commitment": envelope.commitment(opening()),
        "SHA-256 of the plaintext": sha256(plaintext()),
        "SHA-256 of the header": sha256(header()),
        "SHA-256 of the ciphertext": sha256(ciphertext),
        "envelope id": id_of(ciphertext),
    }


def log_values(ciphertext: bytes) -> tuple[dict[str, bytes | str | int], notes.Checkpoint, list]:
    """Return the values, the checkpoint over the five leaves, and the path of the third."""
    nodes: dict[tuple[int, int], bytes] = {}

    def read(level: int, index: int) -> bytes:
        return nodes[level, index]

    hashes = [log.leaf_hash(leaf) for leaf in leaves(id_of(ciphertext))]
    for number, leaf_hash in enumerate(hashes):
        for level, index, node in log.nodes_added(number, leaf_hash, read):
            nodes[level, index] = node
    checkpoint = notes.Checkpoint(ORIGIN, 5, log.root(5, read))
    values = {f"leaf hash {number}": each for number, each in enumerate(hashes)}
    return values | {"root": checkpoint.root}, checkpoint, log.inclusion_path(2, 5, read)


def other_values() -> dict[str, bytes | str | int]:
    canonical = encode_canonical({"version": 1, "b": [True, None, -5], "a": 'é"\\\n', "Z": {}})
    representative = b"CompositeAlgorithmSignatures2025COMPSIG-MLDSA65-Ed25519-SHA512\x15"
    representative += suite.DIRECTORY_CONTEXT + hashlib.sha512(canonical.encode()).digest()
    blob = b"".join(encrypt_chunks(seed("attachment"), [b"a photo"]))
    fingerprint = suite.digest("homeward/v1 join fingerprint", b"example")
    return {
        "size of the descriptor": len(descriptor()),
        "subject of its leaf": descriptor_subject(descriptor()),
        "canonical JSON": canonical.encode(),
        "M'": representative,
        'Ed25519 half by seed("root ed25519")': suite.ed25519_sign(
            seed("root ed25519"), representative
        ),
        "blob": blob,
        "blob id": sha256(blob),
        "fingerprint": fingerprint,
        "words": " ".join(fingerprint_words(fingerprint)),
    }


def example(ciphertext: bytes, mldsa44_signature: bytes) -> tuple[dict[str, str], list[str]]:
    """Return the values of the tables, and the blocks, in the order of the document."""
    of_log, checkpoint, path = log_values(ciphertext)
    values = key_values() | envelope_values(ciphertext) | of_log | other_values()
    stamped = (SIGNED_AT).to_bytes(8, "big") + mldsa44_signature
    note = checkpoint.text.decode() + "\n"
    for key_id, line in zip(
        NOTE_KEY_IDS, [SIGNER.sign_ed25519(checkpoint.text), stamped], strict=True
    ):
        note += f"\u2014 {ORIGIN} {base64.b64encode(key_id + line).decode()}\n"
    blocks = [
        opening().payload.hex(),
        header().hex(),
        base64.b64encode(ciphertext).decode(),
        "".join(leaf.hex() for leaf in leaves(id_of(ciphertext))),
        notes.cosigned_message(checkpoint, ORIGIN, SIGNED_AT).hex(),
        notes.encode_tlog_proof(2, path, note.encode()).decode(),
        request().hex(),
    ]
    shown = {n: v.hex() if isinstance(v, bytes) else str(v) for n, v in values.items()}
    return shown, blocks


def new_values() -> tuple[bytes, bytes]:
    """Return a new ciphertext, and a new signature over the checkpoint."""
    ciphertext = suite.seal(KEM.public_key, info(), plaintext())
    checkpoint = log_values(ciphertext)[1]
    signed = notes.cosigned_message(checkpoint, ORIGIN, SIGNED_AT)
    return ciphertext, SIGNER.sign_mldsa44(signed)


if __name__ == "__main__":
    values, blocks = example(*new_values())
    print("\n".join(f"| {name} | `{value}` |" for name, value in values.items()))
    print("\n\n".join(blocks))
