"""What a node has stored, read by somebody who is not the node.

Everything that the simulator believes about a node's past comes from these bytes,
through a connection that sees only what is committed.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlcipher3.dbapi2 as sqlcipher
from sqlite_utils import Database

from keys.identity import Identity
from keys.members import LogKeyRecord
from node.home import Home
from node.store import log_store, rows
from node.store.attachments import AttachmentRow, SetRow
from node.store.directories import DirectoryRow
from node.store.envelopes import EnvelopeRow
from node.store.messages import LegRow, MessageRow
from node.store.seen import SeenRow
from protocol.log import Leaf, parse_leaf

LOG_NUMBER = 1


def open_database(home: Home, identity: Identity) -> Database:
    """Open a node's database for reading."""
    connection = sqlcipher.connect(str(home.database), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{identity.database_key.hex()}'\"")
    connection.execute("PRAGMA query_only = ON")
    return Database(connection)


@dataclass(frozen=True, slots=True)
class Books:
    """One node's tables and files."""

    name: str
    home: Home
    db: Database
    key: LogKeyRecord

    def leaf_bytes(self) -> list[bytes]:
        """Return all leaves of the log."""
        return log_store.leaves(self.db, LOG_NUMBER, 0, log_store.size(self.db, LOG_NUMBER))

    def leaves(self) -> list[Leaf]:
        """Return all leaves of the log, read."""
        return [parse_leaf(leaf) for leaf in self.leaf_bytes()]

    def envelopes(self, direction: str) -> list[EnvelopeRow]:
        """Return the envelopes of one direction in the order of their leaves."""
        rest = "WHERE direction = ? ORDER BY log_position"
        return rows.select(self.db, "envelopes", EnvelopeRow, rest, [direction])

    def messages(self, direction: str) -> list[MessageRow]:
        """Return the messages of one direction in the order in which they were stored."""
        rest = "WHERE direction = ? ORDER BY place"
        return rows.select(self.db, "settled_messages", MessageRow, rest, [direction])

    def message(self, direction: str, peer: str, message_id: bytes) -> MessageRow | None:
        """Return one message, or None."""
        rest = "WHERE direction = ? AND peer = ? AND message_id = ?"
        values = [direction, peer, message_id]
        return rows.select_one(self.db, "settled_messages", MessageRow, rest, values)

    def legs(self) -> list[LegRow]:
        """Return all legs."""
        return rows.select(self.db, "legs", LegRow)

    def attachment_sets(self, direction: str) -> list[SetRow]:
        """Return the attachment sets of one direction."""
        rest = "WHERE direction = ? ORDER BY rowid"
        return rows.select(self.db, "attachment_sets", SetRow, rest, [direction])

    def attachments(self, envelope_id: bytes) -> list[AttachmentRow]:
        """Return the attachments that an envelope announced."""
        rest = "WHERE envelope_id = ? ORDER BY position"
        return rows.select(self.db, "attachments", AttachmentRow, rest, [envelope_id])

    def refusals(self) -> list[tuple[bytes, int, int]]:
        """Return envelope id, code and log position of what was refused."""
        found = self.db.execute("SELECT envelope_id, code, log_position FROM refusals")
        return [(bytes(row[0]), row[1], row[2]) for row in found]

    def seen(self) -> list[SeenRow]:
        """Return the checkpoints of peers that the node has logged as seen."""
        return rows.select(self.db, "seen", SeenRow, "ORDER BY log_position")

    def directories(self) -> list[DirectoryRow]:
        """Return the directories by which the node went, as its log says."""
        return rows.select(self.db, "directories", DirectoryRow, "ORDER BY log_position")

    def own_descriptors(self) -> list[tuple[bytes, int]]:
        """Return bytes and log position of the node's own descriptors."""
        found = self.db.execute(
            "SELECT descriptor, log_position FROM descriptors WHERE node_id = ?", [self.name]
        )
        return [(bytes(row[0]), row[1]) for row in found]
