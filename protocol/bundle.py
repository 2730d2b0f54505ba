"""The evidence bundle as bytes: one ZIP that has one spelling (SPEC.md section 13).

A bundle says who sent what to whom, when, and that it arrived, in a form that a
stranger can check offline. This module is its container and its form; whether any
of it is true is decided in `evidence`. Rules:

- the entries are stored, in a fixed order, under fixed names and with fixed dates;
- `parse_bundle` builds the bytes anew from what it read and compares: whatever is
  changed, missing, doubled, moved or added makes a file that is not a bundle;
- `claim.json` is for people, says nothing that the other entries do not say, and
  nothing rests on it;
- nothing in a bundle tells whose case it is about, unless it holds an opening.

The ZIP is written and read here byte by byte: `zipfile` tolerates much of what a
bundle must not be, and brings files and threads into a package that has neither.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from protocol import limits
from protocol.envelope import Opening, envelope_id
from protocol.errors import PeerError, ProtocolError
from protocol.ids import EnvelopeId
from protocol.log import HASH_BYTES, MAX_INTEGER, Leaf, parse_leaf
from protocol.notes import encode_tlog_proof, parse_checkpoint, parse_tlog_proof, text_of
from protocol.values import Header, LogProof
from protocol.wire import parse_descriptor, parse_header

FORMAT: Final = "homeward-evidence/1"

# Read into memory as a whole; the directory of a large federation has some megabytes.
BUNDLE_BYTES: Final = 32 * limits.MIB
BUNDLE_ENTRIES: Final = 4096

_CLAIM: Final = "claim.json"
_MANIFEST: Final = "manifest.sha256"
_DIRECTORY: Final = "directory/"

_DIRECTORY_FILE: Final = re.compile(r"[0-9a-z][0-9a-z.-]{0,199}", re.ASCII)
_CIPHERTEXT_TEXT: Final = re.compile(rb"(0|[1-9][0-9]{0,18})\n([0-9a-f]{64})\n")

# Local header, central header and end record of a ZIP, without their signatures.
_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<4sHHHHIIH")
_VERSION: Final = 10
_STORED: Final = 0
_MIDNIGHT, _FIRST_DAY = 0, 0x21  # 1980-01-01 00:00, the first that a ZIP can say


class UnusableBundle(ProtocolError):
    """The input is no bundle, or no anchor to judge one by; so there is no verdict."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class LoggedDescriptor:
    """A member's descriptor and the proof that its log holds it."""

    descriptor: bytes
    proof: LogProof


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What a bundle holds: well formed, and not verified.

    Raises:
        PeerError, ValueError: a part is malformed, or two parts exclude each other.
    """

    header: bytes
    ciphertext_size: int
    ciphertext_digest: bytes
    sent: LogProof
    received: LogProof | None = None
    refused: LogProof | None = None
    attachments: LogProof | None = None
    seen: LogProof | None = None
    attachments_seen: LogProof | None = None
    sender_descriptor: LoggedDescriptor | None = None
    recipient_descriptor: LoggedDescriptor | None = None
    ciphertext: bytes | None = None
    opening: Opening | None = None
    directory: Mapping[str, bytes]
    untrusted_header: Header = field(init=False, repr=False)

    def __post_init__(self) -> None:
        header = parse_header(self.header)
        object.__setattr__(self, "untrusted_header", header)
        _require(header.sender != header.recipient, "addressing")
        _check_ciphertext(self)
        if self.opening is not None:
            _require(len(self.opening.salt) == limits.SALT_BYTES, "salt")
            _require(len(self.opening.payload) <= limits.PLAINTEXT_BYTES, "payload")
        _require(self.received is None or self.refused is None, "received and refused")
        _require(self.attachments is None or header.attachments, "attachments of none")
        for descriptor in (self.sender_descriptor, self.recipient_descriptor):
            if descriptor is not None:
                parse_descriptor(descriptor.descriptor)
        for _, proof in _proofs(self):
            parse_leaf(proof.leaf)
            parse_checkpoint(proof.checkpoint)
        _check_seen(self)
        _require(all(map(_DIRECTORY_FILE.fullmatch, self.directory)), "directory file name")

    @property
    def envelope_id(self) -> EnvelopeId:
        """The id of the envelope that all of this is about."""
        return envelope_id(self.header, self.ciphertext_size, self.ciphertext_digest)

    @property
    def answer(self) -> LogProof | None:
        """What the recipient's log says of the envelope: received, or refused."""
        return self.received or self.refused

    @property
    def untrusted_leaves(self) -> Mapping[str, Leaf]:
        """What the logs are said to hold, by the names of the entries."""
        return {name: parse_leaf(proof.leaf) for name, proof in _proofs(self)}


