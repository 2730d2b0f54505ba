"""Table group: the people of this node, how they prove who they are, their sessions.

Tokens of sessions and one-time links are stored as SHA-256 only: who reads the table
cannot use them. Passwords are stored as Argon2id hashes by `node.users.secrets`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from sqlite_utils import Database

from node.store import rows

LAST_SEARCH = "search"
"""Under this name somebody's last search is kept, beside what was typed into forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """One person; `name` is unique, and is what colleagues read."""

    user_id: str
    name: str
    role: str
    language: str
    is_active: bool
    added_at_ms: int
    added_by: str
    password: str = ""
    totp: bytes = b""
    totp_step: int = 0
    """The last step of the clock whose code was used: none is taken twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRow:
    """One passkey of a person."""

    credential_id: bytes
    user_id: str
    public_key: bytes
    sign_count: int
    name: str
    added_at_ms: int
    used_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One browser in which a person has signed in."""

    token_hash: bytes
    user_id: str
    opened_at_ms: int
    seen_at_ms: int
    proven_at_ms: int
    """When the person has last shown who they are."""
    is_locked: bool
    means: str
    browser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A one-time link by which a person sets up how they sign in."""

    token_hash: bytes
    user_id: str
    made_at_ms: int
    expires_at_ms: int
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetRow:
    """That somebody must set up anew how they sign in, and who asked for it."""

    user_id: str
    asked_at_ms: int
    asked_by: str


# --- people


def add(db: Database, row: UserRow) -> None:
    """Insert a person."""
    rows.insert(db, "users", row)


def by_id(db: Database, user_id: str) -> UserRow | None:
    """Return a person."""
    return rows.select_one(db, "users", UserRow, "WHERE user_id = ?", [user_id])


def by_name(db: Database, name: str) -> UserRow | None:
    """Return the person of this name, whatever its case, and however it is put together."""
    wanted = _folded(name)
    return next((row for row in everybody(db) if _folded(row.name) == wanted), None)


def _folded(name: str) -> str:
    # The database knows the case of ASCII letters only.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def everybody(db: Database) -> list[UserRow]:
    """Return all people, by name."""
    return rows.select(db, "users", UserRow, "ORDER BY name COLLATE NOCASE")


def change(db: Database, user_id: str, **values: object) -> None:
    """Change columns of a person."""
    names = ", ".join(f"{name} = ?" for name in values)
    db.execute(f"UPDATE users SET {names} WHERE user_id = ?", [*values.values(), user_id])  # noqa: S608 - columns are constants


# --- passkeys


def add_passkey(db: Database, row: PasskeyRow) -> None:
    """Insert a passkey."""
    rows.insert(db, "passkeys", row)


def passkey(db: Database, credential_id: bytes) -> PasskeyRow | None:
    """Return a passkey."""
    rest = "WHERE credential_id = ?"
    return rows.select_one(db, "passkeys", PasskeyRow, rest, [credential_id])


def passkeys_of(db: Database, user_id: str) -> list[PasskeyRow]:
    """Return a person's passkeys, oldest first."""
    rest = "WHERE user_id = ? ORDER BY added_at_ms"
    return rows.select(db, "passkeys", PasskeyRow, rest, [user_id])


def remove_passkey(db: Database, user_id: str, credential_id: bytes) -> None:
    """Delete a passkey of a person."""
    db.execute(
        "DELETE FROM passkeys WHERE user_id = ? AND credential_id = ?", [user_id, credential_id]
    )


def use_passkey(db: Database, credential_id: bytes, *, sign_count: int, at_ms: int) -> None:
    """Note that a passkey was used."""
    db.execute(
        "UPDATE passkeys SET sign_count = ?, used_at_ms = ? WHERE credential_id = ?",
        [sign_count, at_ms, credential_id],
    )


# --- recovery codes


