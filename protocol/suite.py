"""The cryptographic suite of `hw1`: the only module that names algorithms.

One suite, no negotiation (SPEC.md section 2). Everything is raw bytes in and
raw bytes out, so that no other module depends on a key class of a library.
Hybrid throughout: a thing is sealed or signed with an old and a post-quantum
algorithm, and both must hold.

Rules:
- every way in which a signature can be bad is the same `False`, and every way
  in which a ciphertext can be bad is the same `ValueError`; the caller learns
  nothing about which half failed;
- a key of the wrong length given to sign, derive or seal is our own mistake:
  `ValueError`;
- private keys are 32-byte seeds; what is derived from them is never stored;
- digests are labelled, so that a digest of one kind is never one of another.

Who may use which key, and for how long, is the directory's business.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, mlkem, x25519

# Public keys that are kept parsed: those of the peers one talks with these days.
PARSED_KEYS: Final = 64
SEED_BYTES: Final = 32
DIGEST_BYTES: Final = 32
KEM_PUBLIC_KEY_BYTES: Final = 1216
SEAL_OVERHEAD: Final = 1136
ED25519_PUBLIC_KEY_BYTES: Final = 32
ED25519_SIGNATURE_BYTES: Final = 64
MLDSA44_PUBLIC_KEY_BYTES: Final = 1312
MLDSA44_SIGNATURE_BYTES: Final = 2420
COMPOSITE_PUBLIC_KEY_BYTES: Final = 1984
COMPOSITE_SIGNATURE_BYTES: Final = 3373
DIRECTORY_CONTEXT: Final = b"homeward/v1 directory"

_MLKEM_PUBLIC_KEY_BYTES: Final = 1184
_MLDSA65_PUBLIC_KEY_BYTES: Final = 1952
_MLDSA65_SIGNATURE_BYTES: Final = 3309
_COMPOSITE_PREFIX: Final = b"CompositeAlgorithmSignatures2025"
_COMPOSITE_LABEL: Final = b"COMPSIG-MLDSA65-Ed25519-SHA512"
_HPKE: Final = hpke.Suite(
    hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305
)

_P: Final = 2**255 - 19
_Y_OF_ORDER_8: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
# The y coordinates of the eight points of small order, written in each way that
# fits 255 bits. With either sign bit they make the 14 encodings.
_LOW_ORDER_Y: Final = frozenset({0, 1, _P - 1, _P, _P + 1, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8})


def missing_algorithms() -> list[str]:
    """Name what the linked OpenSSL lacks; a node refuses to start unless empty."""
    missing = []
    try:
        mldsa.MLDSA44PrivateKey.from_seed_bytes(bytes(SEED_BYTES))
        mldsa.MLDSA65PrivateKey.from_seed_bytes(bytes(SEED_BYTES))
    except UnsupportedAlgorithm:
        missing.append("ML-DSA")
    try:
        mlkem.MLKEM768PrivateKey.from_seed_bytes(bytes(2 * SEED_BYTES))
    except UnsupportedAlgorithm:
        missing.append("ML-KEM")
    return missing


# Digests and key ids


def digest(label: str, *parts: bytes) -> bytes:
    """Return SHA-256(label || 00 || parts), 32 bytes; the caller frames the parts."""
    hasher = hashlib.sha256(label.encode("ascii") + b"\x00")
    for part in parts:
        hasher.update(part)
    return hasher.digest()


@lru_cache(maxsize=PARSED_KEYS)
def kem_key_id(public_key: bytes) -> bytes:
    """Return the 32-byte id of an encryption key."""
    return digest("homeward/v1 kemkey", public_key)


@lru_cache(maxsize=PARSED_KEYS)
def log_key_id(ed25519_public_key: bytes, mldsa44_public_key: bytes) -> bytes:
    """Return the 32-byte id of the pair of keys that signs a log."""
    return digest("homeward/v1 logkey", ed25519_public_key, mldsa44_public_key)


# Sealing


class KemOpener:
    """Opens what was sealed to one X-Wing seed; keeps the parsed key."""

    __slots__ = ("_private", "key_id", "public_key")

    def __init__(self, seed: bytes) -> None:
        self._private, self.public_key = _expand_kem_seed(seed)
        self.key_id = kem_key_id(self.public_key)

    def open(self, info: bytes, ciphertext: bytes) -> bytes:
        """Return the plaintext.

        Raises:
            ValueError: the ciphertext, the info or the key is not the right one.
        """
        try:
            return _HPKE.decrypt(ciphertext, self._private, info=info)
        except (InvalidTag, ValueError):
            # One answer, without the cause: which check failed is for nobody.
            raise ValueError("the ciphertext does not open") from None


def kem_public_key(seed: bytes) -> bytes:
    """Return the 1216-byte X-Wing public key of a 32-byte seed."""
    return _expand_kem_seed(seed)[1]


def seal(kem_public_key: bytes, info: bytes, plaintext: bytes) -> bytes:
    """Seal to a public key: encapsulation || ciphertext || tag, `SEAL_OVERHEAD` longer.

    Raises:
        ValueError: the public key is not a valid one.
    """
    return _HPKE.encrypt(plaintext, _kem_public(kem_public_key), info=info)


def is_kem_public_key(public_key: bytes) -> bool:
    """Say whether one can seal to this public key."""
    try:
        seal(public_key, b"", b"")
    except ValueError:
        return False
    return True


def _expand_kem_seed(seed: bytes) -> tuple[hpke.MLKEM768X25519PrivateKey, bytes]:
    """Derive the two keys of X-Wing from its seed (draft-connolly-cfrg-xwing-kem, 5.2)."""
    _require_length("seed", seed, SEED_BYTES)
    expanded = hashlib.shake_256(seed).digest(96)
    mlkem_key = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    x25519_key = x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
    public = mlkem_key.public_key().public_bytes_raw() + x25519_key.public_key().public_bytes_raw()
    return hpke.MLKEM768X25519PrivateKey(mlkem_key, x25519_key), public


@lru_cache(maxsize=PARSED_KEYS)
def _kem_public(public_key: bytes) -> hpke.MLKEM768X25519PublicKey:
    _require_length("KEM public key", public_key, KEM_PUBLIC_KEY_BYTES)
    return hpke.MLKEM768X25519PublicKey(
        mlkem.MLKEM768PublicKey.from_public_bytes(public_key[:_MLKEM_PUBLIC_KEY_BYTES]),
        x25519.X25519PublicKey.from_public_bytes(public_key[_MLKEM_PUBLIC_KEY_BYTES:]),
    )


# Ed25519 and ML-DSA-44


class LogSigner:
    """Signs for one log with both of its keys; keeps the parsed keys."""

    __slots__ = ("_ed25519", "_mldsa44", "ed25519_public", "key_id", "mldsa44_public")

    def __init__(self, ed25519_seed: bytes, mldsa44_seed: bytes) -> None:
        self._ed25519 = _ed25519_private(ed25519_seed)
        self._mldsa44 = _mldsa44_private(mldsa44_seed)
        self.ed25519_public = self._ed25519.public_key().public_bytes_raw()
        self.mldsa44_public = self._mldsa44.public_key().public_bytes_raw()
        self.key_id = log_key_id(self.ed25519_public, self.mldsa44_public)

    def sign_ed25519(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature."""
        return self._ed25519.sign(message)

    def sign_mldsa44(self, message: bytes) -> bytes:
        """Return the 2420-byte ML-DSA-44 signature (empty context)."""
        return self._mldsa44.sign(message)


