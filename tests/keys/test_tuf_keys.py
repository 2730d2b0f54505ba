"""The composite key type in securesystemslib's hands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import KEY_FOR_TYPE_AND_SCHEME, Key, Signature

from keys import tuf_keys
from keys.errors import KeyFileExists, VaultDamaged, WrongPassphrase
from keys.tuf_keys import (
    KEYTYPE,
    SCHEME,
    CompositeKey,
    CompositeSigner,
    create_directory_key,
    load_directory_key,
)
from keys.vault import store_vault
from protocol import suite
from tests.keys.federation import CHEAP, directory_key, fixed_random, seed

PAYLOAD = b"the signed part"


def test_key_in_metadata_is_read_back_by_securesystemslib() -> None:
    key = directory_key("a").public_key
    read = Key.from_dict(key.keyid, key.to_dict())
    assert isinstance(read, CompositeKey)
    assert read == key
    assert read.to_dict() == {
        "keytype": "homeward-composite",
        "scheme": "id-MLDSA65-Ed25519-SHA512",
        "keyval": {"public": key.public_bytes.hex()},
    }


def test_registration_is_idempotent() -> None:
    before = dict(KEY_FOR_TYPE_AND_SCHEME)
    tuf_keys.register()
    assert before == KEY_FOR_TYPE_AND_SCHEME
    assert KEY_FOR_TYPE_AND_SCHEME[(KEYTYPE, SCHEME)] is CompositeKey


def test_type_is_registered_by_its_own_module_only() -> None:
    check = (
        "import keys.vault, keys.identity, keys.epochs, protocol.suite\n"
        "from securesystemslib.signer import KEY_FOR_TYPE_AND_SCHEME as table\n"
        f"assert {(KEYTYPE, SCHEME)!r} not in table\n"
        "import keys.tuf_keys\n"
        f"assert {(KEYTYPE, SCHEME)!r} in table\n"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", check]
    assert subprocess.run(command, cwd=root, check=False).returncode == 0


def test_signature_verifies_and_has_the_keys_id() -> None:
    signer = directory_key("a")
    signature = signer.sign(PAYLOAD)
    assert signature.keyid == signer.public_key.keyid
    signer.public_key.verify_signature(signature, PAYLOAD)


def test_signature_uses_the_context_of_the_directory() -> None:
    key = directory_key("a").public_key
    for_something_else = suite.composite_sign(
        seed("a mldsa"), seed("a ed25519"), PAYLOAD, ctx=b"homeward/v1 something else"
    )
    with pytest.raises(UnverifiedSignatureError):
        key.verify_signature(Signature(key.keyid, for_something_else.hex()), PAYLOAD)


@pytest.mark.parametrize("valid_half", ["ed25519", "mldsa"])
def test_one_valid_half_is_not_enough(valid_half: str) -> None:
    key = directory_key("a").public_key
    good = bytes.fromhex(directory_key("a").sign(PAYLOAD).signature)
    other = bytes.fromhex(directory_key("b").sign(PAYLOAD).signature)
    forged = other[:3309] + good[3309:] if valid_half == "ed25519" else good[:3309] + other[3309:]
    with pytest.raises(UnverifiedSignatureError):
        key.verify_signature(Signature(key.keyid, forged.hex()), PAYLOAD)


@pytest.mark.parametrize("untrusted", ["", "zz", "00" * 3373, 7, None, ["00"]])
def test_malformed_signature_is_just_not_good(untrusted: object) -> None:
    key = directory_key("a").public_key
    with pytest.raises(UnverifiedSignatureError):
        key.verify_signature(Signature(key.keyid, untrusted), PAYLOAD)


def changed_key(**changes: object) -> dict[str, object]:
    return {**directory_key("a").public_key.to_dict(), **changes}


LOW_ORDER = (directory_key("a").public_key.public_bytes[:1952] + bytes(32)).hex()


@pytest.mark.parametrize(
    "key_dict",
    [
        changed_key(keyval={}),
        changed_key(keyval="ab"),
        changed_key(keyval={"public": 5}),
        changed_key(keyval={"public": "ab"}),
        changed_key(keyval={"public": "zz" * 1984}),
        changed_key(keyval={"public": LOW_ORDER}),
        changed_key(keyval={"public": directory_key("a").public_key.public_bytes.hex().upper()}),
        changed_key(keyval={"public": directory_key("b").public_key.public_bytes.hex()}),
        changed_key(comment="unsigned by nobody"),
    ],
    ids=[
        "no-value",
        "not-a-mapping",
        "number",
        "short",
        "not-hex",
        "low-order",
        "upper-case",
        "other-key",
        "extra-field",
    ],
)
def test_malformed_key_is_refused(key_dict: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Key.from_dict(directory_key("a").public_key.keyid, key_dict)


def test_low_order_half_is_refused_whatever_the_id() -> None:
    with pytest.raises(ValueError, match="small order"):
        CompositeKey(bytes.fromhex(LOW_ORDER))


def test_one_key_under_two_ids_is_refused() -> None:
    key = directory_key("a").public_key
    with pytest.raises(ValueError, match="one way only"):
        Key.from_dict("00" * 32, key.to_dict())


def test_signer_shows_no_seed_and_has_no_address() -> None:
    signer = directory_key("a")
    assert seed("a mldsa").hex() not in repr(vars(signer)["_public_key"])
    assert repr(seed("a mldsa")) not in repr(signer)
    with pytest.raises(ValueError, match="vaults"):
        CompositeSigner.from_priv_key_uri("file:key", signer.public_key)


def test_directory_key_is_the_same_after_storing_and_loading(tmp_path: Path) -> None:
    path = tmp_path / "targets.key"
    signer = create_directory_key(fixed_random("key"))
    signer.store(path, b"passphrase", random=fixed_random("salt"), cost=CHEAP)
    loaded = load_directory_key(path, b"passphrase")
    assert loaded.public_key == signer.public_key
    signer.public_key.verify_signature(loaded.sign(PAYLOAD), PAYLOAD)
    with pytest.raises(WrongPassphrase):
        load_directory_key(path, b"other")
    with pytest.raises(KeyFileExists):
        signer.store(path, b"passphrase", random=fixed_random("salt"), cost=CHEAP)


@pytest.mark.parametrize("secret", [b"", bytes(64), b"homeward/v1 directory key\x00" + bytes(63)])
def test_vault_with_other_content_is_no_directory_key(tmp_path: Path, secret: bytes) -> None:
    path = tmp_path / "other.vault"
    store_vault(path, secret, b"passphrase", cost=CHEAP, random=fixed_random("x"))
    with pytest.raises(VaultDamaged):
        load_directory_key(path, b"passphrase")
