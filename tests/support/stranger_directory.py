"""The stranger's walk through the directory (SPEC.md section 10), without TUF's library.

Written from proto/SPEC.md alone. See `tests.support.stranger`.
"""

from __future__ import annotations

import datetime
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey

from tests.support.stranger_forms import (
    holds,
    is_form,
    is_of_small_order,
    read_member,
    require,
    sha256,
)

# What a reader of JSON meets where something else stands than expected.
BROKEN = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


class Unusable(Exception):
    """There is no verdict (13.5)."""


class DirectoryFault(Exception):
    """There is no directory (10.4)."""


# --- 10.2, 10.3: metadata files


def canonical(value: object) -> str:
    if isinstance(value, dict):
        members = (f"{canonical(name)}:{canonical(value[name])}" for name in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    require(not isinstance(value, float))
    return json.dumps(value)


def unique(pairs: list) -> dict:
    require(len(dict(pairs)) == len(pairs))
    return dict(pairs)


def no_number(_: str) -> None:
    raise ValueError


def check_number(value: object, least: int) -> None:
    require(type(value) is int and value >= least)


def check_version(value: object) -> None:
    check_number(value, 1)
    require(value <= 999_999_999)


def check_role(role: dict) -> None:
    require(isinstance(role["keyids"], list))
    require(all(isinstance(each, str) for each in role["keyids"]))
    unique([(keyid, 0) for keyid in role["keyids"]])
    check_number(role["threshold"], 1)


def read_metadata(data: bytes, role: str) -> dict:
    """Return the signed part, and under "!" what is signed and the signatures."""
    whole = json.loads(
        data.decode(), object_pairs_hook=unique, parse_float=no_number, parse_constant=no_number
    )
    signed = whole["signed"]
    require(signed["_type"] == role and is_form(r"1\.\d+(\.\d+)?", signed["spec_version"]))
    check_version(signed["version"])
    require(is_form(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", signed["expires"]))
    expires = datetime.datetime.strptime(signed["expires"], "%Y-%m-%dT%H:%M:%S%z")
    check_infos(signed, role)
    if role == "root":
        require(set(signed["roles"]) == {"root", "timestamp", "snapshot", "targets"})
        for each in signed["roles"].values():
            check_role(each)
        require(isinstance(signed.get("consistent_snapshot", False), bool))
        for keyid, key in signed["keys"].items():
            check_key(keyid, key)
    signatures = unique([(each["keyid"], each["sig"]) for each in whole["signatures"]])
    signed_bytes = canonical(signed).encode()
    return {**signed, "!": (signed_bytes, signatures), "ms": int(expires.timestamp()) * 1000}


def check_infos(signed: dict, role: str) -> None:
    require(role != "timestamp" or list(signed["meta"]) == ["snapshot.json"])
    infos = list(signed["meta"].values()) if role in ("timestamp", "snapshot") else []
    for info in infos:
        check_version(info["version"])
    targets = list(signed["targets"].values()) if role == "targets" else []
    for info in (*infos, *targets):
        check_number(info["length"] if role == "targets" else info.get("length", 0), 0)
        hashes = info["hashes"] if role == "targets" else info.get("hashes", {"": ""})
        require(hashes and all(isinstance(each, str) for each in hashes.values()))


def check_key(keyid: str, key: dict) -> None:
    public = bytes.fromhex(key["keyval"]["public"])
    require(len(public) == 1984 and not is_of_small_order(public[1952:]))
    require(keyid == sha256(b"homeward/v1 directorykey\0", public).hex())
    named = {"keytype": "homeward-composite", "scheme": "id-MLDSA65-Ed25519-SHA512"}
    require(key == {**named, "keyval": {"public": public.hex()}})


def has_signed(key: dict, signature: str, data: bytes) -> bool:
    """Verify a composite signature (2.4)."""
    if not is_form("[0-9a-f]{6746}", str(signature)):
        return False
    public, raw = bytes.fromhex(key["keyval"]["public"]), bytes.fromhex(signature)
    label = b"COMPSIG-MLDSA65-Ed25519-SHA512"
    message = b"CompositeAlgorithmSignatures2025" + label + b"\x15homeward/v1 directory"
    message += hashlib.sha512(data).digest()
    return holds(MLDSA65PublicKey, public[:1952], raw[:3309], message, context=label) and holds(
        Ed25519PublicKey, public[1952:], raw[3309:], message
    )


# --- 10.4: the walk


class Walk:
    """The directory under a trusted root file, at a reference time."""

    def __init__(self, files: dict[str, bytes], root: bytes, ref: int) -> None:
        self.files, self.ref = files, ref
        self.members: dict[str, list[dict]] = {}
        try:
            require(len(root) <= 524_288)
            self.root = read_metadata(root, "root")
            self.check_signed(self.root, self.root)
            self.federation = self.federation_of(self.root)
        except (DirectoryFault, *BROKEN) as error:
            raise Unusable("root_unusable") from error

    def run(self) -> Walk:
        for _ in range(256):
            data = self.files.get(f"{self.root['version'] + 1}.root.json")
            if data is None:
                break
            following = self.load(data, "root")
            self.need(following["version"] == self.root["version"] + 1, "version")
            self.check_signed(following, following)
            self.need(self.federation_of(following) == self.federation, "federation")
            self.root = following
        self.need(self.ref < self.root["ms"], "expired")
        data = self.take("timestamp.json", {})
        timestamp = self.load(data, "timestamp")
        self.need(self.ref < timestamp["ms"], "expired")
        snapshot = self.versioned("snapshot", timestamp["meta"]["snapshot.json"])
        self.need("targets.json" in snapshot["meta"], "file_malformed")
        targets = self.versioned("targets", snapshot["meta"]["targets.json"])
        self.check_delegations(targets)
        self.read_members(targets["targets"])
        self.version = snapshot["version"]
        self.expires_ms = min(each["ms"] for each in (self.root, timestamp, snapshot, targets))
        return self

    def check_delegations(self, targets: dict) -> None:
        """See that nobody but the role suspend may say anything; evidence does not ask it."""
        if "delegations" not in targets:
            return
        try:
            (role,) = targets["delegations"]["roles"]
            check_role(role)
            stated = (role["name"], role["terminating"], role["paths"])
            require(stated == ("suspend", True, ["*.suspended"]) and role["terminating"] is True)
            for keyid, key in targets["delegations"]["keys"].items():
                check_key(keyid, key)
        except BROKEN as error:
            raise DirectoryFault("directory_unsupported") from error

    def need(self, condition: object, fault: str) -> None:
        if not condition:
            raise DirectoryFault(f"directory_{fault}")

    def take(self, name: str, info: dict) -> bytes:
        self.need(name in self.files, "file_missing")
        data = self.files[name]
        length = info.get("length", len(data))
        self.need(len(data) <= length, "file_too_large")
        self.need(len(data) == length, "file_changed")
        for algorithm, digest in info.get("hashes", {}).items():
            found = hashlib.sha256 if algorithm == "sha256" else hashlib.sha512
            is_known = algorithm in ("sha256", "sha512")
            self.need(is_known and found(data).hexdigest() == digest, "file_changed")
        return data

    def load(self, data: bytes, role: str) -> dict:
        try:
            signed = read_metadata(data, role)
        except BROKEN as error:
            raise DirectoryFault("directory_file_malformed") from error
        self.check_signed(self.root, signed)
        return signed

    def versioned(self, role: str, info: dict) -> dict:
        signed = self.load(self.take(f"{info['version']}.{role}.json", info), role)
        checks = [
            (self.ref < signed["ms"], "expired"),
            (signed["version"] == info["version"], "version"),
        ]
        for is_good, fault in checks if role == "snapshot" else reversed(checks):
            self.need(is_good, fault)
        return signed

    def check_signed(self, by: dict, signed: dict) -> None:
        role, (data, signatures) = by["roles"][signed["_type"]], signed["!"]
        known = [keyid for keyid in role["keyids"] if keyid in by["keys"] and keyid in signatures]
        good = [each for each in known if has_signed(by["keys"][each], signatures[each], data)]
        self.need(len(good) >= role["threshold"], "signature")

    def federation_of(self, root: dict) -> str:
        self.need(root.get("consistent_snapshot") is True, "unsupported")
        named = root.get("x-homeward-federation")
        self.need(isinstance(named, dict), "federation")
        federation, name = named.get("id"), named.get("name")
        self.need(isinstance(name, str) and 1 <= len(name) <= 200, "federation")
        self.need(is_form("[0-9a-f]{64}", str(federation)), "federation")
        return str(federation)

    def read_members(self, targets: dict) -> None:
        total = sum(info["length"] for info in targets.values())
        self.need(total <= 67_108_864, "file_too_large")
        halves: list[bytes] = []
        for path, info in targets.items():
            self.need(info["length"] <= 65_536, "file_too_large")
            digest = info["hashes"].get("sha256", "")
            is_named = is_form(r"[a-z]{2}\.[a-z0-9-]{1,60}\.member", path)
            self.need(is_named and is_form("[0-9a-f]{64}", digest), "file_malformed")
            data = self.take(f"{digest}.{path}", info)
            try:
                member = read_member(data)
                require(f"{member['node_id']}.member" == path)
            except ValueError as error:
                raise DirectoryFault("directory_member") from error
            self.members[member["node_id"]] = member["log_keys"]
            for key in member["log_keys"]:
                halves += [key["ed25519"], key["mldsa44"]]
        self.need(len(set(halves)) == len(halves), "member")
