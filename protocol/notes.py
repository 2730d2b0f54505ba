"""Checkpoints and log proofs as text, to the byte as C2SP writes them down.

signed-note, tlog-checkpoint, tlog-cosignature (ML-DSA-44) and tlog-proof. A node
signs its log with two lines, Ed25519 (type 01) and ML-DSA-44 (type 06), both with
the log's origin as key name; both must be there and hold (SPEC.md section 5).

Rules:
- a value has one spelling: canonical base64, decimals without leading zeroes,
  nothing before, between or after the lines;
- a checkpoint has no extension lines, because ML-DSA-44 would not sign them;
- lines of unknown keys are ignored; a bad line of a known key refuses the note;
- `parse_` checks form only; nothing may rest on its result before `verify_`.

Which keys are good for which log, and when, is the directory's business.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

from protocol import limits, log, suite
from protocol.errors import PeerError, RefusalCode
from protocol.signed_note import (
    SignatureLine,
    SignatureType,
    decode_base64,
    encode_base64,
    key_id,
    parse_decimal,
    parse_signature_line,
    require_key_name,
    signature_line,
)

TLOG_PROOF_BYTES = limits.CHECKPOINT_BYTES + 16 * limits.KIB
"""A checkpoint, 64 hashes of 45 characters, and about 13 KB of extra data."""

_TIMESTAMP_BYTES = 8
_COSIGNED_LABEL = b"subtree/v1\n\x00"
_PROOF_HEADER = "c2sp.org/tlog-proof@v1"
_FORBIDDEN = bytes(code for code in range(0x20) if code != ord("\n"))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log states: its name, its size and the root at that size."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        require_key_name(self.origin)
        if not 0 <= self.size <= log.MAX_INTEGER or len(self.root) != log.HASH_BYTES:
            raise ValueError("size or root")

    @property
    def text(self) -> bytes:
        """The three lines that Ed25519 signs."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n".encode()


@dataclass(frozen=True, slots=True)
class UntrustedCheckpoint:
    """A well-formed note of which no signature has been checked."""

    checkpoint: Checkpoint
    text: bytes
    signatures: tuple[SignatureLine, ...]


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """A checkpoint that both keys of its log signed."""

    origin: str
    size: int
    root: bytes
    signed_at_seconds: int


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The parts of a tlog-proof file. Nothing authenticates `extra`."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index <= log.MAX_INTEGER or len(self.path) > limits.PROOF_HASHES:
            raise ValueError("index or length of the path")
        if any(len(node) != log.HASH_BYTES for node in self.path) or self.extra == b"":
            raise ValueError("a hash has 32 bytes, and extra data is not empty")


@dataclass(frozen=True, slots=True)
class VerifiedLeaf:
    """A leaf that stands at `index` in the log that signed the checkpoint."""

    leaf: log.Leaf
    index: int
    checkpoint: VerifiedCheckpoint


class CheckpointCache(Protocol):
    """Remembers checkpoints that were verified a moment ago, by digest."""

    def get(self, digest: bytes) -> VerifiedCheckpoint | None: ...
    def put(self, digest: bytes, checkpoint: VerifiedCheckpoint) -> None: ...


