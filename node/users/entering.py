"""Signing in: who somebody is, by a passkey, or by a password and a code.

Wrong passwords, codes and unknown names look the same and take the same work. A passkey
never waits, since it cannot be guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from node.errors import NodeError
from node.exchange.context import Context
from node.store import users
from node.store.db import Transaction
from node.store.users import PasskeyRow, UserRow
from node.users import limits, secrets
from node.users.passkeys import Passkeys, RelyingParty
from node.users.policy import Role
from node.users.secrets import Passwords
from node.users.tries import Place, Tries

NOWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What colleagues may know of somebody."""

    user_id: str
    name: str
    role: Role
    language: str
    is_active: bool
    added_at_ms: int
    added_by: str
    has_password: bool
    passkeys: tuple[PasskeyRow, ...] = ()
    recovery_codes: int = 0
    reset_asked_by: str = ""

    @property
    def can_sign_in(self) -> bool:
        """Whether a way in is set up."""
        return self.has_password or bool(self.passkeys)


class Entering:
    """How the people of this node come in."""

    def __init__(self, context: Context, passwords: Passwords | None = None) -> None:
        """Use the context's store; `passwords` are cheaper in tests."""
        self._context = context
        self._passwords = passwords or Passwords()
        self.passkeys = Passkeys(context)
        self.tries = Tries(context)

    async def sign_in(
        self, name: str, password: str, code: str, *, place: Place = NOWHERE
    ) -> Person:
        """Return who has signed in with a password and a code (or a recovery code).

        Who has passkeys and no password comes in with a recovery code alone.

        Raises:
            NodeError: not_signed_in, or wait (too many wrong tries).
        """
        plain = " ".join(name.split())[: limits.USER_NAME_CHARACTERS * 2]
        row, is_known = await self._context.store.read(lambda db: _looked_up(db, plain, place))
        keys = self.tries.keys(plain.casefold(), place, is_known=is_known)
        self.tries.begin(keys)
        stored = row.password if row is not None and row.is_active else ""
        is_right = await self._context.compute(
            partial(self._passwords.is_right, stored, password[: limits.PASSWORD_CHARACTERS])
        )

        def job(db: Transaction) -> Person | None:
            known = users.by_name(db, plain)
            if known is None or not known.is_active or known.password != stored:
                return None
            if stored:
                return (
                    self.person(db, known) if is_right and self._is_code(db, known, code) else None
                )
            return self.person(db, known) if self._is_recovery(db, known, code) else None

        # Nothing is written for who is not there, nor for who is and is not right.
        person = await self._context.store.write(job)
        if person is None:
            raise NodeError("not_signed_in", "the name, the password or the code is not right")
        self.tries.succeeded(keys)
        return person

    def _is_code(self, db: Transaction, row: UserRow, code: str) -> bool:
        now_ms = self._now_ms()
        step = secrets.totp_step(row.totp, code, now_ms=now_ms, after=row.totp_step)
        if step is not None:
            users.change(db, row.user_id, totp_step=step)
            return True
        return self._is_recovery(db, row, code)

    def _is_recovery(self, db: Transaction, row: UserRow, code: str) -> bool:
        return users.use_recovery_code(db, row.user_id, secrets.recovery_hash(code))

    async def sign_in_with_passkey(self, answer: str, *, party: RelyingParty) -> Person:
        """Return who has signed in with a passkey.

        Raises:
            NodeError: bad_passkey.
        """
        credential_id = self.passkeys.credential_id(answer)

        def job(db: Transaction) -> Person:
            row = users.passkey(db, credential_id)
            user = users.by_id(db, row.user_id) if row is not None else None
            if row is None or user is None or not user.is_active:
                raise NodeError("bad_passkey", "this passkey is not known here")
            count = self.passkeys.authenticated(row, answer, party=party)
            users.use_passkey(db, credential_id, sign_count=count, at_ms=self._now_ms())
            return self.person(db, user)

        return await self._context.store.write(job)

    async def know_browser(self, user_id: str, token: str) -> str:
        """Note that somebody has signed in with a browser; return what it is to hold.

        `token` is what it holds already, if it does.
        """
        now_ms, new = self._now_ms(), secrets.make_token(self._context.random)

        def job(db: Transaction) -> str:
            # What nobody was given is not taken over.
            held = token if users.knows_browser(db, secrets.token_hash(token)) else new
            users.know_browser(
                db,
                secrets.token_hash(held),
                user_id,
                at_ms=now_ms,
                since_ms=now_ms - limits.BROWSER_KNOWN_MS,
                most=limits.BROWSERS_EACH,
            )
            return held

        return await self._context.store.write(job)

    def person(self, db: Transaction, row: UserRow) -> Person:
        """Return somebody as colleagues know them."""
        since_ms = self._now_ms() - limits.RESET_LIVES_MS
        resets = [each for each in users.resets(db) if each.asked_at_ms >= since_ms]
        asked = next((each for each in resets if each.user_id == row.user_id), None)
        return Person(
            user_id=row.user_id,
            name=row.name,
            role=Role(row.role),
            language=row.language,
            is_active=bool(row.is_active),
            added_at_ms=row.added_at_ms,
            added_by=row.added_by,
            has_password=bool(row.password),
            passkeys=tuple(users.passkeys_of(db, row.user_id)),
            recovery_codes=users.recovery_codes_left(db, row.user_id),
            reset_asked_by=asked.asked_by if asked is not None else "",
        )

    def _now_ms(self) -> int:
        return self._context.clock.now_ms()


def _looked_up(db: Transaction, name: str, place: Place) -> tuple[UserRow | None, bool]:
    """Return who has this name, and whether they have signed in there before."""
    row = users.by_name(db, name)
    user_id = row.user_id if row is not None else "nobody"
    return row, users.knows_browser(db, secrets.token_hash(place.browser), user_id)