def set_recovery_codes(db: Database, user_id: str, hashes: list[bytes]) -> None:
    """Replace a person's recovery codes."""
    db.execute("DELETE FROM recovery_codes WHERE user_id = ?", [user_id])
    for code_hash in hashes:
        db.execute(
            "INSERT INTO recovery_codes (user_id, code_hash) VALUES (?, ?)", [user_id, code_hash]
        )


def use_recovery_code(db: Database, user_id: str, code_hash: bytes) -> bool:
    """Use a code up; return whether there was one."""
    found = db.execute(
        "DELETE FROM recovery_codes WHERE user_id = ? AND code_hash = ? RETURNING 1",
        [user_id, code_hash],
    )
    return found.fetchone() is not None


def recovery_codes_left(db: Database, user_id: str) -> int:
    """Return how many codes a person has left."""
    found = db.execute("SELECT count(*) FROM recovery_codes WHERE user_id = ?", [user_id])
    return int(found.fetchone()[0])


def forget_credentials(db: Database, user_id: str) -> None:
    """Delete all by which a person could sign in, and end their sessions."""
    for table in ("passkeys", "recovery_codes", "sessions", "links", "known_browsers"):
        db.execute(f"DELETE FROM {table} WHERE user_id = ?", [user_id])  # noqa: S608 - constants
    change(db, user_id, password="", totp=b"", totp_step=0)


# --- one-time links and resets


def add_link(db: Database, row: LinkRow) -> None:
    """Insert a link; it replaces the person's earlier ones."""
    db.execute("DELETE FROM links WHERE user_id = ?", [row.user_id])
    rows.insert(db, "links", row)


def link(db: Database, token_hash: bytes) -> LinkRow | None:
    """Return a link."""
    return rows.select_one(db, "links", LinkRow, "WHERE token_hash = ?", [token_hash])


def use_link(db: Database, token_hash: bytes) -> None:
    """Use a link up."""
    db.execute("DELETE FROM links WHERE token_hash = ?", [token_hash])


def ask_reset(db: Database, row: ResetRow) -> None:
    """Note that a reset was asked for."""
    end_reset(db, row.user_id)
    rows.insert(db, "resets", row)


def resets(db: Database) -> list[ResetRow]:
    """Return what resets wait for a second person."""
    return rows.select(db, "resets", ResetRow, "ORDER BY asked_at_ms")


def end_reset(db: Database, user_id: str) -> None:
    """Forget that a reset was asked for."""
    db.execute("DELETE FROM resets WHERE user_id = ?", [user_id])


# --- sessions


def add_session(db: Database, row: SessionRow) -> None:
    """Insert a session."""
    rows.insert(db, "sessions", row)


def session(db: Database, token_hash: bytes) -> SessionRow | None:
    """Return a session."""
    return rows.select_one(db, "sessions", SessionRow, "WHERE token_hash = ?", [token_hash])


def sessions_of(db: Database, user_id: str) -> list[SessionRow]:
    """Return a person's sessions, the last seen first."""
    rest = "WHERE user_id = ? ORDER BY seen_at_ms DESC"
    return rows.select(db, "sessions", SessionRow, rest, [user_id])


def prove_session(db: Database, token_hash: bytes, *, at_ms: int) -> None:
    """Note that the person has shown again who they are."""
    db.execute(
        "UPDATE sessions SET seen_at_ms = ?, proven_at_ms = ?, is_locked = 0 WHERE token_hash = ?",
        [at_ms, at_ms, token_hash],
    )


def touch_session(db: Database, token_hash: bytes, *, at_ms: int, is_locked: bool) -> None:
    """Note when a session was last seen, and whether it is locked."""
    db.execute(
        "UPDATE sessions SET seen_at_ms = ?, is_locked = ? WHERE token_hash = ?",
        [at_ms, int(is_locked), token_hash],
    )


def end_session(db: Database, token_hash: bytes) -> None:
    """Delete a session."""
    db.execute("DELETE FROM sessions WHERE token_hash = ?", [token_hash])


def end_old_sessions(db: Database, seen_before_ms: int) -> None:
    """Delete sessions that were not seen since."""
    db.execute("DELETE FROM sessions WHERE seen_at_ms < ?", [seen_before_ms])


