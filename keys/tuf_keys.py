"""The key type of the directory: id-MLDSA65-Ed25519-SHA512, for securesystemslib.

In the metadata: keytype "homeward-composite", scheme "id-MLDSA65-Ed25519-SHA512",
keyval {"public": 3968 hex digits}. The key id must be the digest of the public key,
because TUF counts signatures by key id: one key under two ids would reach a
threshold of two by itself.

Importing this module registers the type in securesystemslib's table, since without
it no metadata of ours can be read; who doesn't import it sees no change, and doing
it twice changes nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NoReturn

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import KEY_FOR_TYPE_AND_SCHEME, Key, SecretsHandler, Signature, Signer

from keys.errors import VaultDamaged
from keys.vault import STANDARD_COST, KdfCost, RandomBytes, load_vault, store_vault
from protocol import suite

KEYTYPE: Final = "homeward-composite"
SCHEME: Final = "id-MLDSA65-Ed25519-SHA512"

_VAULT_LABEL: Final = b"homeward/v1 directory key\x00"


class CompositeKey(Key):
    """A public key of a directory role.

    Raises:
        ValueError: wrong length, or an Ed25519 half that anybody can sign for.
    """

    def __init__(self, public_key: bytes) -> None:
        if len(public_key) != suite.COMPOSITE_PUBLIC_KEY_BYTES:
            raise ValueError("a composite public key has 1984 bytes")
        if suite.is_low_order_composite(public_key):
            raise ValueError("the Ed25519 half is of small order")
        keyid = suite.digest("homeward/v1 directorykey", public_key).hex()
        super().__init__(keyid, KEYTYPE, SCHEME, {"public": public_key.hex()})
        self.public_bytes = public_key

    @classmethod
    def from_dict(cls, keyid: str, key_dict: dict[str, object]) -> CompositeKey:
        """Read the key from metadata, exactly as `to_dict` writes it.

        Raises:
            ValueError: anything else.
        """
        keyval = key_dict.get("keyval")
        public = keyval.get("public") if isinstance(keyval, dict) else None
        key = cls(bytes.fromhex(public) if isinstance(public, str) else b"")
        if key.keyid != keyid or key.to_dict() != key_dict:
            raise ValueError("a composite key is written in one way only")
        return key

    def to_dict(self) -> dict[str, object]:
        """Return the key as it stands in metadata."""
        return self._to_dict()

    def verify_signature(self, signature: Signature, data: bytes) -> None:
        """Check both halves.

        Raises:
            UnverifiedSignatureError: the signature is not good, in whatever way.
        """
        try:
            untrusted_signature = bytes.fromhex(signature.signature)
        except (TypeError, ValueError):
            untrusted_signature = b""
        # Python also reads capitals and white space; other readers need not.
        is_plain = untrusted_signature.hex() == signature.signature
        if not is_plain or not suite.composite_verify(self.public_bytes, untrusted_signature, data):
            raise UnverifiedSignatureError("the composite signature is not good")


class CompositeSigner(Signer):
    """Signs for a directory role; its representation never shows a seed."""

    def __init__(self, mldsa_seed: bytes, ed25519_seed: bytes) -> None:
        self._mldsa_seed = mldsa_seed
        self._ed25519_seed = ed25519_seed
        self._public_key = CompositeKey(suite.composite_public_key(mldsa_seed, ed25519_seed))

    @property
    def public_key(self) -> CompositeKey:
        """The public half, as it stands in the root file."""
        return self._public_key

    @classmethod
    def from_priv_key_uri(
        cls,
        priv_key_uri: str,  # noqa: ARG003 - the interface's
        public_key: Key,  # noqa: ARG003
        secrets_handler: SecretsHandler | None = None,  # noqa: ARG003
    ) -> NoReturn:
        """Refuse: directory keys are in vaults, see `load_directory_key`."""
        raise ValueError("directory keys are loaded from vaults, not by address")

    def sign(self, payload: bytes) -> Signature:
        """Return the composite signature over the payload."""
        signature = suite.composite_sign(self._mldsa_seed, self._ed25519_seed, payload)
        return Signature(self._public_key.keyid, signature.hex())

    def store(
        self,
        path: Path,
        passphrase: bytes,
        *,
        random: RandomBytes,
        cost: KdfCost = STANDARD_COST,
        is_replacing: bool = False,
    ) -> None:
        """Store the seeds in a vault.

        Raises:
            KeyFileExists: the file is there and `is_replacing` is not set.
            KeyFileError: it cannot be written.
        """
        secret = _VAULT_LABEL + self._mldsa_seed + self._ed25519_seed
        store_vault(path, secret, passphrase, cost=cost, random=random, is_replacing=is_replacing)


def create_directory_key(random: RandomBytes) -> CompositeSigner:
    """Make a new key for a directory role."""
    return CompositeSigner(random(suite.SEED_BYTES), random(suite.SEED_BYTES))


def load_directory_key(path: Path, passphrase: bytes) -> CompositeSigner:
    """Open the vault of a directory key.

    Raises:
        KeyFileError: it cannot be read.
        WrongPassphrase, VaultDamaged, VaultTooNew: it does not open, or holds something else.
    """
    secret = load_vault(path, passphrase)
    seeds = secret.removeprefix(_VAULT_LABEL)
    if seeds == secret or len(seeds) != 2 * suite.SEED_BYTES:
        raise VaultDamaged
    return CompositeSigner(seeds[: suite.SEED_BYTES], seeds[suite.SEED_BYTES :])


def register() -> None:
    """Make the key type known to securesystemslib, and so to tuf."""
    KEY_FOR_TYPE_AND_SCHEME[(KEYTYPE, SCHEME)] = CompositeKey


register()
