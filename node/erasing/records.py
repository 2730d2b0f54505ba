"""Records of erasures: the ERASED leaf, the row, and a file that outlives the database.

The file is for a restore: what was erased after a backup was made is in the backup, and
must be erased again. It holds the records one after the other, each after its length, and
nothing of what was erased. A tail that a crash left torn does not count.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from node.errors import StoreError
from node.exchange.context import Context
from node.store import erasures
from node.store.db import Transaction
from node.store.erasures import ErasureRow
from protocol.erasure import CASE, parse_record, record_subject
from protocol.ids import LegId
from protocol.log import LeafKind
from protocol.pb.homeward.v1 import erasure_pb2

SALT_BYTES: Final = 32
_LENGTH_BYTES: Final = 4


def record(
    db: Transaction, context: Context, erased: erasure_pb2.ErasureRecord, *, made_by: str
) -> None:
    """Write an erasure into the log and beside it; the record gets its salt and time here."""
    erased.salt, erased.at_ms = context.random(SALT_BYTES), context.clock.now_ms()
    erased.envelope_ids.sort()
    erased.blob_ids.sort()
    write(db, context, erased.SerializeToString(), made_by=made_by)


def write(db: Transaction, context: Context, data: bytes, *, made_by: str) -> None:
    """Write a record as it is: one's own, or one that a restored database has lost."""
    erased, subject, at_ms = parse_record(data), record_subject(data), context.clock.now_ms()
    position = context.logbook.append(
        db, LeafKind.ERASED, subject, at_ms=at_ms, nonce=context.random(16)
    )
    row = ErasureRow(
        subject=subject,
        what=erased.what,
        leg_id=LegId(erased.leg_id) if erased.leg_id else None,
        case_id=erased.case_id if erased.what == CASE else None,
        reason=erased.reason,
        at_ms=at_ms,
        made_by=made_by,
        record=data,
        log_number=context.logbook.number,
        log_position=position,
    )
    erasures.add(db, row)


class RecordFile:
    """The file `erasures` of a home. Every method blocks."""

    def __init__(self, path: Path) -> None:
        """Use this file; it need not be there."""
        self._path = path

    def load(self) -> list[bytes]:
        """Return the records, oldest first.

        Raises:
            StoreError: the file cannot be read.
        """
        return [record for record, _ in self._whole()]

    def add(self, records: Iterable[bytes]) -> None:
        """Append those records that are not in it yet; durable on return.

        Raises:
            StoreError: the disk did not take it; call again.
        """
        whole = self._whole()
        known = {record for record, _ in whole}
        new = [record for record in records if record not in known]
        if not new:
            return
        end = whole[-1][1] if whole else 0
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                # What a crash left behind the last whole record would hide the next.
                file.truncate(end)
                file.seek(end)
                for record in new:
                    file.write(len(record).to_bytes(_LENGTH_BYTES, "big") + record)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _failed() from error

    def _whole(self) -> list[tuple[bytes, int]]:
        """Return the whole records, each with the place behind it."""
        try:
            data = self._path.read_bytes() if self._path.exists() else b""
        except OSError as error:
            raise _failed() from error
        found: list[tuple[bytes, int]] = []
        place = 0
        while place + _LENGTH_BYTES <= len(data):
            start = place + _LENGTH_BYTES
            place = start + int.from_bytes(data[place:start], "big")
            if place > len(data):
                break
            found.append((data[start:place], place))
        return found


def _failed() -> StoreError:
    return StoreError(
        "erasures_file", "the file of erasures could not be used", "see the node's log"
    )
