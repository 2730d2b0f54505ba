"""Own cases: every change is a version with who, when and why; files are encrypted.

A photo is re-encoded before anything of it is stored: no EXIF, no position, no
comment of a camera ever lies in a home, so none can leave it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count, pairwise
from typing import TypeVar

from google.protobuf import json_format

from node.cases.changing import (
    check_change,
    check_files,
    check_own,
    check_reason,
    identifiers,
    never_attached,
)
from node.cases.keeping import keep_version
from node.errors import NodeError
from node.exchange.context import Context
from node.media.photo import CleanPhoto, clean_photo
from node.store import cases, code_labels, origins
from node.store.cases import CaseRow, FileRow
from node.store.db import Transaction
from node.store.origins import Origin
from protocol.attachment import encrypt_chunks
from protocol.casework.differences import Difference, differences
from protocol.disclosure.check import Codes, codes
from protocol.pb.homeward.v1 import case_pb2

T = TypeVar("T")

FILE_KEY_BYTES = 32
PHOTO, CSAM = "photo", "csam"
_ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class CaseView:
    """A version of a case, with the files that it names."""

    row: CaseRow
    case: case_pb2.Case
    files: tuple[FileRow, ...]
    origins: tuple[Origin, ...] = ()
    """Which values of it a peer told."""
    leg_ids: Mapping[str, str] = field(default_factory=dict)
    """Of a view for one leg: what its elements are called there."""


@dataclass(frozen=True, slots=True)
class Change:
    """One version of a case, and where it says something else than the one before."""

    row: CaseRow
    differences: tuple[Difference, ...]


class Cases:
    """The cases of this node."""

    def __init__(self, context: Context) -> None:
        """Use the context's store and blobs."""
        self._context = context

    async def add(
        self,
        case: case_pb2.Case,
        photos: Sequence[bytes],
        *,
        made_by: str,
        reason: str,
        photo_kind: str = PHOTO,
        accepted: Codes = (),
        also: Callable[[Transaction], None] | None = None,
    ) -> str:
        """Keep a new case with its photos; return its id.

        `accepted` and `also` are as in `change`.

        Raises:
            NodeError: a field breaks a rule of the dictionary.
            MediaError: a photo cannot be taken.
        """
        now_ms = self._context.clock.now_ms()
        case_id = f"{self._context.node_id}/{_ulid(now_ms, self._context.random(10))}"
        case.federated_id, case.lead_node = case_id, self._context.node_id
        if not case.child_count:
            case.child_count = len(case.children)
        # Before anything is kept: a case that is refused leaves no file behind.
        known = {*await self._store(code_labels.held), *accepted}
        check_own(case, now_ms=now_ms, accepted=known)
        check_reason(reason, is_needed=False)
        check_files(case_pb2.Case(), case)
        files = await self._take_photos(case, photos, photo_kind, used_ids=())
        row = _row(case, 1, now_ms=now_ms, made_by=made_by, reason=reason)
        await self._keep(row, case, files, also)
        return case_id

    async def change(
        self,
        case_id: str,
        base_version: int,
        case: case_pb2.Case,
        photos: Sequence[bytes] = (),
        *,
        made_by: str,
        reason: str,
        photo_kind: str = PHOTO,
        accepted: Codes = (),
        also: Callable[[Transaction], None] | None = None,
    ) -> int:
        """Keep a changed case, all of it, as the next version; return that version.

        `base_version` is the one that its author had before them. `accepted` are codes that a peer
        told, and that need not be known here. `also` is done in the same transaction.

        Raises:
            NodeError: unknown_case; case_changed when there is a newer version by now;
                reason_missing; a field breaks a rule; what cannot be changed was.
            MediaError: a photo cannot be taken.
        """
        now_ms = self._context.clock.now_ms()
        view = await self.get(case_id)
        if view.row.version != base_version:
            raise _changed_meanwhile(view.row.version)
        check_reason(reason, is_needed=True)
        known = {*await self._store(code_labels.held), *codes(view.case), *accepted}
        # Files come into a copy: the caller's stays as it is when nothing is kept.
        case = case_pb2.Case.FromString(case.SerializeToString())
        check_own(case, now_ms=now_ms, accepted=known)
        used_ids = await self.used_ids(case_id)
        has_come_back = bool(identifiers(case) & used_ids - identifiers(view.case))
        past = await self._past(case_id) if has_come_back else ()
        check_change(view.case, case, past=past, has_more=bool(photos))
        files = await self._take_photos(case, photos, photo_kind, used_ids=used_ids)
        row = _row(case, base_version + 1, now_ms=now_ms, made_by=made_by, reason=reason)
        await self._keep(row, case, files, also)
        return row.version

    async def _store(self, job: Callable[[Transaction], T]) -> T:
        return await self._context.store.read(job)

    async def _keep(
        self,
        row: CaseRow,
        case: case_pb2.Case,
        files: Sequence[FileRow],
        also: Callable[[Transaction], None] | None = None,
    ) -> None:
        """Insert a version that follows on the newest one, with what is new of its files."""

        def job(db: Transaction) -> None:
            newest = cases.latest(db, row.case_id)
            version = newest.version if newest else 0
            if version + 1 != row.version:
                raise _changed_meanwhile(version)
            keep_version(db, row, case)
            for file in files:
                cases.add_file(db, file)
            if also is not None:
                also(db)

        try:
            await self._context.store.write(job)
        except Exception:
            await self._drop(files)
            raise

    async def _drop(self, files: Iterable[FileRow]) -> None:
        """Delete files that nothing names."""
        for file in files:
            await self._context.disk(partial(self._context.blobs.delete, file.blob_id))

    async def _take_photos(
        self,
        case: case_pb2.Case,
        photos: Sequence[bytes],
        kind: str,
        *,
        used_ids: Collection[str],
    ) -> list[FileRow]:
        if kind == CSAM:
            raise never_attached()
        # All are read before the first is kept: a bad one leaves nothing of the others.
        clean = [await self._context.compute(partial(clean_photo, photo)) for photo in photos]
        used = {*used_ids, *identifiers(case)}
        free = (name for number in count(1) if (name := f"f{number}") not in used)
        files: list[FileRow] = []
        try:
            for photo in clean:
                files.append(await self._take_photo(case, next(free), photo, kind))  # noqa: PERF401  those before a failure must be known
        except Exception:
            await self._drop(files)
            raise
        return files

    async def _take_photo(
        self, case: case_pb2.Case, file_id: str, photo: CleanPhoto, kind: str
    ) -> FileRow:
        key = self._context.random(FILE_KEY_BYTES)
        pieces = encrypt_chunks(key, [photo.data])
        blob_id, blob_size = await self._context.disk(lambda: self._context.blobs.put_file(pieces))
        digest = hashlib.sha256(photo.data).digest()
        case.files.add(
            id=file_id,
            kind=kind,
            media_type=photo.media_type,
            size_bytes=len(photo.data),
            digest=digest,
            metadata_removed="yes",
        )
        return FileRow(
            case_id=case.federated_id,
            file_id=file_id,
            blob_id=blob_id,
            blob_size=blob_size,
            key=key,
            media_type=photo.media_type,
            size=len(photo.data),
            digest=digest,
        )

    async def find(self, text: str) -> str:
        """Return the id of the one case with this id, or this beginning after the slash.

        Raises:
            NodeError: unknown_case or ambiguous_case.
        """
        found = await self._context.store.read(lambda db: cases.ids(db, text)) if text else []
        if not found:
            raise NodeError("unknown_case", "there is no such case here")
        if len(found) > 1:
            raise NodeError("ambiguous_case", "more than one case begins like this")
        return found[0]

    async def get(self, case_id: str, version: int | None = None) -> CaseView:
        """Return a case as it is, or as it was in a version.

        Raises:
            NodeError: unknown_case, unknown_version.
        """

        def job(db: Transaction) -> CaseView | None:
            row = cases.version(db, case_id, version) if version else cases.latest(db, case_id)
            if row is None:
                return None
            case = case_pb2.Case.FromString(row.body)
            # One that was taken out of the case is kept for its history, and goes nowhere.
            named = {file.id for file in case.files}
            held = [file for file in cases.files(db, case_id) if file.file_id in named]
            return CaseView(row, case, tuple(held), tuple(origins.of_case(db, case_id)))

        view = await self._store(job)
        if view is None and version:
            raise NodeError("unknown_version", "the case has no such version")
        if view is None:
            raise NodeError("unknown_case", "there is no such case here")
        return view

    async def history(
        self, case_id: str, *, compared: Collection[int] | None = None
    ) -> list[Change]:
        """Return every version of a case, the first one first, and what each changed.

        With `compared`, what these versions changed, and of the others only when and why.

        Raises:
            NodeError: unknown_case.
        """
        rows = await self._store(lambda db: cases.versions(db, case_id))
        if not rows:
            raise NodeError("unknown_case", "there is no such case here")
        return [
            Change(
                row, _changed(before, row) if compared is None or row.version in compared else ()
            )
            for before, row in pairwise([None, *rows])
            if row is not None
        ]

    async def used_ids(self, case_id: str, *, until: int | None = None) -> set[str]:
        """Return the ids of all elements and files that were ever in a case.

        Until a version, when it is given: what was used then.
        """

        def job(db: Transaction) -> set[str]:
            row = cases.version(db, case_id, until) if until else cases.latest(db, case_id)
            if row is None:
                return set()
            there = identifiers(case_pb2.Case.FromString(row.body))
            return there | cases.gone_ids(db, case_id, row.version)

        return await self._store(job)

    async def _past(self, case_id: str) -> list[case_pb2.Case]:
        rows = await self._store(lambda db: cases.versions(db, case_id))
        return [case_pb2.Case.FromString(row.body) for row in rows]

    async def list(self, limit: int = -1) -> list[CaseView]:
        """Return all cases, newest change first; no more than `limit`, if that is given."""
        rows = await self._context.store.read(lambda db: cases.all_latest(db, limit=limit))
        return [CaseView(row, case_pb2.Case.FromString(row.body), ()) for row in rows]


