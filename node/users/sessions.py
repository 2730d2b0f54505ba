"""Sessions: one browser of one person, until signed out, ended by a colleague, or too old.

The browser holds a random token in a cookie, the table its hash. When nobody has done
anything for a quarter of an hour the session is locked: only the same person can go on, and
finds what was typed. What the pages do by themselves (a desk that renews itself) does not
count as doing something. However busy somebody is, twice a day they show who they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from node.exchange.context import Context
from node.store import users
from node.store.db import Transaction
from node.store.users import SessionRow, UserRow
from node.users import limits, secrets
from node.users.policy import Access, Role

BROWSER_CHARACTERS = 120
# How seldom it is written down that a session was seen.
WRITE_AFTER_MS = limits.MINUTE_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who stands behind a request."""

    access: Access
    user_id: str = ""
    name: str = ""
    role: Role | None = None
    language: str = ""
    session: SessionRow | None = None


NOBODY = Visitor(access=Access.NOBODY)


class Sessions:
    """The sessions of this node."""

    def __init__(self, context: Context) -> None:
        """Use the context's store."""
        self._context = context

    async def open(self, user_id: str, *, means: str, browser: str) -> str:
        """Open a session; return its token. `means` is how the person has signed in."""
        token, now_ms = secrets.make_token(self._context.random), self._context.clock.now_ms()
        row = SessionRow(
            token_hash=secrets.token_hash(token),
            user_id=user_id,
            opened_at_ms=now_ms,
            seen_at_ms=now_ms,
            proven_at_ms=now_ms,
            is_locked=False,
            means=means,
            browser=browser[:BROWSER_CHARACTERS],
        )

        def job(db: Transaction) -> None:
            users.end_old_sessions(db, now_ms - limits.SESSION_ENDS_MS)
            for old in users.sessions_of(db, user_id)[limits.SESSIONS_EACH - 1 :]:
                users.end_session(db, old.token_hash)
            users.add_session(db, row)

        await self._context.store.write(job)
        return token

    async def visitor(self, token: str, *, is_doing: bool) -> Visitor:
        """Return who comes with a token; `is_doing`: a person does something, not the page."""
        if not token:
            return NOBODY
        token_hash, now_ms = secrets.token_hash(token), self._context.clock.now_ms()

        def read(db: Transaction) -> tuple[SessionRow | None, UserRow | None]:
            row = users.session(db, token_hash)
            return row, users.by_id(db, row.user_id) if row is not None else None

        row, user = await self._context.store.read(read)
        if row is None or user is None or not user.is_active:
            return NOBODY
        idle_ms = abs(now_ms - row.seen_at_ms)
        if idle_ms >= limits.SESSION_ENDS_MS:
            await self.end(token_hash)
            return NOBODY
        proven_ms = abs(now_ms - row.proven_at_ms)
        is_locked = (
            bool(row.is_locked)
            or idle_ms >= limits.LOCK_AFTER_MS
            or proven_ms >= limits.PROVEN_FOR_MS
        )
        is_news = is_locked != bool(row.is_locked) or idle_ms >= WRITE_AFTER_MS
        if is_news and (is_doing or is_locked):
            seen_at_ms = row.seen_at_ms if is_locked else now_ms
            await self._touch(token_hash, seen_at_ms, is_locked=is_locked)
        return Visitor(
            access=Access.LOCKED if is_locked else Access.SIGNED_IN,
            user_id=user.user_id,
            name=user.name,
            role=Role(user.role),
            language=user.language,
            session=replace(row, is_locked=is_locked),
        )

    async def unlock(self, token_hash: bytes) -> None:
        """The person has shown again who they are."""
        now_ms = self._context.clock.now_ms()
        await self._context.store.write(
            lambda db: users.prove_session(db, token_hash, at_ms=now_ms)
        )

    def is_fresh(self, session: SessionRow) -> bool:
        """Return whether the person has shown who they are just now."""
        return abs(self._context.clock.now_ms() - session.proven_at_ms) < limits.FRESH_MS

    async def lock(self, token_hash: bytes) -> None:
        """Somebody leaves the desk."""
        await self._touch(token_hash, self._context.clock.now_ms(), is_locked=True)

    async def end(self, token_hash: bytes) -> None:
        """End a session."""
        await self._context.store.write(lambda db: users.end_session(db, token_hash))

    async def of(self, user_id: str) -> list[SessionRow]:
        """Return somebody's sessions, the last seen first."""
        return await self._context.store.read(lambda db: users.sessions_of(db, user_id))

    async def _touch(self, token_hash: bytes, at_ms: int, *, is_locked: bool) -> None:
        await self._context.store.write(
            lambda db: users.touch_session(db, token_hash, at_ms=at_ms, is_locked=is_locked)
        )
