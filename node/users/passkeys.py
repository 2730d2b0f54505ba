"""Passkeys (WebAuthn level 3), checked by the library; here are only challenges and rows.

A challenge is made for one page, lives for five minutes, is used once, and is kept in
memory: who was signing in while the node restarted tries again. User verification (PIN,
finger, face) is required, so that a passkey counts as two factors.
"""

from __future__ import annotations

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
from webauthn.helpers.exceptions import WebAuthnException
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

CHALLENGE_BYTES = 32
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
        """No challenge is open yet."""
        self._context = context
        self._challenges: dict[bytes, int] = {}

    def registration_options(
        self, user_id: str, name: str, known: tuple[PasskeyRow, ...], *, party: RelyingParty
    ) -> str:
        """Return what the browser needs to make a passkey, as JSON."""
        options = generate_registration_options(
            rp_id=party.host,
            rp_name=party.name,
            user_id=user_id.encode(),
            user_name=name,
            challenge=self._challenge(),
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
        challenge = self._answered(answer)
        try:
            made = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=party.host,
                expected_origin=party.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError) as error:
            raise NodeError(*_BAD) from error
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
            challenge=self._challenge(),
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
        except (ValueError, KeyError, TypeError) as error:
            raise NodeError(*_BAD) from error

    def authenticated(self, row: PasskeyRow, answer: str, *, party: RelyingParty) -> int:
        """Return the passkey's new counter after checking what a browser has signed.

        Raises:
            NodeError: bad_passkey.
        """
        challenge = self._answered(answer)
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
        except (WebAuthnException, ValueError) as error:
            raise NodeError(*_BAD) from error
        return checked.new_sign_count

    def _challenge(self) -> bytes:
        now_ms = self._context.clock.now_ms()
        oldest_ms = now_ms - limits.CHALLENGE_LIVES_MS
        open_ones = {c: at for c, at in self._challenges.items() if oldest_ms < at <= now_ms}
        while len(open_ones) >= limits.CHALLENGES:
            # The oldest: somebody asks for many.
            del open_ones[next(iter(open_ones))]
        challenge = self._context.random(CHALLENGE_BYTES)
        self._challenges = {**open_ones, challenge: now_ms}
        return challenge

    def _answered(self, answer: str) -> bytes:
        """Return the challenge that an answer is for, and use it up."""
        try:
            client = json.loads(answer[:ANSWER_CHARACTERS])["response"]["clientDataJSON"]
            challenge = base64url_to_bytes(json.loads(base64url_to_bytes(client))["challenge"])
        except (ValueError, KeyError, TypeError) as error:
            raise NodeError(*_BAD) from error
        made_at_ms = self._challenges.pop(challenge, None)
        now_ms = self._context.clock.now_ms()
        if made_at_ms is None or not 0 <= now_ms - made_at_ms < limits.CHALLENGE_LIVES_MS:
            raise NodeError(*_BAD)
        return challenge
