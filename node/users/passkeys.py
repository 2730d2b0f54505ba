"""Passkeys (WebAuthn level 3), checked by the library; here are only challenges and rows.

A challenge is made for one use (signing in, or a passkey of one person), lives for five
minutes, and counts once. It is not kept but marked with a key that only this process has, so
that nobody can ask for so many that others' are forgotten; who was signing in while the node
restarted tries again. User verification (PIN,
finger, face) is required, so that a passkey counts as two factors.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from node.errors import NodeError
from node.exchange.context import Context
from node.store.users import PasskeyRow
from node.users import limits

_TIME_BYTES, _RANDOM_BYTES, _MARK_BYTES = 8, 16, 16
_KEY_BYTES = 32
_SIGNING_IN = "get"
ANSWER_CHARACTERS = 20_000
_BAD = ("bad_passkey", "the passkey could not be checked", "try again")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """For whom passkeys are made: the host name of the pages, and their origin."""

    host: str
    origin: str
    name: str


class Passkeys:
    """Makes challenges, and checks what comes back."""

    def __init__(self, context: Context) -> None:
        """No challenge was used yet."""
        self._context = context
        self._key = context.random(_KEY_BYTES)
        self._used: dict[bytes, int] = {}

    def registration_options(
        self, user_id: str, name: str, known: tuple[PasskeyRow, ...], *, party: RelyingParty
    ) -> str:
        """Return what the browser needs to make a passkey, as JSON."""
        options = generate_registration_options(
            rp_id=party.host,
            rp_name=party.name,
            user_id=user_id.encode(),
            user_name=name,
            challenge=self._challenge(_making(user_id)),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=row.credential_id) for row in known
            ],
        )
        return options_to_json(options)

    def registered(
        self, user_id: str, answer: str, *, party: RelyingParty, name: str
    ) -> PasskeyRow:
        """Return the passkey that a browser has made.

        Raises:
            NodeError: bad_passkey.
        """
        challenge = self._answered(answer, _making(user_id))
        try:
            made = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=party.host,
                expected_origin=party.origin,
                require_user_verification=True,
            )
        except Exception as error:  # the library's readers raise nearly anything
            raise NodeError(*_BAD) from error
        self._use_up(challenge)
        now_ms = self._context.clock.now_ms()
        return PasskeyRow(
            credential_id=made.credential_id,
            user_id=user_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=" ".join(name.split())[: limits.PASSKEY_NAME_CHARACTERS],
            added_at_ms=now_ms,
            used_at_ms=now_ms,
        )

    def authentication_options(self, *, party: RelyingParty) -> str:
        """Return what the browser needs to sign in with any passkey for these pages, as JSON."""
        options = generate_authentication_options(
            rp_id=party.host,
            challenge=self._challenge(_SIGNING_IN),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options)

    def credential_id(self, answer: str) -> bytes:
        """Return which passkey an answer says it is of; nothing is verified yet.

        Raises:
            NodeError: bad_passkey.
        """
        try:
            return base64url_to_bytes(json.loads(answer[:ANSWER_CHARACTERS])["rawId"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise NodeError(*_BAD) from error

    def authenticated(self, row: PasskeyRow, answer: str, *, party: RelyingParty) -> int:
        """Return the passkey's new counter after checking what a browser has signed.

        Raises:
            NodeError: bad_passkey.
        """
        challenge = self._answered(answer, _SIGNING_IN)
        try:
            checked = verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=party.host,
                expected_origin=party.origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=row.sign_count,
                require_user_verification=True,
            )
        except Exception as error:  # the library's readers raise nearly anything
            raise NodeError(*_BAD) from error
        self._use_up(challenge)
        return checked.new_sign_count

    def _challenge(self, purpose: str) -> bytes:
        now_ms = self._context.clock.now_ms()
        made = now_ms.to_bytes(_TIME_BYTES, "big") + self._context.random(_RANDOM_BYTES)
        return made + self._mark(made, purpose)

    def _mark(self, made: bytes, purpose: str) -> bytes:
        text = made + purpose.encode()
        return hashlib.blake2b(text, key=self._key, digest_size=_MARK_BYTES).digest()

    def _answered(self, answer: str, purpose: str) -> bytes:
        """Return the challenge that an answer is for: ours, for this use, and not used yet."""
        try:
            client = json.loads(answer[:ANSWER_CHARACTERS])["response"]["clientDataJSON"]
            challenge = base64url_to_bytes(json.loads(base64url_to_bytes(client))["challenge"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise NodeError(*_BAD) from error
        made, mark = challenge[:-_MARK_BYTES], challenge[-_MARK_BYTES:]
        age_ms = self._context.clock.now_ms() - int.from_bytes(made[:_TIME_BYTES], "big")
        is_ours = hmac.compare_digest(mark, self._mark(made, purpose))
        is_open = 0 <= age_ms < limits.CHALLENGE_LIVES_MS and challenge not in self._used
        if not is_ours or not is_open:
            raise NodeError(*_BAD)
        return challenge

    def _use_up(self, challenge: bytes) -> None:
        now_ms = self._context.clock.now_ms()
        oldest_ms = now_ms - limits.CHALLENGE_LIVES_MS
        used = {each: at_ms for each, at_ms in self._used.items() if at_ms > oldest_ms}
        self._used = {**used, challenge: now_ms}


def _making(user_id: str) -> str:
    return f"create {user_id}"
