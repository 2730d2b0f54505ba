"""The identity of a node: made, stored, loaded, and never shown."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from keys import identity as identity_module
from keys.errors import KeyFileExists, VaultDamaged, VaultTooNew, WrongPassphrase
from keys.identity import Identity, create_identity, load_identity, store_identity
from keys.vault import store_vault
from protocol import suite
from protocol.ids import NodeId
from tests.keys.federation import CHEAP, fixed_random

PASSPHRASE = b"a passphrase"
SECRET_FIELDS = (
    "ed25519_seed",
    "mldsa44_seed",
    "transport_seed",
    "database_key",
    "epoch_wrapping_key",
)


def an_identity(name: str = "be.example") -> Identity:
    return create_identity(NodeId(name), fixed_random("identity"), origin_number=3)


def store(path: Path, identity: Identity, **options: bool) -> None:
    store_identity(path, identity, PASSPHRASE, random=fixed_random("salt"), cost=CHEAP, **options)


@pytest.mark.parametrize("name", ["be.example", "be.a", "nl." + "x" * 60])
def test_identity_is_the_same_after_storing_and_loading(tmp_path: Path, name: str) -> None:
    path = tmp_path / "identity.vault"
    store(path, an_identity(name))
    assert load_identity(path, PASSPHRASE) == an_identity(name)


def test_all_secrets_are_independent() -> None:
    identity = an_identity()
    assert {field.name for field in fields(Identity)} == {
        "node_id",
        "origin_number",
        *SECRET_FIELDS,
    }
    assert len({getattr(identity, name) for name in SECRET_FIELDS}) == len(SECRET_FIELDS)


def test_representation_shows_no_secret() -> None:
    identity = an_identity()
    for name in SECRET_FIELDS:
        assert repr(getattr(identity, name)) not in repr(identity)
        assert name not in repr(identity)


def test_public_side_follows_from_the_seeds() -> None:
    identity = an_identity()
    assert identity.origin == "be.example/log/3"
    signer = identity.log_signer()
    assert signer.ed25519_public == suite.ed25519_public_key(identity.ed25519_seed)
    assert signer.mldsa44_public == suite.mldsa44_public_key(identity.mldsa44_seed)
    assert identity.transport_public_key == suite.ed25519_public_key(identity.transport_seed)


def test_existing_identity_is_never_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "identity.vault"
    store(path, an_identity())
    with pytest.raises(KeyFileExists):
        store(path, an_identity("nl.other"))
    assert load_identity(path, PASSPHRASE).node_id == "be.example"


def test_passphrase_can_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "identity.vault"
    store(path, an_identity())
    store_identity(
        path, an_identity(), b"new one", random=fixed_random("new"), cost=CHEAP, is_replacing=True
    )
    with pytest.raises(WrongPassphrase):
        load_identity(path, PASSPHRASE)
    assert load_identity(path, b"new one") == an_identity()


@pytest.mark.parametrize(
    "change",
    [
        lambda good: good[:-1],
        lambda good: good + b"\x00",
        lambda good: b"",
        lambda good: b"homeward/v1 directory key\x00" + bytes(64),
        lambda good: good.replace(b"be.example", b"BE.example"),
        lambda good: good.replace(b"be.example", b"be.ex\xffmple"),
        lambda good: good.replace(b"\x00\x00\x00\x03", b"\x00\x00\x00\x00"),
    ],
    ids=["short", "long", "empty", "other-purpose", "name-form", "name-not-ascii", "log-zero"],
)
def test_vault_with_other_content_is_no_identity(tmp_path: Path, change: object) -> None:
    path = tmp_path / "identity.vault"
    secret = change(identity_module._encode(an_identity()))
    store_vault(path, secret, PASSPHRASE, cost=CHEAP, random=fixed_random("x"))
    with pytest.raises(VaultDamaged):
        load_identity(path, PASSPHRASE)


def test_identity_of_a_later_version_is_too_new(tmp_path: Path) -> None:
    path = tmp_path / "identity.vault"
    secret = b"homeward/v1 identity\x00" + b"\x02" + bytes(5)
    store_vault(path, secret, PASSPHRASE, cost=CHEAP, random=fixed_random("x"))
    with pytest.raises(VaultTooNew):
        load_identity(path, PASSPHRASE)


def test_secret_of_a_wrong_length_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        replace(an_identity(), database_key=bytes(16))
    with pytest.raises(ValueError, match="numbered from 1"):
        replace(an_identity(), origin_number=0)
