"""The bare program: the same cryptography, commits and bytes, without a framework.

Two processes on one TCP connection. The sender seals 4 KiB, writes leaf, content and
ciphertext in one commit, signs a checkpoint, and sends header, ciphertext, proof; the
recipient verifies both signatures, opens, commits, signs, and answers with its proof; the
sender verifies that and commits it in the place of the ciphertext, with a leaf for the
checkpoint. Nothing is parsed strictly, queued, retried or looked up: it is the floor that
the node is measured against.

    python -m tests.bench.bare FOLDER       prints its port, then serves one connection
"""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import sys
import time
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from protocol import log, suite
from protocol.notes import Checkpoint, sign_checkpoint, verify_checkpoint

PAYLOAD = os.urandom(4000)
HEADER = os.urandom(400)
ORIGINS = {"sender": "be.example/log/1", "recipient": "gr.example/log/1"}
KEYS = {
    name: suite.LogSigner(bytes([i]) * 32, bytes([i + 9]) * 32) for i, name in enumerate(ORIGINS)
}
KEM_SEED = b"\x05" * 32


class Books:
    """A log and a table of rows in an encrypted database."""

    def __init__(self, name: str, folder: Path) -> None:
        self.db = sqlcipher.connect(str(folder / f"{name}.db"), isolation_level=None)
        self.db.execute(f"PRAGMA key = \"x'{'11' * 32}'\"")
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            self.db.execute(f"PRAGMA {pragma}")
        for table in (
            "leaves (n INTEGER PRIMARY KEY, leaf BLOB)",
            "nodes (l INTEGER, n INTEGER, h BLOB, PRIMARY KEY (l, n))",
            "rows (id BLOB PRIMARY KEY, a BLOB, b BLOB)",
            "contents (id BLOB PRIMARY KEY, payload BLOB)",
            "receipts (id BLOB PRIMARY KEY, proof BLOB)",
        ):
            self.db.execute(f"CREATE TABLE IF NOT EXISTS {table}")
        self.name = name
        self.size = self.db.execute("SELECT count(*) FROM leaves").fetchone()[0]

    def read(self, level: int, index: int) -> bytes:
        row = self.db.execute("SELECT h FROM nodes WHERE l = ? AND n = ?", (level, index))
        return row.fetchone()[0]

    def append(self, subject: bytes) -> None:
        """Append a leaf within the caller's transaction."""
        leaf = os.urandom(28) + subject
        self.db.execute("INSERT INTO leaves VALUES (?, ?)", (self.size, leaf))
        for level, index, value in log.nodes_added(self.size, log.leaf_hash(leaf), self.read):
            self.db.execute("INSERT INTO nodes VALUES (?, ?, ?)", (level, index, value))
        self.size += 1

    def commit(self, rows: list[tuple[bytes, bytes, bytes]], kept: bytes = b"") -> list[bytes]:
        """Append a leaf and a row each, in one commit; return the proofs.

        `kept` is what the sender said: it stays when the receipt has come, the ciphertext goes.
        """
        start = self.size
        self.db.execute("BEGIN IMMEDIATE")
        for subject, a, b in rows:
            self.append(subject)
            self.db.execute("INSERT INTO rows VALUES (?, ?, ?)", (subject, a, b))
            if kept:
                self.db.execute("INSERT INTO contents VALUES (?, ?)", (subject, kept))
        self.db.execute("COMMIT")
        checkpoint = Checkpoint(ORIGINS[self.name], self.size, log.root(self.size, self.read))
        note = sign_checkpoint(checkpoint, KEYS[self.name], int(time.time()))
        return [
            b"".join(log.inclusion_path(n, self.size, self.read)) + note
            for n in range(start, self.size)
        ]


def verify(note: bytes, name: str, seen: dict[bytes, object]) -> None:
    """Verify a checkpoint once; the same one again costs a hash."""
    key = hashlib.sha256(note).digest()
    if key not in seen:
        keys = KEYS[name]
        seen[key] = verify_checkpoint(
            note, origin=ORIGINS[name], ed25519=keys.ed25519_public, mldsa44=keys.mldsa44_public
        )


def send_all(connection: socket.socket, parts: list[bytes]) -> None:
    body = b"".join(struct.pack(">I", len(part)) + part for part in parts)
    connection.sendall(struct.pack(">I", len(body)) + body)


def receive_all(stream) -> list[bytes]:
    body = stream.read(struct.unpack(">I", stream.read(4))[0])
    parts, at = [], 0
    while at < len(body):
        size = struct.unpack_from(">I", body, at)[0]
        parts.append(body[at + 4 : at + 4 + size])
        at += 4 + size
    return parts


def note_of(proof: bytes) -> bytes:
    return proof[proof.index(b"be.example" if b"be.example" in proof else b"gr.example") :]


def recipient(folder: Path) -> None:
    """Serve one connection."""
    books, opener, seen = Books("recipient", folder), suite.KemOpener(KEM_SEED), {}
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        connection, _ = server.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb")
        while True:
            try:
                parts = receive_all(stream)
            except struct.error:
                return
            rows = []
            for header, ciphertext, proof in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
                verify(note_of(proof), "sender", seen)
                payload = opener.open(hashlib.sha256(header).digest(), ciphertext)
                hashlib.sha256(payload).digest()
                subject = hashlib.sha256(header + hashlib.sha256(ciphertext).digest()).digest()
                rows.append((subject, header + proof, payload))
            send_all(connection, books.commit(rows))


def sender(port: int, folder: Path, *, count: int, in_flight: int) -> float:
    """Send `count` messages, `in_flight` together; return messages per second."""
    books, seen = Books("sender", folder), {}
    kem_public = suite.kem_public_key(KEM_SEED)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb")
        start = time.perf_counter()
        for _ in range(count // in_flight):
            sealed = []
            for _ in range(in_flight):
                header = os.urandom(16) + HEADER
                hashlib.sha256(PAYLOAD).digest()
                sealed.append(
                    (header, suite.seal(kem_public, hashlib.sha256(header).digest(), PAYLOAD))
                )
            ids = [hashlib.sha256(h + hashlib.sha256(c).digest()).digest() for h, c in sealed]
            rows = [(i, h, c) for i, (h, c) in zip(ids, sealed, strict=True)]
            proofs = books.commit(rows, kept=PAYLOAD)
            send_all(
                connection, [x for (h, c), p in zip(sealed, proofs, strict=True) for x in (h, c, p)]
            )
            receipts = receive_all(stream)
            books.db.execute("BEGIN IMMEDIATE")
            books.append(hashlib.sha256(note_of(receipts[-1])).digest())
            for i, receipt in zip(ids, receipts, strict=True):
                verify(note_of(receipt), "recipient", seen)
                books.db.execute("INSERT INTO receipts VALUES (?, ?)", (i, receipt))
                books.db.execute("UPDATE rows SET b = NULL WHERE id = ?", (i,))
            books.db.execute("COMMIT")
        return count / (time.perf_counter() - start)


if __name__ == "__main__":
    recipient(Path(sys.argv[1]))
