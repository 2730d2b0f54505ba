"""A verifier of evidence bundles as a stranger would write it: from proto/SPEC.md alone.

Nothing of this project and no library of protobuf's or TUF's: the standard library and
signatures. `judge` returns what `homeward audit verify --json` prints, but for the
sentences. Numbers in comments are sections of SPEC.md.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from tests.support.stranger_directory import DirectoryFault, Unusable, Walk
from tests.support.stranger_forms import (
    REFUSED,
    decimal,
    holds,
    is_form,
    read_descriptor,
    read_header,
    read_leaf,
    read_proof,
    require,
    root_of,
    sha256,
)

Dates = Iterable[int]
SKEW = 600_000
SENT, RECEIVED, ATTACHMENTS, DESCRIPTOR, SEEN = 1, 2, 4, 5, 11
CONTRADICTIONS = {
    "wrong_federation",
    "wrong_log",
    "leaf_mismatch",
    "inclusion_failed",
    "checkpoint_malformed",
    "signature_invalid",
    "refused",
    "descriptor_mismatch",
    "epoch_not_published",
    "commitment_mismatch",
}
PROOFS = ("sent", "received", "refused", "attachments", "seen", "attachments.seen")
DESCRIPTORS = ("sender.descriptor", "recipient.descriptor")
FILES = {
    r"[1-9][0-9]{0,8}\.root\.json": 524_288,
    r"timestamp\.json": 65_536,
    r"[1-9][0-9]{0,8}\.snapshot\.json": 1_048_576,
    r"[1-9][0-9]{0,8}\.targets\.json": 5_242_880,
    r"[1-9][0-9]{0,8}\.suspend\.json": 1_048_576,
    r"[0-9a-f]{64}\.[a-z]{2}\.[a-z0-9-]{1,60}\.member": 65_536,
    r"[0-9a-f]{64}\.[a-z]{2}\.[a-z0-9-]{1,60}\.suspended": 128,
}


class Doubt(Exception):
    """A claim does not hold (13.7)."""


def check(condition: object, reason: str) -> None:
    if not condition:
        raise Doubt(reason)


# --- 13.1 to 13.5: the bundle


def unzip(data: bytes) -> dict[str, bytes]:
    entries: dict[str, bytes] = {}
    at = 0
    while data[at : at + 4] == b"PK\x03\x04" and len(data) >= at + 30 and len(entries) <= 4096:
        size, name_length = struct.unpack_from("<4xIH", data, at + 18)
        start = at + 30 + name_length
        entries[data[at + 30 : start].decode("latin-1")] = data[start : start + size]
        at = start + size
    if not entries or len(entries) > 4096:
        raise Unusable("bundle_not_zip")
    return entries


def zipped(entries: dict[str, bytes]) -> bytes:
    body = central = b""
    for name, content in entries.items():
        sizes = (zlib.crc32(content), len(content), len(content), len(name), 0)
        common = struct.pack("<HHHHHIIIHH", 10, 0, 0, 0, 0x21, *sizes)
        central += b"PK\x01\x02\x0a\0" + common
        central += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\x03\x04" + common + name.encode() + content
    n, end = len(entries), b"PK\x05\x06"
    end += struct.pack("<HHHHIIH", 0, 0, n, n, len(central), len(body), 0)
    return body + central + end


class Bundle:
    """What a bundle holds, well formed."""

    def __init__(self, data: bytes) -> None:
        if len(data) > 33_554_432:
            raise Unusable("bundle_too_large")
        entries = unzip(data)
        try:
            self.read(entries)
        except KeyError as error:
            raise Unusable("bundle_entry_missing") from error
        except ValueError as error:
            raise Unusable("bundle_entry_malformed") from error
        if self.anew(entries) != data:
            raise Unusable("bundle_changed")

    def read(self, entries: dict[str, bytes]) -> None:
        self.header = read_header(entries["header.bin"])
        self.envelope_id = self.read_ciphertext(entries)
        self.opening = entries.get("opening.bin")
        require(self.opening is None or 32 <= len(self.opening) <= 32 + 786_432)
        self.descriptors = {
            n: (read_descriptor(entries[n]), entries[n]) for n in DESCRIPTORS if n in entries
        }
        there = ["sent", *(name for name in PROOFS[1:] if f"{name}.leaf" in entries)]
        self.proofs = {
            name: {
                **read_proof(entries[f"{name}.tlog-proof"]),
                "leaf": read_leaf(entries[f"{name}.leaf"]),
            }
            for name in (*there, *self.descriptors)
        }
        require(not {"received", "refused"} <= self.proofs.keys())
        require("attachments" not in self.proofs or self.header["attachments"])
        own = {"received", "refused", "attachments"} & self.proofs.keys()
        require("seen" not in self.proofs or own != own & {"attachments"})
        if "attachments.seen" in self.proofs:
            texts = {self.proofs[name]["text"] for name in own}
            require("attachments" in own and len(texts) == len(own))
        names = [name for name in entries if name.startswith("directory/")]
        self.directory = {name.removeprefix("directory/"): entries[name] for name in names}
        for name, content in self.directory.items():
            most = [limit for pattern, limit in FILES.items() if is_form(pattern, name)]
            require(most and len(content) <= most[0])

    def read_ciphertext(self, entries: dict[str, bytes]) -> bytes:
        header, stated = entries["header.bin"], entries["ciphertext.txt"].decode("ascii")
        found = re.fullmatch(r"([0-9]+)\n([0-9a-f]{64})\n", stated, re.ASCII)
        require(found)
        size, digest = decimal(found[1]), bytes.fromhex(found[2])
        if "ciphertext.bin" in entries:
            content = entries["ciphertext.bin"]
            require(len(content) == size and sha256(content) == digest)
        framed = struct.pack(">I", len(header)) + header + struct.pack(">Q", size) + digest
        return sha256(b"homeward/v1 envelope\0", framed)

    def claim(self) -> dict:
        h, times = self.header, {n: self.proofs[n]["leaf"] for n in PROOFS if n in self.proofs}
        claim = {name: h[name] for name in ("created_at_ms", "recipient", "sender")}
        claim |= {name: h[name].hex() for name in ("exchange_id", "federation_id", "message_id")}
        claim |= {f"{n.replace('.', '_')}_at_ms": leaf["at_ms"] for n, leaf in times.items()}
        if "refused" in times:
            claim["refusal_code"] = times["refused"]["code"]
        claim |= {"attachments": len(h["attachments"]), "envelope_id": self.envelope_id.hex()}
        return {**claim, "format": "homeward-evidence/1"}

    def anew(self, entries: dict[str, bytes]) -> bytes:
        names = ["header.bin", "ciphertext.txt", "ciphertext.bin", "opening.bin"]
        for name in (*PROOFS, *DESCRIPTORS):
            if name in self.proofs:
                names += [name, f"{name}.leaf", f"{name}.tlog-proof"]
        names += sorted(f"directory/{name}" for name in self.directory)
        claim = json.dumps(self.claim(), sort_keys=True, separators=(",", ":")) + "\n"
        parts = {"claim.json": claim.encode()}
        parts |= {name: entries[name] for name in names if name in entries and name not in PROOFS}
        manifest = "".join(f"{sha256(parts[name]).hex()}  {name}\n" for name in parts)
        return zipped({**parts, "manifest.sha256": manifest.encode()})


def kem_keys(d: dict) -> list[bytes]:
    return [sha256(b"homeward/v1 kemkey\0", each["kem_public_key"]) for each in d["epochs"]]


# --- 5.5, 5.6: signatures


def is_good(key: dict, t: int) -> bool:
    ends = [end for end in (key["valid_until_ms"], key["compromised_since_ms"]) if end]
    return key["valid_from_ms"] <= t and all(t < end for end in ends)


def line_of(proof: dict, kind: int, key: bytes) -> bytes | None:
    key_id = sha256(proof["origin"].encode(), b"\n", bytes([kind]), key)[:4]
    wanted = (proof["origin"], key_id)
    own = [signature[4:] for name, signature in proof["lines"] if (name, signature[:4]) == wanted]
    check(len(own) <= 1, "checkpoint_malformed")
    return own[0] if own else None


def signed_at(proof: dict, key: dict) -> int | None:
    """Verify both lines of a checkpoint; return the time in ms, None if a line is missing."""
    first = line_of(proof, 0x01, key["ed25519"])
    if first is None:
        return None
    check(holds(Ed25519PublicKey, key["ed25519"], first, proof["text"]), "signature_invalid")
    second = line_of(proof, 0x06, key["mldsa44"])
    if second is None:
        return None
    at = int.from_bytes(second[:8], "big")
    check(0 < at < 2**63, "checkpoint_malformed")
    name = bytes([len(proof["origin"].encode())]) + proof["origin"].encode()
    span = struct.pack(">QQ", 0, proof["size"]) + proof["root"]
    message = b"subtree/v1\n\0" + name + struct.pack(">Q", at) + name + span
    check(holds(MLDSA44PublicKey, key["mldsa44"], second[8:], message), "signature_invalid")
    return at * 1000


# --- 13.6 to 13.8: judging


class Examination:
    """One bundle; every claim is a method of its name that returns or raises Doubt."""

    def __init__(self, bundle: Bundle, directory: Walk | DirectoryFault, at: int) -> None:
        self.b, self.h, self.d, self.at = bundle, bundle.header, directory, at
        self.is_sent = False

    def keys(self, owner: str) -> list[dict]:
        if isinstance(self.d, DirectoryFault):
            raise Doubt(str(self.d))
        check(self.h["federation_id"].hex() == self.d.federation, "wrong_federation")
        return self.d.members.get(owner, [])

    def p(self, entry: str, owner: str, says: tuple, t: int, dates: Dates = ()) -> None:
        proof = self.b.proofs[entry]
        leaf, remembered = proof["leaf"], set()
        check(leaf["at_ms"] <= self.at + SKEW, "from_the_future")
        keys = [key for key in self.keys(owner) if key["origin"] == proof["origin"]]
        check(proof["origin"].rpartition("/log/")[0] == owner, "wrong_log")
        for key in keys:
            root = root_of(leaf["hash"], proof["index"], proof["size"], proof["path"])
            check(root == proof["root"], "inclusion_failed")
            s = signed_at(proof, key)
            if s is None:
                continue
            check(leaf["says"] == says, "leaf_mismatch")
            check(s <= self.at + SKEW, "from_the_future")
            stolen = key["compromised_since_ms"]
            if not is_good(key, t) and not (leaf["at_ms"] <= s + SKEW and is_good(key, s)):
                remembered.add("unknown_log_key")
            elif not stolen or min(dates := [*dates], default=stolen) < stolen:
                return
            else:
                remembered.add("not_dated")
        check("not_dated" not in remembered, "not_dated")
        raise Doubt("signature_missing" if keys and not remembered else "unknown_log_key")

    def time_of(self, entry: str, owner: str, says: tuple, t: int, dates: Dates = ()) -> Dates:
        """Yield the leaf's time if P holds (13.7, dates)."""
        with suppress(Doubt):
            self.p(entry, owner, says, t, dates)
            yield self.b.proofs[entry]["leaf"]["at_ms"]

    def dates_of_sent(self) -> Dates:
        for entry in {"received", "refused"} & self.b.proofs.keys():
            kind = RECEIVED if entry == "received" else REFUSED
            yield from self.time_of(entry, *self.answered(entry, kind))

    def dates_of_answer(self, answer: str) -> Dates:
        subject = sha256(b"homeward/v1 checkpoint\0", self.b.proofs[answer]["text"])
        for entry in {"seen", "attachments.seen"} & self.b.proofs.keys():
            proof = self.b.proofs[entry]
            owner = proof["origin"].rpartition("/log/")[0]
            if owner != self.h["recipient"]:
                yield from self.time_of(entry, owner, (SEEN, subject, 0), proof["leaf"]["at_ms"])

    def dates_of_descriptor(self, entry: str, d: dict) -> Dates:
        if entry == "recipient.descriptor" and self.h["recipient_kem_key"] in kem_keys(d):
            yield from self.time_of("sent", *self.logged())
            yield from self.dates_of_sent()

    def k(self, owner: str, key_id: bytes, t: int, entry: str) -> None:
        good = [key for key in self.keys(owner) if key["id"] == key_id and is_good(key, t)]
        check(good, "unknown_log_key")
        check(good[0]["origin"] == self.b.proofs[entry]["origin"], "wrong_log")

    def descriptor(self, entry: str, owner: str) -> dict:
        d, raw = self.b.descriptors[entry]
        made, created = d["created_at_ms"], self.h["created_at_ms"]
        of = (d["federation_id"], d["node_id"])
        check(of == (self.h["federation_id"], owner), "descriptor_mismatch")
        self.k(owner, d["log_key"], made, entry)
        says = (DESCRIPTOR, sha256(b"homeward/v1 descriptor\0", raw), 0)
        self.p(entry, owner, says, made, self.dates_of_descriptor(entry, d))
        check(made - SKEW <= created < d["expires_at_ms"] + SKEW, "descriptor_not_in_force")
        return d

    def sent(self) -> None:
        h, created = self.h, self.h["created_at_ms"]
        check(created <= self.at + SKEW, "from_the_future")
        self.k(h["sender"], h["sender_log_key"], created, "sent")
        self.p("sent", *self.logged(), self.dates_of_sent())
        check(self.b.proofs["sent"]["leaf"]["at_ms"] >= created - SKEW, "times_implausible")
        self.is_sent = True

    def logged(self) -> tuple:
        return self.h["sender"], (SENT, self.b.envelope_id, 0), self.h["created_at_ms"]

    def answered(self, entry: str, kind: int) -> tuple:
        leaf = self.b.proofs[entry]["leaf"]
        says = (kind, self.b.envelope_id, leaf["code"])
        return self.h["recipient"], says, leaf["at_ms"], self.dates_of_answer(entry)

    def answer(self, entry: str, kind: int) -> None:
        self.p(entry, *self.answered(entry, kind))
        at, sent_at = (self.b.proofs[name]["leaf"]["at_ms"] for name in (entry, "sent"))
        check(at >= sent_at - SKEW, "times_implausible")

    def received(self) -> None:
        if "refused" in self.b.proofs:
            self.answer("refused", REFUSED)
            raise Doubt("refused")
        check("received" in self.b.proofs, "no_receipt")
        self.answer("received", RECEIVED)

    def attachments(self) -> None:
        check("attachments" in self.b.proofs, "no_attachments_receipt")
        self.answer("attachments", ATTACHMENTS)

    def sealed_to_recipient(self) -> None:
        check(self.is_sent, "envelope_not_proven")
        check("recipient.descriptor" in self.b.descriptors, "no_descriptor")
        d, created = (
            self.descriptor("recipient.descriptor", self.h["recipient"]),
            self.h["created_at_ms"],
        )
        ids = kem_keys(d)
        check(self.h["recipient_kem_key"] in ids, "epoch_not_published")
        epoch = d["epochs"][ids.index(self.h["recipient_kem_key"])]
        is_in_force = epoch["starts_at_ms"] - SKEW <= created < epoch["ends_at_ms"] + SKEW
        check(is_in_force, "epoch_not_in_force")

    def sender_descriptor(self) -> None:
        check(self.is_sent, "envelope_not_proven")
        self.descriptor("sender.descriptor", self.h["sender"])

    def content(self) -> None:
        check(self.b.opening is not None, "content_not_included")
        committed = sha256(b"homeward/v1 commit\0", self.b.opening or b"")
        check(committed == self.h["commitment"], "commitment_mismatch")
        check(self.is_sent, "envelope_not_proven")

    def claims(self) -> Iterator[dict]:
        left_out = {
            "attachments": not self.h["attachments"],
            "sender_descriptor": "sender.descriptor" not in self.b.descriptors,
        }
        order = "sent received attachments sealed_to_recipient sender_descriptor content"
        for name in (name for name in order.split() if not left_out.get(name)):
            code = verdict = "proven"
            try:
                getattr(self, name)()
            except Doubt as doubt:
                code = str(doubt)
                verdict = "contradicted" if code in CONTRADICTIONS else "not_proven"
                verdict = "not_included" if code == "content_not_included" else verdict
            yield {"claim": name, "code": code, "verdict": verdict}


def judge(data: bytes, root: bytes, at: int) -> dict:
    """Return the report without its sentences; raises Unusable where there is no verdict."""
    bundle = Bundle(data)
    latest = max(proof["leaf"]["at_ms"] for proof in bundle.proofs.values())
    walk = Walk(bundle.directory, root, min(latest, at + SKEW))
    directory: Walk | DirectoryFault
    try:
        directory = walk.run()
    except DirectoryFault as fault:
        directory = fault
    claims = list(Examination(bundle, directory, at).claims())
    verdicts = {each["claim"]: each["verdict"] for each in claims}
    needed = {verdicts.get(name, "proven") for name in ("sent", "received", "attachments")}
    verdict = "proven" if needed == {"proven"} else "not_proven"
    if "contradicted" in verdicts.values():
        verdict = "contradicted"
    report = {"at_ms": at, "claims": claims, "directory": None, "statement": bundle.claim()}
    if isinstance(directory, Walk):
        report["directory"] = {"expires_at_ms": directory.expires_ms, "version": directory.version}
    exit_code = ["proven", "contradicted", "not_proven"].index(verdict)
    about = {"exit_code": exit_code, "format": "homeward-evidence-report/1", "verdict": verdict}
    return report | about
