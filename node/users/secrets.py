"""Passwords, codes of an authenticator application, recovery codes, tokens.

Nothing is invented here: Argon2id by argon2-cffi, RFC 6238 by pyotp. Hashing a password
takes a tenth of a second, so callers run it beside the event loop.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from node.exchange.context import Randomness
from node.users import limits

TOTP_SECONDS = 30
TOTP_SECRET_BYTES = 20
TOKEN_BYTES = 32
RECOVERY_CODE_BYTES = 10
RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Costs:
    """What a password hash costs: rounds, and memory in KiB (RFC 9106, second choice)."""

    rounds: int = 3
    memory_kib: int = 64 * 1024


class Passwords:
    """Hashes passwords, and checks them in the same time whether there is one or not."""

    def __init__(self, costs: Costs | None = None) -> None:
        """Hash nothing yet: it takes time and memory."""
        chosen = costs or Costs()
        self._hasher = PasswordHasher(
            time_cost=chosen.rounds, memory_cost=chosen.memory_kib, parallelism=1
        )
        self._of_nobody = ""

    def hash(self, password: str) -> str:
        """Return what to store of a password."""
        return self._hasher.hash(password)

    def is_right(self, stored: str, password: str) -> bool:
        """Return whether the password is the one; `stored` is empty where there is none."""
        if not self._of_nobody:
            self._of_nobody = self._hasher.hash("nobody")
        try:
            self._hasher.verify(stored or self._of_nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return bool(stored)


def password_fault(password: str) -> str:
    """Return why a password cannot be taken, as a code; empty when it can (NIST SP 800-63B)."""
    if len(password) < limits.PASSWORD_CHARACTERS_AT_LEAST:
        return "password_too_short"
    if len(password) > limits.PASSWORD_CHARACTERS:
        return "password_too_long"
    return (
        "password_too_simple" if len(set(password)) < limits.PASSWORD_DIFFERENT_CHARACTERS else ""
    )


def totp_step(secret: bytes, code: str, *, now_ms: int, after: int) -> int | None:
    """Return the step of the clock for which the code is right; None if it is not.

    One step before and after are taken too; none up to `after`, which was used already.
    """
    totp = pyotp.TOTP(base32(secret), interval=TOTP_SECONDS)
    digits = "".join(code.split())
    now_step = now_ms // 1000 // TOTP_SECONDS
    for step in (now_step - 1, now_step, now_step + 1):
        is_right = pyotp.utils.strings_equal(totp.at(step * TOTP_SECONDS), digits)
        if is_right and step > after:
            return step
    return None


def totp_address(secret: bytes, *, name: str, issuer: str) -> str:
    """Return what an authenticator application reads from the QR code."""
    return pyotp.TOTP(base32(secret)).provisioning_uri(name=name, issuer_name=issuer)


def base32(secret: bytes) -> str:
    """Return a secret as people type it."""
    return base64.b32encode(secret).decode().rstrip("=")


def from_base32(text: str) -> bytes:
    """Return a secret that stands in a form.

    Raises:
        ValueError: it is none of ours.
    """
    padded = text + "=" * (-len(text) % 8)
    secret = base64.b32decode(padded)
    if len(secret) != TOTP_SECRET_BYTES:
        raise ValueError("a secret of another length")
    return secret


def make_recovery_codes(random: Randomness) -> list[str]:
    """Return new codes: four groups of four letters and digits, 80 bits each."""
    codes = (base32(random(RECOVERY_CODE_BYTES)).lower() for _ in range(RECOVERY_CODES))
    return ["-".join(code[start : start + 4] for start in range(0, 16, 4)) for code in codes]


def recovery_hash(code: str) -> bytes:
    """Return what to store of a recovery code; spaces, dashes and case do not count."""
    plain = "".join(code.split()).replace("-", "").lower()
    # 80 random bits cannot be guessed, so a plain hash will do.
    return hashlib.sha256(b"homeward recovery code\x00" + plain.encode()).digest()


def make_token(random: Randomness) -> str:
    """Return a new token for a cookie or a link."""
    return base64.urlsafe_b64encode(random(TOKEN_BYTES)).decode().rstrip("=")


def token_hash(token: str) -> bytes:
    """Return what to store of a token."""
    return hashlib.sha256(b"homeward token\x00" + token.encode()).digest()