class RecentCheckpoints:
    """A `CheckpointCache` that forgets the least recently used; threads may share it.

    Only what verified goes in, so a stranger cannot push others out.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError("size is at least 1")
        self._size = size
        self._entries: OrderedDict[bytes, VerifiedCheckpoint] = OrderedDict()

    def get(self, digest: bytes) -> VerifiedCheckpoint | None:
        found = self._entries.get(digest)
        if found is not None:
            # Another thread may have dropped it meanwhile; what was found stays true.
            with suppress(KeyError):
                self._entries.move_to_end(digest)
        return found

    def put(self, digest: bytes, checkpoint: VerifiedCheckpoint) -> None:
        self._entries[digest] = checkpoint
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)


def sign_checkpoint(checkpoint: Checkpoint, signer: suite.LogSigner, at_seconds: int) -> bytes:
    """Return the signed note: text, blank line, Ed25519 line, ML-DSA-44 line.

    The caller has made the leaves durable, and never signs two roots for one size.
    """
    name, text = checkpoint.origin, checkpoint.text
    signature = signer.sign_ed25519(text)
    line = signature_line(name, SignatureType.ED25519, signer.ed25519_public, signature)
    return text + b"\n" + line + cosign(checkpoint, name, signer, at_seconds)


def cosign(checkpoint: Checkpoint, name: str, signer: suite.LogSigner, at_seconds: int) -> bytes:
    """Return the ML-DSA-44 line with which `name` states that it saw this checkpoint."""
    require_key_name(name)
    # 0 would mean "no statement about time" (tlog-cosignature); a node always makes one.
    if not 0 < at_seconds <= log.MAX_INTEGER:
        raise ValueError("time is out of range")
    signature = signer.sign_mldsa44(cosigned_message(checkpoint, name, at_seconds))
    stamped = at_seconds.to_bytes(_TIMESTAMP_BYTES, "big") + signature
    return signature_line(name, SignatureType.MLDSA44, signer.mldsa44_public, stamped)


def cosigned_message(checkpoint: Checkpoint, name: str, at_seconds: int) -> bytes:
    """Return what a type 06 line signs: `cosigned_message` of tlog-cosignature."""
    cosigner, origin = name.encode(), checkpoint.origin.encode()
    layout = f">12s B{len(cosigner)}s Q B{len(origin)}s QQ 32s"
    statement = (_COSIGNED_LABEL, len(cosigner), cosigner, at_seconds, len(origin), origin)
    # A checkpoint is the subtree from leaf 0 up to its size.
    return struct.pack(layout, *statement, 0, checkpoint.size, checkpoint.root)


def parse_checkpoint(note: bytes) -> UntrustedCheckpoint:
    """Read the form of a signed note whose text is a checkpoint.

    Raises:
        PeerError: CHECKPOINT_MALFORMED.
    """
    with _refused_as(RefusalCode.CHECKPOINT_MALFORMED):
        if len(note) > limits.CHECKPOINT_BYTES or note.translate(None, _FORBIDDEN) != note:
            raise ValueError("size, or a control character")
        # Three lines, a blank one, the signatures, nothing after the last newline. Lines
        # beyond the limit stay in the last piece, which is then not empty.
        lines = note.decode().split("\n", 4 + limits.CHECKPOINT_SIGNATURES)
        if len(lines) < 6 or lines[3] or lines[-1]:
            raise ValueError("lines")
        return UntrustedCheckpoint(
            checkpoint=Checkpoint(lines[0], parse_decimal(lines[1]), decode_base64(lines[2])),
            text=text_of(note),
            signatures=tuple(parse_signature_line(line) for line in lines[4:-1]),
        )


def origin_of(note: bytes) -> str:
    """Return the first line of a note: the origin that it claims.

    It only helps to find the keys under which the note is then verified.
    """
    return note[: limits.ORIGIN_BYTES].split(b"\n", 1)[0].decode(errors="replace")


def text_of(note: bytes) -> bytes:
    """Return what a well-formed note states, byte for byte and without its signatures."""
    return note[: note.index(b"\n\n") + 1]


def seen_subject(note: bytes) -> bytes:
    """Return the subject of the SEEN leaf for the checkpoint in this well-formed note.

    Not over the signatures: whoever has the keys can make them again at any time, but
    not the tree that origin, size and root stand for.
    """
    return suite.digest("homeward/v1 checkpoint", text_of(note))


def verify_checkpoint(
    note: bytes, *, origin: str, ed25519: bytes, mldsa44: bytes
) -> VerifiedCheckpoint:
    """Check that the log `origin` signed this note with both of its keys.

    Raises:
        PeerError: CHECKPOINT_MALFORMED, WRONG_LOG, SIGNATURE_MISSING or SIGNATURE_INVALID.
    """
    return _verify_own_lines(parse_checkpoint(note), origin, ed25519, mldsa44)


def verify_cosignature(untrusted: UntrustedCheckpoint, *, name: str, mldsa44: bytes) -> int:
    """Check the one type 06 line of this cosigner; return its time in seconds.

    Raises:
        PeerError: CHECKPOINT_MALFORMED, SIGNATURE_MISSING or SIGNATURE_INVALID.
    """
    line = _only_line(untrusted, name, SignatureType.MLDSA44, mldsa44)
    at_seconds = int.from_bytes(line[:_TIMESTAMP_BYTES], "big")
    if not 0 < at_seconds <= log.MAX_INTEGER:
        raise PeerError(RefusalCode.CHECKPOINT_MALFORMED, "time is out of range")
    message = cosigned_message(untrusted.checkpoint, name, at_seconds)
    if not suite.mldsa44_verify(mldsa44, line[_TIMESTAMP_BYTES:], message):
        raise PeerError(RefusalCode.SIGNATURE_INVALID, "ML-DSA-44")
    return at_seconds


def verify_proof(
    leaf: bytes,
    index: int,
    path: Sequence[bytes],
    checkpoint: bytes,
    *,
    origin: str,
    ed25519: bytes,
    mldsa44: bytes,
    checked: CheckpointCache | None = None,
) -> VerifiedLeaf:
    """Check that the leaf stands at `index` in the log `origin`, cheapest check first.

    A checkpoint that `checked` has under the same origin and keys is not verified again.

    Raises:
        PeerError: LEAF_MALFORMED, INCLUSION_FAILED, or as `verify_checkpoint`.
    """
    untrusted_leaf = log.parse_leaf(leaf)
    digest = _digest_of_check(checkpoint, origin, ed25519, mldsa44)
    known = checked.get(digest) if checked is not None else None
    if known is not None:
        _require_inclusion(leaf, index, path, known)
        return VerifiedLeaf(untrusted_leaf, index, known)
    untrusted = parse_checkpoint(checkpoint)
    # Some twenty hashes against a root that nothing vouches for yet, before two
    # signatures: the bytes of a stranger stop here.
    _require_inclusion(leaf, index, path, untrusted.checkpoint)
    verified = _verify_own_lines(untrusted, origin, ed25519, mldsa44)
    if checked is not None:
        checked.put(digest, verified)
    return VerifiedLeaf(untrusted_leaf, index, verified)


def encode_tlog_proof(
    index: int, path: Sequence[bytes], checkpoint: bytes, extra: bytes | None = None
) -> bytes:
    """Return the proof as a tlog-proof file; the checkpoint goes in as it is.

    Raises:
        ValueError: `parse_tlog_proof` would not read the result.
    """
    made = TlogProof(index, tuple(path), checkpoint, extra)
    extra_lines = [] if extra is None else [f"extra {encode_base64(extra)}"]
    lines = [_PROOF_HEADER, *extra_lines, f"index {index}", *map(encode_base64, made.path)]
    proof = "\n".join(lines).encode() + b"\n\n" + checkpoint
    if len(proof) > TLOG_PROOF_BYTES:
        raise ValueError("proof is too long")
    return proof


def parse_tlog_proof(proof: bytes) -> TlogProof:
    """Read the form of a tlog-proof file; the checkpoint inside is not looked at.

    Raises:
        PeerError: INVALID_VALUE.
    """
    with _refused_as(RefusalCode.INVALID_VALUE):
        if len(proof) > TLOG_PROOF_BYTES:
            raise ValueError("size")
        head, blank, checkpoint = proof.partition(b"\n\n")
        header, *lines = head.decode("ascii").split("\n", 3 + limits.PROOF_HASHES)
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "))
        index, space, number = lines[0].partition(" ") if lines else ("", "", "")
        if not blank or (header, index, space) != (_PROOF_HEADER, "index", " "):
            raise ValueError("header, index line or blank line")
        path = tuple(map(decode_base64, lines[1:]))
        return TlogProof(parse_decimal(number), path, checkpoint, extra)


def _verify_own_lines(
    untrusted: UntrustedCheckpoint, origin: str, ed25519: bytes, mldsa44: bytes
) -> VerifiedCheckpoint:
    checkpoint = untrusted.checkpoint
    if checkpoint.origin != origin:
        raise PeerError(RefusalCode.WRONG_LOG, "origin")
    signature = _only_line(untrusted, origin, SignatureType.ED25519, ed25519)
    if not suite.ed25519_verify(ed25519, signature, untrusted.text):
        raise PeerError(RefusalCode.SIGNATURE_INVALID, "Ed25519")
    at_seconds = verify_cosignature(untrusted, name=origin, mldsa44=mldsa44)
    return VerifiedCheckpoint(origin, checkpoint.size, checkpoint.root, at_seconds)


def _only_line(untrusted: UntrustedCheckpoint, name: str, kind: SignatureType, key: bytes) -> bytes:
    wanted = (name, key_id(name, kind, key))
    found = [x.signature for x in untrusted.signatures if (x.name, x.key_id) == wanted]
    if not found:
        raise PeerError(RefusalCode.SIGNATURE_MISSING, kind.name)
    if len(found) > 1:
        # Which of two lines counts must not depend on the reader.
        raise PeerError(RefusalCode.CHECKPOINT_MALFORMED, "two lines of one key")
    return found[0]


def _require_inclusion(
    leaf: bytes, index: int, path: Sequence[bytes], tree: Checkpoint | VerifiedCheckpoint
) -> None:
    if not log.verify_inclusion(index, tree.size, log.leaf_hash(leaf), path, tree.root):
        raise PeerError(RefusalCode.INCLUSION_FAILED, "path")


def _digest_of_check(note: bytes, origin: str, ed25519: bytes, mldsa44: bytes) -> bytes:
    # All that the result of `verify_checkpoint` depends on.
    parts = (ed25519, mldsa44, origin.encode(), note)
    framed = (part for p in parts for part in (len(p).to_bytes(8, "big"), p))
    return suite.digest("homeward/v1 checked checkpoint", *framed)


@contextmanager
def _refused_as(code: RefusalCode) -> Iterator[None]:
    """Turn what reading finds wrong into the peer's error."""
    try:
        yield
    except ValueError as error:
        raise PeerError(code, str(error)) from error