# --- browsers in which somebody has signed in


def knows_browser(db: Database, token_hash: bytes, user_id: str = "") -> bool:
    """Return whether a person, or anybody, has signed in with this browser."""
    found = db.execute(
        "SELECT 1 FROM known_browsers WHERE token_hash = ? AND (? = '' OR user_id = ?)",
        [token_hash, user_id, user_id],
    )
    return found.fetchone() is not None


def know_browser(
    db: Database, token_hash: bytes, user_id: str, *, at_ms: int, since_ms: int, most: int
) -> None:
    """Note that a person has signed in with a browser; those of long ago are forgotten."""
    db.execute(
        "INSERT INTO known_browsers (token_hash, user_id, seen_at_ms) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET seen_at_ms = excluded.seen_at_ms",
        [token_hash, user_id, at_ms],
    )
    db.execute("DELETE FROM known_browsers WHERE seen_at_ms < ?", [since_ms])
    db.execute(
        "DELETE FROM known_browsers WHERE user_id = ? AND token_hash NOT IN (SELECT token_hash "
        "FROM known_browsers WHERE user_id = ? ORDER BY seen_at_ms DESC LIMIT ?)",
        [user_id, user_id, most],
    )


# --- what is typed and not sent yet, and forms that were sent


def keep_draft(db: Database, user_id: str, form: str, body: str, *, at_ms: int) -> None:
    """Keep what somebody has typed into a form."""
    db.execute(
        "INSERT INTO drafts (user_id, form, body, kept_at_ms) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET body = excluded.body, kept_at_ms = excluded.kept_at_ms",
        [user_id, form, body, at_ms],
    )


def draft(db: Database, user_id: str, form: str) -> str | None:
    """Return what somebody has typed into a form."""
    found = db.execute(
        "SELECT body FROM drafts WHERE user_id = ? AND form = ?", [user_id, form]
    ).fetchone()
    return None if found is None else str(found[0])


def drafts_of(db: Database, user_id: str) -> list[tuple[str, int]]:
    """Return on which pages somebody has typed something, and when; the newest first."""
    found = db.execute(
        "SELECT form, kept_at_ms FROM drafts WHERE user_id = ? AND form LIKE '/%' "
        "ORDER BY kept_at_ms DESC",
        [user_id],
    )
    return [(str(form), int(at_ms)) for form, at_ms in found]


def drop_draft(db: Database, user_id: str, form: str) -> None:
    """Forget what somebody has typed into a form: it was sent."""
    db.execute("DELETE FROM drafts WHERE user_id = ? AND form = ?", [user_id, form])


def drop_drafts_of(db: Database, user_id: str) -> None:
    """Forget all that somebody has typed."""
    db.execute("DELETE FROM drafts WHERE user_id = ?", [user_id])


def use_form(db: Database, form_id: str, user_id: str, *, at_ms: int) -> str | None:
    """Use a form up; return where its answer stands if it was used before (may be empty)."""
    found = db.execute("SELECT location FROM used_forms WHERE form_id = ?", [form_id]).fetchone()
    if found is not None:
        return str(found[0])
    db.execute(
        "INSERT INTO used_forms (form_id, user_id, used_at_ms, location) VALUES (?, ?, ?, '')",
        [form_id, user_id, at_ms],
    )
    return None


def answer_form(db: Database, form_id: str, location: str) -> None:
    """Note where the answer to a form stands."""
    db.execute("UPDATE used_forms SET location = ? WHERE form_id = ?", [location, form_id])


def release_form(db: Database, form_id: str) -> None:
    """Let a form be sent again: it was refused."""
    db.execute("DELETE FROM used_forms WHERE form_id = ?", [form_id])


def forget_forms(db: Database, used_before_ms: int) -> None:
    """Forget forms that were used long ago."""
    db.execute("DELETE FROM used_forms WHERE used_at_ms < ?", [used_before_ms])
