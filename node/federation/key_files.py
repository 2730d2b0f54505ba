"""Key files of the directory's roles: the vault FILE and its public half FILE.pub.

The public half is what a holder mails to the secretariat: JSON with the key as it
stands in the root file, and its id, so that one changed digit is noticed here and not
after the founding. Who really made a key is settled by reading its words out on the
telephone.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from keys.errors import KeyFileExists
from keys.files import store_file
from keys.tuf_keys import CompositeKey, CompositeSigner, create_directory_key
from keys.vault import STANDARD_COST
from node.errors import ArgumentError

PUBLIC_SUFFIX: Final = ".pub"
PUBLIC_KEY_BYTES: Final = 16 * 1024
KEY_COST = STANDARD_COST
"""What one guess of a key file's passphrase costs; tests make it cheap."""


def make_key(path: Path, passphrase: bytes) -> CompositeKey:
    """Make a key: its vault at `path`, and its public half beside it.

    Raises:
        KeyFileExists: one of the two files is there.
        KeyFileError: one cannot be written.
    """
    check_absent(path)
    signer = create_directory_key(os.urandom)
    store_key(path, signer, passphrase)
    # If we crash here there is a key that nobody knows of; it is moved away and made again.
    store_file(public_path_of(path), encode_public_key(signer.public_key), is_replacing=False)
    return signer.public_key


def check_absent(path: Path) -> None:
    """Refuse the place of a new key where a key file lies, or the public half of one.

    Raises:
        KeyFileExists: one of the two files is there.
    """
    for each in (path, public_path_of(path)):
        if each.exists():
            raise KeyFileExists(
                f"{each} exists already", "a key is never overwritten; choose another name"
            )


def store_key(path: Path, signer: CompositeSigner, passphrase: bytes) -> None:
    """Store a key in a vault of its own.

    Raises:
        KeyFileExists: the file is there.
        KeyFileError: it cannot be written.
    """
    signer.store(path, passphrase, random=os.urandom, cost=KEY_COST)


def public_path_of(path: Path) -> Path:
    """Return where the public half of a key file lies."""
    return path.with_name(path.name + PUBLIC_SUFFIX)


def encode_public_key(key: CompositeKey) -> bytes:
    """Return the file with a public key."""
    return (json.dumps({"keyid": key.keyid, **key.to_dict()}, indent=1) + "\n").encode("ascii")


def parse_public_key(untrusted: bytes) -> CompositeKey:
    """Read the file with a public key, which must be as `encode_public_key` writes it.

    Only white space may differ: programs for mail like to change it.

    Raises:
        ArgumentError: it is another file, or not as it was made.
    """
    if untrusted.startswith(b"HWVAULT"):
        raise ArgumentError(
            "not_a_public_key",
            "this is a secret key file, and nobody else may have it",
            f"name the file beside it that ends in {PUBLIC_SUFFIX}",
        )
    try:
        value = json.loads(untrusted)
        key = CompositeKey.from_dict(value.pop("keyid"), value)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise _no_public_key() from None
    if untrusted.split() != encode_public_key(key).split():
        raise _no_public_key()
    return key


def read_public_key(path: Path) -> CompositeKey:
    """Read the file with a public key.

    Raises:
        ArgumentError: it cannot be read, is another file, or not as it was made.
    """
    try:
        with path.open("rb") as file:
            data = file.read(PUBLIC_KEY_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ArgumentError("cannot_read", f"{path} cannot be read: {reason}") from error
    if len(data) > PUBLIC_KEY_BYTES:
        raise _no_public_key()
    return parse_public_key(data)


def _no_public_key() -> ArgumentError:
    return ArgumentError(
        "not_a_public_key",
        "a public key file is not one, or was changed on the way",
        "ask its holder to send the file again, as an attachment",
    )
