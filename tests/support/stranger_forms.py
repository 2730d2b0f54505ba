"""What the stranger reads: protobuf, leaves and proofs (SPEC.md sections 3 to 5, 10.7, 11).

Written from proto/SPEC.md alone, with nothing of this project and no library of
protobuf's. Whatever is malformed is a ValueError. See `tests.support.stranger`.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import ipaddress
import re
import struct

from cryptography.exceptions import InvalidSignature

NODE_ID = r"[a-z]{2}\.[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?"
REFUSED = 3
BITS = {"4": 32, "8": 64, "e": 31}


def require(condition: object) -> None:
    if not condition:
        raise ValueError


def is_form(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text, re.ASCII) is not None


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def holds(key_class: type, key: bytes, signature: bytes, message: bytes, **how: bytes) -> bool:
    try:
        key_class.from_public_bytes(key).verify(signature, message, **how)
    except (InvalidSignature, ValueError):
        return False
    return True


# --- 3: the strict scan. A schema is number -> (name, type, whether it repeats); types are
# 4 uint32, 8 uint64, b bytes, s string, e enum, p packed uint32, or the schema of a message.


def fields(text: str, **nested: dict) -> dict:
    pairs = [each.split(":") for each in text.split()]
    return {
        number: (name, nested.get(kind.strip("*"), kind.strip("*")), "*" in kind)
        for number, (name, kind) in enumerate(pairs, 1)
    }


def varint(data: bytes, at: int, bits: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        require(at < len(data))
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            require((byte or not shift) and value < 1 << bits)
            return value, at
    raise ValueError


def value_at(data: bytes, at: int, wire: int, bits: int) -> tuple[int | bytes, int]:
    if wire == 0:
        return varint(data, at, bits)
    length, at = varint(data, at, 32) if wire == 2 else ({1: 8, 5: 4}[wire], at)
    require(at + length <= len(data))
    return data[at : at + length], at + length


def read(data: bytes, schema: dict) -> dict:
    found = {
        name: [] if many else {"b": b"", "s": ""}.get(str(kind), 0)
        for name, kind, many in schema.values()
    }
    at = last = 0
    while at < len(data):
        tag, at = varint(data, at, 32)
        number, wire = tag >> 3, tag & 7
        require(number in schema or number >= 1000)
        name, kind, many = schema.get(number, ("", "", False))
        require(number > last or (number == last and many))
        last = number
        wires = [0, 1, 2, 5] if not name else [0] if str(kind) in BITS else [2]
        require(wire in wires)
        value, at = value_at(data, at, wire, BITS.get(str(kind), 64))
        if name:
            require(value or many)
            value = converted(value, kind)
            found[name] = [*found[name], value] if many else value
    return found


def converted(value: bytes, kind: object) -> object:
    at = 0
    while kind == "p" and at < len(value):
        _, at = varint(value, at, 32)
    if isinstance(kind, dict):
        return read(value, kind)
    return value.decode() if kind == "s" else value


def unbase64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    require(base64.b64encode(data).decode() == text)
    return data


def decimal(text: str) -> int:
    require(is_form(r"0|[1-9][0-9]{0,18}", text) and int(text) < 2**63)
    return int(text)


# --- 4, 5, 11: forms

HEADER = fields(
    "version:4 federation_id:b sender:s sender_log_key:b recipient:s recipient_kem_key:b"
    " message_id:b exchange_id:b stream_seq:8 previous_envelope_id:b created_at_ms:8"
    " expires_at_ms:8 directory_version:8 urgency:4 attachments:*ref size_class:8 commitment:b",
    ref=fields("id:b size:8"),
)
DESCRIPTOR_FIELDS = fields(
    "version:4 federation_id:b node_id:s serial:8 created_at_ms:8 expires_at_ms:8 log_key:b"
    " epochs:*epoch transport_key:b protocol_versions:p reachability:e minimum_peer_version:4",
    epoch=fields("number:8 kem_public_key:b starts_at_ms:8 ends_at_ms:8"),
)


def read_header(data: bytes) -> dict:
    require(len(data) <= 8192)
    h = read(data, HEADER)
    digests = ("federation_id", "sender_log_key", "recipient_kem_key", "commitment")
    require(h["version"] == 1 and all(len(h[name]) == 32 for name in digests))
    require(len(h["message_id"]) == len(h["exchange_id"]) == 16)
    require(is_form(NODE_ID, h["sender"]) and is_form(NODE_ID, h["recipient"]))
    require(h["stream_seq"] and h["created_at_ms"] and 1 <= h["urgency"] <= 4)
    require(len(h["previous_envelope_id"]) == (0 if h["stream_seq"] == 1 else 32))
    require(h["expires_at_ms"] > h["created_at_ms"] and h["sender"] != h["recipient"])
    require(h["size_class"] in (1024, 4096, 16384, 65536, 262144, 524288, 786432))
    ids = {ref["id"] for ref in h["attachments"]}
    require(len(ids) == len(h["attachments"]) <= 32 and all(len(each) == 32 for each in ids))
    require(all(1 <= ref["size"] <= 2**31 for ref in h["attachments"]))
    return h


def read_descriptor(data: bytes) -> dict:
    require(len(data) <= 65536)
    d = read(data, DESCRIPTOR_FIELDS)
    require(d["version"] == 1 and is_form(NODE_ID, d["node_id"]))
    require(all(len(d[name]) == 32 for name in ("federation_id", "log_key", "transport_key")))
    require(1 <= d["serial"] < 2**63 and d["reachability"] in (1, 2))
    require(0 < d["expires_at_ms"] - d["created_at_ms"] <= 2_592_000_000)
    numbers = [epoch["number"] for epoch in d["epochs"]]
    require(1 <= len(numbers) <= 16 and numbers == sorted(set(numbers)))
    for epoch in d["epochs"]:
        require(len(epoch["kem_public_key"]) == 1216)
        require(epoch["ends_at_ms"] > epoch["starts_at_ms"])
    return d


def read_leaf(data: bytes) -> dict:
    require(len(data) == 60)
    version, kind, code, at_ms, _, subject = struct.unpack(">BBHQ16s32s", data)
    require(version == 1 and 1 <= kind <= 11 and at_ms < 2**63)
    require(bool(code) == (kind == REFUSED))
    said = {"says": (kind, subject, code), "code": code, "at_ms": at_ms}
    return {**said, "hash": sha256(b"\0", data)}


def read_proof(data: bytes) -> dict:
    """Read a tlog-proof (5.8) and the checkpoint in it (5.3)."""
    head, _, note = data.partition(b"\n\n")
    title, index, *path = head.decode("ascii").split("\n")
    require(title == "c2sp.org/tlog-proof@v1" and index[:6] == "index " and len(path) <= 64)
    require(len(data) <= 98304 and len(note) <= 81920)
    require(not re.search(rb"[\x00-\x09\x0b-\x1f]", note))
    *lines, rest = note.decode().split("\n")
    require(rest == "" and 5 <= len(lines) <= 36 and lines[3] == "")
    require(re.fullmatch(r"[^\s+]+", lines[0]) and len(lines[0].encode()) <= 255)
    signatures = [re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line) for line in lines[4:]]
    require(all(signatures))
    proof = {
        "index": decimal(index[6:]),
        "path": [unbase64(line) for line in path],
        "origin": lines[0],
        "size": decimal(lines[1]),
        "root": unbase64(lines[2]),
        "text": note[: note.index(b"\n\n") + 1],
        "lines": [(line[1], unbase64(line[2])) for line in signatures if line],
    }
    require(all(len(each) == 32 for each in [*proof["path"], proof["root"]]))
    require(all(len(signature) > 4 for _, signature in proof["lines"]))
    return proof


def root_of(leaf_hash: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Follow an inclusion path (5.2)."""
    node, last, found = index, size - 1, leaf_hash
    if index >= size:
        return None
    for sibling in path:
        if last == 0:
            return None
        if node % 2 or node == last:
            found = sha256(b"\1", sibling, found)
            while node and node % 2 == 0:
                node, last = node // 2, last // 2
        else:
            found = sha256(b"\1", found, sibling)
        node, last = node // 2, last // 2
    return found if last == 0 else None


