"""The people of a node, and how each comes to sign in.

Somebody is added by name and role, and gets a one-time link by which they set up a passkey,
or a password with an authenticator application. Who has lost both uses a recovery code, or
is reset: one person asks for it, another one grants it, and all old ways in are gone.
How they come in then is in `entering`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import partial

from node.errors import ArgumentError, NodeError
from node.store import users
from node.store.db import Transaction
from node.store.users import LinkRow, ResetRow, UserRow
from node.users import limits, secrets
from node.users.entering import Entering, Person
from node.users.passkeys import RelyingParty
from node.users.policy import MAY, Action, Role


class Users(Entering):
    """The people of this node."""

    # --- who there is

    async def add(self, name: str, role: str, *, language: str, added_by: str) -> str:
        """Add somebody; return the token of their one-time link.

        Raises:
            ArgumentError: the name or the role cannot be used.
            NodeError: user_exists.
        """
        plain = unicodedata.normalize("NFC", " ".join(name.split()))
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
            lambda db: [self.person(db, row) for row in users.everybody(db)]
        )

    async def get(self, user_id: str) -> Person:
        """Return somebody.

        Raises:
            NodeError: unknown_user.
        """
        return await self._context.store.read(lambda db: self.person(db, _known(db, user_id)))

    async def named(self, name: str) -> Person:
        """Return somebody by name.

        Raises:
            NodeError: unknown_user.
        """

        def job(db: Transaction) -> Person:
            row = users.by_name(db, " ".join(name.split()))
            if row is None:
                raise NodeError("unknown_user", "there is nobody of this name here")
            return self.person(db, row)

        return await self._context.store.read(job)

    async def set_language(self, user_id: str, language: str) -> None:
        """Set in which language somebody reads the pages."""
        await self._context.store.write(lambda db: users.change(db, user_id, language=language))

    async def change_role(self, user_id: str, role: str, *, changed_by: str) -> None:
        """Give somebody another role, from their next request on; nobody does so for themselves.

        Raises:
            ArgumentError: bad_role.
            NodeError: unknown_user, own_role, last_administrator.
        """
        if role not in [each.value for each in Role]:
            raise ArgumentError("bad_role", "there is no such role", ", ".join(Role))

        def job(db: Transaction) -> None:
            row = _known(db, user_id)
            if row.name.casefold() == changed_by.casefold():
                raise NodeError("own_role", "nobody changes their own role", "ask a colleague")
            if role != Role.ADMINISTRATOR:
                _keep_an_administrator(db, row)
            if Action.SEE_CASE not in MAY[Role(role)]:
                users.drop_drafts_of(db, user_id)
            users.change(db, user_id, role=role)

        await self._context.store.write(job)

    async def deactivate(self, user_id: str) -> None:
        """Let somebody in no more; what they did stays, what they only typed does not.

        Raises:
            NodeError: unknown_user, last_administrator.
        """

        def job(db: Transaction) -> None:
            _keep_an_administrator(db, _known(db, user_id))
            users.forget_credentials(db, user_id)
            users.end_reset(db, user_id)
            users.drop_drafts_of(db, user_id)
            users.change(db, user_id, is_active=0)

        await self._context.store.write(job)

    # --- setting up how to sign in

    async def invited(self, token: str) -> Person:
        """Return whose one-time link this is.

        Raises:
            NodeError: link_over.
        """
        return await self._context.store.read(
            lambda db: self.person(db, _known(db, self._linked(db, token).user_id))
        )

    async def set_password(
        self, token: str, password: str, *, totp: bytes, code: str
    ) -> tuple[str, list[str]]:
        """Set up a password with an authenticator; return the person's id and recovery codes.

        Raises:
            NodeError: link_over, wrong_code, or a fault of the password.
        """
        if len(totp) != secrets.TOTP_SECRET_BYTES:
            raise ArgumentError("wrong_code", "this is no secret of an application")
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

    async def remove_passkey(self, user_id: str, credential_id: bytes) -> None:
        """Take a passkey away that is lost, or not used any more; the last way in stays.

        Raises:
            NodeError: unknown_user, last_passkey.
        """

        def job(db: Transaction) -> None:
            others = [e for e in users.passkeys_of(db, user_id) if e.credential_id != credential_id]
            if not others and not _known(db, user_id).password:
                raise NodeError(
                    "last_passkey", "there is no other way in", "make another one first"
                )
            users.remove_passkey(db, user_id, credential_id)

        await self._context.store.write(job)

    async def renew_codes(self, user_id: str) -> list[str]:
        """Make new recovery codes; the old ones are void.

        Raises:
            NodeError: unknown_user.
        """
        return (await self._with_codes(lambda db: _known(db, user_id).user_id))[1]

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
        self.tries.forget(_known(db, link.user_id).name.casefold())
        return link.user_id

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
            if asked is None or self._now_ms() - asked.asked_at_ms > limits.RESET_LIVES_MS:
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


def _keep_an_administrator(db: Transaction, row: UserRow) -> None:
    """Refuse that the last one goes who can come in and add people.

    Raises:
        NodeError: last_administrator.
    """
    others = [
        each
        for each in users.everybody(db)
        if each.user_id != row.user_id
        and each.role == Role.ADMINISTRATOR
        and each.is_active
        and (each.password or users.passkeys_of(db, each.user_id))
    ]
    if row.role == Role.ADMINISTRATOR and not others:
        raise NodeError("last_administrator", "somebody must be administrator")