def statement(bundle: Bundle) -> dict[str, str | int]:
    """Return what `claim.json` says; a function of the other entries, believed by nobody."""
    header, leaves = bundle.untrusted_header, bundle.untrusted_leaves
    claim: dict[str, str | int] = {
        "attachments": len(header.attachments),
        "created_at_ms": header.created_at_ms,
        "envelope_id": bundle.envelope_id.hex(),
        "exchange_id": header.leg_id.hex(),
        "federation_id": header.federation_id.hex(),
        "format": FORMAT,
        "message_id": header.message_id.hex(),
        "recipient": header.recipient,
        "sender": header.sender,
    }
    for name in ("sent", "received", "refused", "attachments", "seen", "attachments.seen"):
        if name in leaves:
            claim[f"{name.replace('.', '_')}_at_ms"] = leaves[name].at_ms
    if "refused" in leaves:
        claim["refusal_code"] = leaves["refused"].code
    return claim


def canonical_json(value: Mapping[str, object]) -> bytes:
    """Return the one spelling: sorted keys, ASCII, no spaces, a newline at the end."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"


def encode_bundle(bundle: Bundle) -> bytes:
    """Return the bundle as a file; the same content gives the same bytes.

    Raises:
        ValueError: it is larger than a bundle may be.
    """
    parts = list(_parts(bundle))
    entries = [(_CLAIM, canonical_json(statement(bundle))), *parts]
    entries.append((_MANIFEST, _manifest(entries)))
    data = _write_zip(entries)
    if len(data) > BUNDLE_BYTES or len(entries) > BUNDLE_ENTRIES:
        raise ValueError("the bundle is too large")
    return data


def parse_bundle(data: bytes) -> Bundle:
    """Read a bundle's form.

    Raises:
        UnusableBundle: bundle_too_large, bundle_not_zip, bundle_entry_missing,
            bundle_entry_malformed or bundle_changed.
    """
    if len(data) > BUNDLE_BYTES:
        raise UnusableBundle("bundle_too_large", "the file is larger than a bundle may be")
    entries = _read_zip(data)
    try:
        bundle = _bundle(entries)
        rebuilt = encode_bundle(bundle)
    except KeyError as error:
        sentence = f"the bundle lacks the entry {error.args[0]}"
        raise UnusableBundle("bundle_entry_missing", sentence) from None
    except (PeerError, ValueError) as error:
        sentence = f"an entry of the bundle cannot be read ({error})"
        raise UnusableBundle("bundle_entry_malformed", sentence) from error
    if rebuilt != data:
        raise UnusableBundle("bundle_changed", "the file is not as its own entries make it")
    return bundle


# --- entries


def _parts(bundle: Bundle) -> Iterator[tuple[str, bytes]]:
    yield "header.bin", bundle.header
    size, digest = bundle.ciphertext_size, bundle.ciphertext_digest
    yield "ciphertext.txt", f"{size}\n{digest.hex()}\n".encode()
    if bundle.ciphertext is not None:
        yield "ciphertext.bin", bundle.ciphertext
    if bundle.opening is not None:
        yield "opening.bin", bundle.opening.salt + bundle.opening.payload
    descriptors = _descriptors(bundle)
    for name, proof in _proofs(bundle):
        if name in descriptors:
            yield name, descriptors[name].descriptor
        yield f"{name}.leaf", proof.leaf
        yield f"{name}.tlog-proof", encode_tlog_proof(proof.index, proof.path, proof.checkpoint)
    for name in sorted(bundle.directory):
        yield _DIRECTORY + name, bundle.directory[name]


def _proofs(bundle: Bundle) -> Iterator[tuple[str, LogProof]]:
    """Yield the proofs that are there, by the names of their entries, in order."""
    yield "sent", bundle.sent
    optional = (
        ("received", bundle.received),
        ("refused", bundle.refused),
        ("attachments", bundle.attachments),
        ("seen", bundle.seen),
        ("attachments.seen", bundle.attachments_seen),
    )
    yield from ((name, proof) for name, proof in optional if proof is not None)
    yield from ((name, logged.proof) for name, logged in _descriptors(bundle).items())


def _descriptors(bundle: Bundle) -> dict[str, LoggedDescriptor]:
    both = (
        ("sender.descriptor", bundle.sender_descriptor),
        ("recipient.descriptor", bundle.recipient_descriptor),
    )
    return {name: logged for name, logged in both if logged is not None}


def _bundle(entries: Mapping[str, bytes]) -> Bundle:
    """Read the entries; what nobody asks for shows when the file is built anew."""
    size_and_digest = _CIPHERTEXT_TEXT.fullmatch(entries["ciphertext.txt"])
    if size_and_digest is None:
        raise ValueError("ciphertext.txt")
    opening = entries.get("opening.bin")
    return Bundle(
        header=entries["header.bin"],
        ciphertext_size=int(size_and_digest[1]),
        ciphertext_digest=bytes.fromhex(size_and_digest[2].decode("ascii")),
        ciphertext=entries.get("ciphertext.bin"),
        opening=None
        if opening is None
        else Opening(opening[: limits.SALT_BYTES], opening[limits.SALT_BYTES :]),
        sent=_proof(entries, "sent"),
        received=_optional_proof(entries, "received"),
        refused=_optional_proof(entries, "refused"),
        attachments=_optional_proof(entries, "attachments"),
        seen=_optional_proof(entries, "seen"),
        attachments_seen=_optional_proof(entries, "attachments.seen"),
        sender_descriptor=_logged_descriptor(entries, "sender.descriptor"),
        recipient_descriptor=_logged_descriptor(entries, "recipient.descriptor"),
        directory=MappingProxyType(
            {
                name.removeprefix(_DIRECTORY): content
                for name, content in entries.items()
                if name.startswith(_DIRECTORY)
            }
        ),
    )


def _proof(entries: Mapping[str, bytes], name: str) -> LogProof:
    parsed = parse_tlog_proof(entries[f"{name}.tlog-proof"])
    return LogProof(entries[f"{name}.leaf"], parsed.index, parsed.path, parsed.checkpoint)


def _optional_proof(entries: Mapping[str, bytes], name: str) -> LogProof | None:
    return _proof(entries, name) if f"{name}.leaf" in entries else None


def _logged_descriptor(entries: Mapping[str, bytes], name: str) -> LoggedDescriptor | None:
    if name not in entries:
        return None
    return LoggedDescriptor(entries[name], _proof(entries, name))


def _check_ciphertext(bundle: Bundle) -> None:
    size, digest = bundle.ciphertext_size, bundle.ciphertext_digest
    _require(0 <= size <= MAX_INTEGER and len(digest) == HASH_BYTES, "ciphertext size or digest")
    if bundle.ciphertext is not None:
        found = (len(bundle.ciphertext), hashlib.sha256(bundle.ciphertext).digest())
        _require(found == (size, digest), "ciphertext")


def _check_seen(bundle: Bundle) -> None:
    """Each checkpoint of the recipient has at most one entry that says when it was seen."""
    _require(bundle.seen is None or bundle.answer is not None, "seen of none")
    if bundle.attachments_seen is not None:
        _require(bundle.attachments is not None, "attachments.seen of none")
        # Under one checkpoint, `seen` is about both.
        proofs = [proof for proof in (bundle.answer, bundle.attachments) if proof is not None]
        texts = {text_of(proof.checkpoint) for proof in proofs}
        _require(len(texts) == len(proofs), "attachments.seen of one checkpoint")


def _manifest(entries: Sequence[tuple[str, bytes]]) -> bytes:
    """List the entries as sha256sum does, so that `sha256sum -c` checks them."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in entries]
    return "".join(lines).encode("ascii")