def parse_case(text: str) -> case_pb2.Case:
    """Read a case from protobuf JSON.

    Raises:
        NodeError: it is no JSON of a Case.
    """
    case = case_pb2.Case()
    try:
        json_format.Parse(text, case)
    except json_format.ParseError as error:
        # The parser's message may quote the input; it stays here.
        raise NodeError("bad_case", "the case file is not the JSON of a case") from error
    return case


def _row(case: case_pb2.Case, version: int, *, now_ms: int, made_by: str, reason: str) -> CaseRow:
    return CaseRow(
        case_id=case.federated_id,
        version=version,
        body=case.SerializeToString(),
        made_at_ms=now_ms,
        made_by=made_by,
        reason=reason,
    )


def _changed(before: CaseRow | None, row: CaseRow) -> tuple[Difference, ...]:
    old = case_pb2.Case.FromString(before.body if before is not None else b"")
    return tuple(differences(old, case_pb2.Case.FromString(row.body)))


def _changed_meanwhile(version: int) -> NodeError:
    return NodeError(
        "case_changed",
        "somebody changed the case meanwhile",
        f"version {version} is the newest: look at it, and make the change again on top of it",
    )


def _ulid(now_ms: int, random: bytes) -> str:
    """Return a ULID: 48 bits of time, 80 bits of randomness, Crockford's base 32."""
    number = (now_ms << 80) | int.from_bytes(random, "big")
    return "".join(_ULID_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
