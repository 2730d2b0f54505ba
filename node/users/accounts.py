"""The people of a node, and how each comes to sign in.

Somebody is added by name and role, and gets a one-time link by which they set up a passkey,
or a password with an authenticator application. Who has lost both uses a recovery code, or
is reset: one person asks for it, another one grants it, and all old ways in are gone.

Wrong passwords, codes and unknown names look the same and take the same time. After a few
of them a name has to wait, longer each time; a passkey does not, since it cannot be guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from node.errors import ArgumentError, NodeError
from node.exchange.context import Context
from node.store import users
from node.store.db import Transaction
from node.store.users import LinkRow, PasskeyRow, ResetRow, UserRow
from node.users import limits, secrets
from node.users.passkeys import Passkeys, RelyingParty
from node.users.policy import Role
from node.users.secrets import Passwords

_WRONG = ("not_signed_in", "the name, the password or the code is not right")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What colleagues may know of somebody."""

    user_id: str
    name: str
    role: Role
    language: str
    is_active: bool
    added_at_ms: int
    has_password: bool
    passkeys: tuple[PasskeyRow, ...] = ()
    recovery_codes: int = 0
    reset_asked_by: str = ""

    @property
    def can_sign_in(self) -> bool:
        """Whether a way in is set up."""
        return self.has_password or bool(self.passkeys)