# --- 10.7: a member

MEMBER = fields(
    "node_id:s legal_name:s country:s languages:*s hours:*hours time_zone:s telephone:s"
    " endpoints:*s log_keys:*key status:e transfer_regime:e adequacy_until:s agreement_until:s"
    " reinstated_at_ms:8",
    hours=fields("weekday:4 opens_minute:4 closes_minute:4"),
    key=fields(
        "origin:s ed25519:b mldsa44:b valid_from_ms:8 valid_until_ms:8 compromised_since_ms:8"
    ),
)
ZONE = r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}"
ENDPOINT = (
    r"(https?)://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
    r"(?::([1-9][0-9]{0,4}))?(/[!-~]*)?"
)
DATE = r"([0-9]{4}-[0-9]{2}-[0-9]{2})?"


def read_member(data: bytes) -> dict:
    m = read(data, MEMBER)
    patterns = {
        "node_id": NODE_ID,
        "country": "[A-Z]{2}",
        "telephone": r"\+[1-9][0-9]{3,14}",
        "time_zone": ZONE if m["hours"] else f"({ZONE})?",
        "adequacy_until": DATE,
        "agreement_until": DATE,
    }
    require(all(is_form(pattern, m[name]) for name, pattern in patterns.items()))
    for date in filter(None, (m["adequacy_until"], m["agreement_until"])):
        datetime.date.fromisoformat(date)
    name = m["legal_name"]
    require(1 <= len(name) <= 200 and name.isprintable() and name == name.strip(" "))
    require(all(len(m[many]) <= 64 for many in ("languages", "hours", "endpoints", "log_keys")))
    language = r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}"
    require(all(is_form(language, each) for each in m["languages"]))
    require(all(map(is_endpoint, m["endpoints"])))
    require(m["status"] in (1, 2, 3) and m["transfer_regime"] in (1, 2, 3) and m["log_keys"])
    require(all(1 <= each["weekday"] <= 7 for each in m["hours"]))
    require(all(each["opens_minute"] < each["closes_minute"] <= 1440 for each in m["hours"]))
    for key in m["log_keys"]:
        require(is_form(re.escape(m["node_id"]) + r"/log/[1-9][0-9]{0,8}", key["origin"]))
        require(len(key["ed25519"]) == 32 and len(key["mldsa44"]) == 1312)
        require(not is_of_small_order(key["ed25519"]))
        require(key["valid_until_ms"] == 0 or key["valid_until_ms"] > key["valid_from_ms"])
        key["id"] = sha256(b"homeward/v1 logkey\0", key["ed25519"], key["mldsa44"])
    return m


def is_endpoint(text: str) -> bool:
    found = re.fullmatch(ENDPOINT, text, re.ASCII)
    if found is None or len(text) > 255 or set("?#") & set(text) or int(found[3] or 1) > 65535:
        return False
    address = ipaddress.IPv6Address(found[2][1:-1]) if found[2][0] == "[" else None
    if found[1] == "https" or found[2] == "localhost":
        return True
    return (address or ipaddress.IPv4Address(found[2])).is_loopback


def is_of_small_order(key: bytes) -> bool:
    """Say whether it is one of the keys of 2.5."""
    p = 2**255 - 19
    y8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    y = int.from_bytes(bytes.fromhex(y8), "little")
    return int.from_bytes(key, "little") % 2**255 in {0, 1, p - 1, p, p + 1, y, p - y}
