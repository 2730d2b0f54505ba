"""Own cases: every change is a version with who, when and why; files are encrypted.

A photo is re-encoded before anything of it is stored: no EXIF, no position, no
comment of a camera ever lies in a home, so none can leave it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial

from google.protobuf import json_format

from node.errors import NodeError
from node.exchange.context import Context
from node.finding.indexing import index_case
from node.media.photo import CleanPhoto, clean_photo
from node.store import cases
from node.store.cases import CaseRow, FileRow
from node.store.db import Transaction
from protocol import limits
from protocol.attachment import encrypt_chunks
from protocol.disclosure import check_case
from protocol.pb.homeward.v1 import case_pb2

FILE_KEY_BYTES = 32
_ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class CaseView:
    """The newest version of a case, with its files."""

    row: CaseRow
    case: case_pb2.Case
    files: tuple[FileRow, ...]


class Cases:
    """The cases of this node."""

    def __init__(self, context: Context) -> None:
        """Use the context's store and blobs."""
        self._context = context

    async def add(
        self, case: case_pb2.Case, photos: list[bytes], *, made_by: str, reason: str
    ) -> str:
        """Keep a new case with its photos; return its id.

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
        _check(case)
        if len(reason) > limits.REASON_CHARACTERS:
            raise NodeError("reason_too_long", "the reason is too long")
        files = [
            await self._take_photo(case, case_id, number, photo)
            for number, photo in enumerate(photos, start=len(case.files) + 1)
        ]
        row = CaseRow(
            case_id=case_id,
            version=1,
            body=case.SerializeToString(),
            made_at_ms=now_ms,
            made_by=made_by,
            reason=reason,
        )

        def job(db: Transaction) -> None:
            cases.add(db, row)
            index_case(db, case_id, case)
            for file in files:
                cases.add_file(db, file)

        await self._context.store.write(job)
        return case_id

    async def _take_photo(
        self, case: case_pb2.Case, case_id: str, number: int, photo: bytes
    ) -> FileRow:
        clean: CleanPhoto = await self._context.compute(partial(clean_photo, photo))
        key = self._context.random(FILE_KEY_BYTES)
        pieces = encrypt_chunks(key, [clean.data])
        blob_id, blob_size = await self._context.disk(lambda: self._context.blobs.put_file(pieces))
        file_id = f"f{number}"
        case.files.add(id=file_id, kind="photo", media_type=clean.media_type)
        return FileRow(
            case_id=case_id,
            file_id=file_id,
            blob_id=blob_id,
            blob_size=blob_size,
            key=key,
            media_type=clean.media_type,
            size=len(clean.data),
            digest=hashlib.sha256(clean.data).digest(),
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

    async def get(self, case_id: str) -> CaseView:
        """Return a case.

        Raises:
            NodeError: unknown_case.
        """

        def job(db: Transaction) -> CaseView | None:
            row = cases.latest(db, case_id)
            if row is None:
                return None
            case = case_pb2.Case.FromString(row.body)
            return CaseView(row, case, tuple(cases.files(db, case_id)))

        view = await self._context.store.read(job)
        if view is None:
            raise NodeError("unknown_case", "there is no such case here")
        return view

    async def list(self) -> list[CaseView]:
        """Return all cases, newest change first."""
        rows = await self._context.store.read(cases.all_latest)
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


def _check(case: case_pb2.Case) -> None:
    problems = check_case(case)
    if problems:
        first = problems[0]
        raise NodeError("bad_case", f"{first.path}: {first.rule}", f"{len(problems)} in all")


def _ulid(now_ms: int, random: bytes) -> str:
    """Return a ULID: 48 bits of time, 80 bits of randomness, Crockford's base 32."""
    number = (now_ms << 80) | int.from_bytes(random, "big")
    return "".join(_ULID_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
