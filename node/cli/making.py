"""Make a home: settings, identity, empty folders; whole, or not a home at all."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from keys.identity import Identity, create_identity, store_identity
from keys.members import LogKeyRecord
from node.cli.reach import ask_passphrase
from node.config import CONFIG_NAME, Settings, write_settings
from node.errors import ArgumentError, HomeError
from node.home import Home, find_passphrase
from protocol import suite
from protocol.errors import PeerError
from protocol.ids import NodeId, parse_node_id
from protocol.training import is_training

PASSPHRASE_BYTES = 12


def make_home(
    folder: Path, values: Mapping[str, Any], *, has_training: bool = False
) -> dict[str, Any]:
    """Make a home with these settings; return what to tell of it.

    The settings are written last: a folder without them is no home. `has_training` fills
    it with invented cases.

    Raises:
        ArgumentError: a setting is not valid.
        HomeError: the folder is in use, or there is no good passphrase.
        KeysError: the identity cannot be written.
    """
    settings = _settings(values)
    node_id = parse_node_id(settings.node_id)
    _check_training(node_id, has_training=has_training)
    home = Home(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / CONFIG_NAME).exists():
        raise HomeError("home_exists", "there is a node in this folder already")
    passphrase = new_passphrase(folder, settings.unlock_file)
    home.make()
    identity = create_identity(node_id, os.urandom)
    store_identity(home.identity, identity, passphrase, random=os.urandom)
    answer = {"node_id": node_id, "origin": identity.origin, "home": str(folder)}
    if has_training:
        answer |= _fill(home, identity, passphrase)
    write_settings(folder, settings)
    return answer


def _check_training(node_id: NodeId, *, has_training: bool) -> None:
    if has_training and not is_training(node_id):
        raise ArgumentError(
            "argument_invalid",
            "the name of a training node is training, or begins with training-",
            "without --node-id it is xx.training",
        )
    if is_training(node_id) and not has_training:
        raise ArgumentError(
            "argument_invalid", "this name is for training nodes only", "make one with --training"
        )


def _fill(home: Home, identity: Identity, passphrase: bytes) -> dict[str, Any]:
    from node.training.making import fill_home

    now_ms = time.time_ns() // 1_000_000
    made = asyncio.run(fill_home(home, identity, passphrase, now_ms=now_ms))
    return {"is_training": True, **asdict(made)}


def new_passphrase(folder: Path, unlock_file: str) -> bytes:
    """Return the passphrase for new keys: from where a service finds it, or asked twice.

    Raises:
        HomeError: there is none, or it is too short.
    """
    passphrase = find_passphrase(folder, unlock_file) or ask_passphrase(is_new=True)
    if len(passphrase) < PASSPHRASE_BYTES:
        raise HomeError(
            "short_passphrase",
            f"the passphrase is shorter than {PASSPHRASE_BYTES} characters",
            "five random words are good; write them down and lock them away",
        )
    return passphrase


def own_log_key(identity: Identity) -> LogKeyRecord:
    """Return the identity's log key as it stands in a join request made now."""
    missing = suite.missing_algorithms()
    if missing:
        raise HomeError("no_algorithms", "the installed cryptography library is too old")
    signer = identity.log_signer()
    return LogKeyRecord(
        origin=identity.origin,
        ed25519=signer.ed25519_public,
        mldsa44=signer.mldsa44_public,
        valid_from_ms=time.time_ns() // 1_000_000,
    )


def _settings(values: Mapping[str, Any]) -> Settings:
    try:
        settings = Settings(**values)
        parse_node_id(settings.node_id)
    except ValidationError as error:
        name = str(error.errors(include_input=False)[0]["loc"][0])
        raise ArgumentError("argument_invalid", f"{name} cannot be used") from error
    except PeerError as error:
        raise ArgumentError(
            "argument_invalid",
            "the node id cannot be used",
            "two letters of the country, a dot, a name of a-z, 0-9 and -: be.example",
        ) from error
    return settings