def ed25519_public_key(seed: bytes) -> bytes:
    """Return the 32-byte public key of a 32-byte seed."""
    return _ed25519_private(seed).public_key().public_bytes_raw()


def ed25519_sign(seed: bytes, message: bytes) -> bytes:
    """Return the 64-byte signature."""
    return _ed25519_private(seed).sign(message)


def ed25519_verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether the signature is good; a malformed key or signature is not."""
    try:
        _ed25519_public(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_low_order_ed25519(public_key: bytes) -> bool:
    """Say whether it is one of the 14 encodings of a point of small order.

    Anybody can make signatures that such a key accepts, so no enrolment takes one.
    """
    return int.from_bytes(public_key, "little") & (2**255 - 1) in _LOW_ORDER_Y


def mldsa44_public_key(seed: bytes) -> bytes:
    """Return the 1312-byte public key of a 32-byte seed."""
    return _mldsa44_private(seed).public_key().public_bytes_raw()


def mldsa44_verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether the signature is good; a malformed key or signature is not."""
    try:
        _mldsa44_public(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


# The composite of ML-DSA-65 and Ed25519, for the directory


def composite_public_key(mldsa_seed: bytes, ed25519_seed: bytes) -> bytes:
    """Return the 1984-byte public key: ML-DSA-65, then Ed25519."""
    mldsa_public = _mldsa65_private(mldsa_seed).public_key().public_bytes_raw()
    return mldsa_public + ed25519_public_key(ed25519_seed)


def composite_sign(
    mldsa_seed: bytes, ed25519_seed: bytes, message: bytes, ctx: bytes = DIRECTORY_CONTEXT
) -> bytes:
    """Return the 3373-byte id-MLDSA65-Ed25519-SHA512 signature."""
    representative = _composite_representative(message, ctx)
    mldsa_half = _mldsa65_private(mldsa_seed).sign(representative, context=_COMPOSITE_LABEL)
    return mldsa_half + ed25519_sign(ed25519_seed, representative)


def composite_verify(
    public_key: bytes, signature: bytes, message: bytes, ctx: bytes = DIRECTORY_CONTEXT
) -> bool:
    """Say whether both halves are good; a malformed key or signature is not."""
    representative = _composite_representative(message, ctx)
    try:
        _mldsa65_public(public_key[:_MLDSA65_PUBLIC_KEY_BYTES]).verify(
            signature[:_MLDSA65_SIGNATURE_BYTES], representative, context=_COMPOSITE_LABEL
        )
    except (InvalidSignature, ValueError):
        return False
    return ed25519_verify(
        public_key[_MLDSA65_PUBLIC_KEY_BYTES:],
        signature[_MLDSA65_SIGNATURE_BYTES:],
        representative,
    )


def is_low_order_composite(public_key: bytes) -> bool:
    """Say whether the Ed25519 half of a composite key is of small order."""
    return is_low_order_ed25519(public_key[_MLDSA65_PUBLIC_KEY_BYTES:])


def _composite_representative(message: bytes, ctx: bytes) -> bytes:
    """Return M' (draft-ietf-lamps-pq-composite-sigs, section 2.2)."""
    if len(ctx) > 255:
        raise ValueError("a context has at most 255 bytes")
    hashed = hashlib.sha512(message).digest()
    return _COMPOSITE_PREFIX + _COMPOSITE_LABEL + bytes([len(ctx)]) + ctx + hashed


# Parsing keys. Nothing is cached here: parsing a public key costs a tenth of a
# verification with it, and parsed private keys live in KemOpener and LogSigner.


@lru_cache(maxsize=PARSED_KEYS)
def _ed25519_public(public_key: bytes) -> ed25519.Ed25519PublicKey:
    return ed25519.Ed25519PublicKey.from_public_bytes(public_key)


@lru_cache(maxsize=PARSED_KEYS)
def _mldsa44_public(public_key: bytes) -> mldsa.MLDSA44PublicKey:
    return mldsa.MLDSA44PublicKey.from_public_bytes(public_key)


def _mldsa65_public(public_key: bytes) -> mldsa.MLDSA65PublicKey:
    return mldsa.MLDSA65PublicKey.from_public_bytes(public_key)


def _ed25519_private(seed: bytes) -> ed25519.Ed25519PrivateKey:
    _require_length("seed", seed, SEED_BYTES)
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed)


def _mldsa44_private(seed: bytes) -> mldsa.MLDSA44PrivateKey:
    _require_length("seed", seed, SEED_BYTES)
    return mldsa.MLDSA44PrivateKey.from_seed_bytes(seed)


def _mldsa65_private(seed: bytes) -> mldsa.MLDSA65PrivateKey:
    _require_length("seed", seed, SEED_BYTES)
    return mldsa.MLDSA65PrivateKey.from_seed_bytes(seed)


def _require_length(name: str, value: bytes, length: int) -> None:
    if len(value) != length:
        raise ValueError(f"{name} has {length} bytes")