def _require(condition: object, what: str) -> None:
    if not condition:
        raise ValueError(what)


# --- the ZIP around them


def _write_zip(entries: Sequence[tuple[str, bytes]]) -> bytes:
    body, central = bytearray(), bytearray()
    for name, content in entries:
        raw_name, crc, size = name.encode("ascii"), zlib.crc32(content), len(content)
        # From "version needed" to "length of the extra field", both headers agree.
        common = (_VERSION, 0, _STORED, _MIDNIGHT, _FIRST_DAY, crc, size, size, len(raw_name), 0)
        central += _CENTRAL.pack(b"PK\x01\x02", _VERSION, *common, 0, 0, 0, 0, len(body))
        central += raw_name
        body += _LOCAL.pack(b"PK\x03\x04", *common) + raw_name + content
    count = len(entries)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(central), len(body), 0)
    return bytes(body + central + end)


def _read_zip(data: bytes) -> dict[str, bytes]:
    """Walk from local header to local header; `encode_bundle` shows whether all else fits."""
    entries: dict[str, bytes] = {}
    position = 0
    while data.startswith(b"PK\x03\x04", position) and len(entries) <= BUNDLE_ENTRIES:
        name_at = position + _LOCAL.size
        if name_at > len(data):
            break
        *_, size, name_length, _ = _LOCAL.unpack_from(data, position)
        content_at = name_at + name_length
        position = content_at + size
        entries[data[name_at:content_at].decode("latin-1")] = data[content_at:position]
    if not entries or len(entries) > BUNDLE_ENTRIES:
        raise UnusableBundle("bundle_not_zip", "the file is not a bundle")
    return entries