class Users:
    """The people of this node."""

    def __init__(self, context: Context, passwords: Passwords | None = None) -> None:
        """Use the context's store; `passwords` are cheaper in tests."""
        self._context = context
        self._passwords = passwords or Passwords()
        self.passkeys = Passkeys(context)

    # --- who there is

    async def add(self, name: str, role: str, *, language: str, added_by: str) -> str:
        """Add somebody; return the token of their one-time link.

        Raises:
            ArgumentError: the name or the role cannot be used.
            NodeError: user_exists.
        """
        plain = " ".join(name.split())
        if not plain or len(plain) > limits.USER_NAME_CHARACTERS or not plain.isprintable():
            raise ArgumentError("bad_user_name", "this cannot be the name of a person")
        if role not in [each.value for each in Role]:
            raise ArgumentError("bad_role", "there is no such role", ", ".join(Role))
        now_ms, token = self._now_ms(), secrets.make_token(self._context.random)
        row = UserRow(
            user_id=self._context.random(8).hex(),
            name=plain,
            role=role,
            language=language,
            is_active=True,
            added_at_ms=now_ms,
            added_by=added_by,
        )

        def job(db: Transaction) -> None:
            if users.by_name(db, plain) is not None:
                raise NodeError("user_exists", "somebody of this name is there already")
            users.add(db, row)
            users.add_link(db, self._link(row.user_id, token, added_by))

        await self._context.store.write(job)
        return token

    async def everybody(self) -> list[Person]:
        """Return everybody, by name."""
        return await self._context.store.read(
            lambda db: [_person(db, row) for row in users.everybody(db)]
        )

    async def get(self, user_id: str) -> Person:
        """Return somebody.

        Raises:
            NodeError: unknown_user.
        """
        return await self._context.store.read(lambda db: _person(db, _known(db, user_id)))

    async def named(self, name: str) -> Person:
        """Return somebody by name.

        Raises:
            NodeError: unknown_user.
        """

        def job(db: Transaction) -> Person:
            row = users.by_name(db, " ".join(name.split()))
            if row is None:
                raise NodeError("unknown_user", "there is nobody of this name here")
            return _person(db, row)

        return await self._context.store.read(job)

    async def set_language(self, user_id: str, language: str) -> None:
        """Set in which language somebody reads the pages."""
        await self._context.store.write(lambda db: users.change(db, user_id, language=language))

    async def deactivate(self, user_id: str) -> None:
        """Let somebody in no more; what they did stays.

        Raises:
            NodeError: unknown_user, last_administrator.
        """

        def job(db: Transaction) -> None:
            row = _known(db, user_id)
            others = [
                each
                for each in users.everybody(db)
                if each.user_id != user_id and each.role == Role.ADMINISTRATOR and each.is_active
            ]
            if row.role == Role.ADMINISTRATOR and not others:
                raise NodeError("last_administrator", "somebody must be administrator")
            users.forget_credentials(db, user_id)
            users.end_reset(db, user_id)
            users.change(db, user_id, is_active=0)

        await self._context.store.write(job)

    # --- setting up how to sign in

    async def invited(self, token: str) -> Person:
        """Return whose one-time link this is.

        Raises:
            NodeError: link_over.
        """
        return await self._context.store.read(
            lambda db: _person(db, _known(db, self._linked(db, token).user_id))
        )

    async def set_password(
        self, token: str, password: str, *, totp: bytes, code: str
    ) -> tuple[str, list[str]]:
        """Set up a password with an authenticator; return the person's id and recovery codes.

        Raises:
            NodeError: link_over, wrong_code, or a fault of the password.
        """
        fault = secrets.password_fault(password)
        if fault:
            raise ArgumentError(fault, "this password cannot be taken")
        step = secrets.totp_step(totp, code, now_ms=self._now_ms(), after=0)
        if step is None:
            raise ArgumentError("wrong_code", "the code of the application is not right")
        hashed = await self._context.compute(partial(self._passwords.hash, password))

        def job(db: Transaction) -> str:
            link = self._linked(db, token)
            users.change(db, link.user_id, password=hashed, totp=totp, totp_step=step)
            return self._entered(db, link)

        return await self._with_codes(job)

    async def set_passkey(
        self, token: str, answer: str, *, party: RelyingParty, name: str
    ) -> tuple[str, list[str]]:
        """Set up a first passkey; return the person's id and recovery codes.

        Raises:
            NodeError: link_over, bad_passkey.
        """
        person = await self.invited(token)
        row = self.passkeys.registered(person.user_id, answer, party=party, name=name)

        def job(db: Transaction) -> str:
            link = self._linked(db, token)
            users.add_passkey(db, row)
            return self._entered(db, link)

        return await self._with_codes(job)

    async def add_passkey(
        self, user_id: str, answer: str, *, party: RelyingParty, name: str
    ) -> None:
        """Add another passkey of somebody who is signed in.

        Raises:
            NodeError: bad_passkey, too_many_passkeys.
        """
        row = self.passkeys.registered(user_id, answer, party=party, name=name)

        def job(db: Transaction) -> None:
            if len(users.passkeys_of(db, user_id)) >= limits.PASSKEYS_EACH:
                raise NodeError("too_many_passkeys", "there are too many passkeys already")
            users.add_passkey(db, row)

        await self._context.store.write(job)

    async def _with_codes(self, job: Callable[[Transaction], str]) -> tuple[str, list[str]]:
        codes = secrets.make_recovery_codes(self._context.random)
        hashes = [secrets.recovery_hash(code) for code in codes]

        def whole(db: Transaction) -> str:
            user_id = job(db)
            users.set_recovery_codes(db, user_id, hashes)
            return user_id

        return await self._context.store.write(whole), codes

    def _entered(self, db: Transaction, link: LinkRow) -> str:
        users.use_link(db, link.token_hash)
        users.change(db, link.user_id, failures=0, not_before_ms=0)
        return link.user_id

    # --- signing in

    async def sign_in(self, name: str, password: str, code: str) -> Person:
        """Return who has signed in with a password and a code (or a recovery code).

        Raises:
            NodeError: not_signed_in, or wait (too many wrong tries).
        """
        plain = " ".join(name.split())
        row = await self._context.store.read(lambda db: users.by_name(db, plain))
        now_ms = self._now_ms()
        if row is not None and now_ms < row.not_before_ms <= now_ms + limits.LONGEST_WAIT_MS:
            raise NodeError("wait", "too many tries: wait a little", "then try again")
        stored = row.password if row is not None and row.is_active else ""
        is_right = await self._context.compute(
            partial(self._passwords.is_right, stored, password[: limits.PASSWORD_CHARACTERS])
        )

        def job(db: Transaction) -> Person | None:
            known = users.by_name(db, plain)
            if known is None:
                return None
            if not (is_right and known.password == stored and self._is_code(db, known, code)):
                users.change(db, known.user_id, **_failed(known, now_ms))
                return None
            users.change(db, known.user_id, failures=0, not_before_ms=0)
            return _person(db, known)

        person = await self._context.store.write(job)
        if person is None:
            raise NodeError(*_WRONG)
        return person

    def _is_code(self, db: Transaction, row: UserRow, code: str) -> bool:
        step = None
        if row.totp:
            now_ms = self._now_ms()
            step = secrets.totp_step(row.totp, code, now_ms=now_ms, after=row.totp_step)
        if step is not None:
            users.change(db, row.user_id, totp_step=step)
            return True
        return users.use_recovery_code(db, row.user_id, secrets.recovery_hash(code))

    async def sign_in_with_passkey(self, answer: str, *, party: RelyingParty) -> Person:
        """Return who has signed in with a passkey.

        Raises:
            NodeError: bad_passkey.
        """
        credential_id = self.passkeys.credential_id(answer)

        def job(db: Transaction) -> Person:
            row = users.passkey(db, credential_id)
            if row is None:
                raise NodeError("bad_passkey", "this passkey is not known here")
            count = self.passkeys.authenticated(row, answer, party=party)
            users.use_passkey(db, credential_id, sign_count=count, at_ms=self._now_ms())
            user = _known(db, row.user_id)
            if not user.is_active:
                raise NodeError("bad_passkey", "this passkey is not known here")
            return _person(db, user)

        return await self._context.store.write(job)

    # --- resets: one asks, another grants

    async def ask_reset(self, user_id: str, *, asked_by: str) -> None:
        """Ask that somebody may set up anew how they sign in.

        Raises:
            NodeError: unknown_user.
        """
        row = ResetRow(user_id=user_id, asked_at_ms=self._now_ms(), asked_by=asked_by)

        def job(db: Transaction) -> None:
            _known(db, user_id)
            users.ask_reset(db, row)

        await self._context.store.write(job)

    async def grant_reset(self, user_id: str, *, granted_by: str) -> str:
        """Grant what another person has asked for; return the token of a one-time link.

        Raises:
            NodeError: no_reset, second_person_needed.
        """
        token = secrets.make_token(self._context.random)

        def job(db: Transaction) -> None:
            asked = next((each for each in users.resets(db) if each.user_id == user_id), None)
            if asked is None:
                raise NodeError("no_reset", "nobody has asked for that")
            row = _known(db, user_id)
            if granted_by.casefold() in {asked.asked_by.casefold(), row.name.casefold()}:
                raise NodeError("second_person_needed", "another person must grant it")
            users.forget_credentials(db, user_id)
            users.end_reset(db, user_id)
            users.change(db, user_id, is_active=1)
            users.add_link(db, self._link(user_id, token, granted_by))

        await self._context.store.write(job)
        return token

    # --- parts

    def _now_ms(self) -> int:
        return self._context.clock.now_ms()

    def _link(self, user_id: str, token: str, made_by: str) -> LinkRow:
        now_ms = self._now_ms()
        return LinkRow(
            token_hash=secrets.token_hash(token),
            user_id=user_id,
            made_at_ms=now_ms,
            expires_at_ms=now_ms + limits.LINK_LIVES_MS,
            made_by=made_by,
        )

    def _linked(self, db: Transaction, token: str) -> LinkRow:
        link = users.link(db, secrets.token_hash(token))
        if link is None or not link.made_at_ms <= self._now_ms() < link.expires_at_ms:
            raise NodeError("link_over", "this link was used, or is too old", "ask for a new one")
        return link


def _known(db: Transaction, user_id: str) -> UserRow:
    row = users.by_id(db, user_id)
    if row is None:
        raise NodeError("unknown_user", "there is nobody like that here")
    return row


def _person(db: Transaction, row: UserRow) -> Person:
    asked = next((each for each in users.resets(db) if each.user_id == row.user_id), None)
    return Person(
        user_id=row.user_id,
        name=row.name,
        role=Role(row.role),
        language=row.language,
        is_active=bool(row.is_active),
        added_at_ms=row.added_at_ms,
        has_password=bool(row.password),
        passkeys=tuple(users.passkeys_of(db, row.user_id)),
        recovery_codes=users.recovery_codes_left(db, row.user_id),
        reset_asked_by=asked.asked_by if asked is not None else "",
    )


def _failed(row: UserRow, now_ms: int) -> dict[str, int]:
    failures = row.failures + 1
    over = failures - limits.FREE_FAILURES
    wait_ms = min(limits.LONGEST_WAIT_MS, limits.FIRST_WAIT_MS << min(over, 20)) if over >= 0 else 0
    return {"failures": failures, "not_before_ms": now_ms + wait_ms if wait_ms else 0}
