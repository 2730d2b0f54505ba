"""What people write into the steps, and small files to attach: all of it unmistakable.

Every text and every file begins with `SECRET`, so that a search for these bytes
finds whatever leaves a node, or lies on its disk, unsealed.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from google.protobuf.message import Message

from protocol import limits
from protocol.attachment import encrypt_chunks
from protocol.exchange.patterns import KINDS
from protocol.pb.homeward.v1 import case_pb2, message_pb2

SECRET = b"never-in-the-clear"
# Requests have the most steps that can cross.
REFERRAL_KINDS = (*KINDS, *("tracing_request",) * 5)
WITHDRAW_REASONS = ("found", "in_error")
ERASE_REASONS = ("subject_request", "retention_over")
# Nothing, little, a chunk to the byte, one more, and what takes several requests.
FILE_SIZES = (0, 700, limits.CHUNK_BYTES, limits.CHUNK_BYTES + 1, 5 * limits.CHUNK_BYTES)


def secret_text(mark: str) -> str:
    """Return a text that is found again, and told from all others by its mark."""
    return f"{SECRET.decode()} {mark}"


def step_content(name: str, mark: str, question: int = 0) -> Message:
    """Return what a step of this name says; `question` is what an answer answers."""
    words = secret_text(mark)
    text = case_pb2.Text(text=words, language="en")
    contents = {
        "referral": message_pb2.Referral(kind=REFERRAL_KINDS[0], urgency=3, ask=text),
        "claim": message_pb2.Claim(contact_name=words, contact_telephone=words),
        "accept": message_pb2.Accept(local_case_number=words, next_answer_by_ms=1),
        "decline": message_pb2.Decline(reason="no_capacity", text=text),
        "redirect": message_pb2.Redirect(target="fr.example", text=text),
        "ask": message_pb2.Ask(question=text),
        "answer": message_pb2.Answer(question=question, text=text),
        "note": message_pb2.Note(text=text),
        "outcome": message_pb2.Outcome(code="not_located", happened_at_ms=1, text=text),
        "confirm": message_pb2.Confirm(text=text),
        "dispute": message_pb2.Dispute(text=text),
        "withdraw": message_pb2.Withdraw(reason=WITHDRAW_REASONS[question % 2], text=text),
        "confirm_cancel": message_pb2.ConfirmCancel(text=text),
        "acknowledge": message_pb2.Acknowledge(copy="erased", text=text),
        "disposition": message_pb2.Disposition(code="sighting_ruled_out", text=text),
        "hand_over": message_pb2.HandOver(
            disclosure={"lead_node": words}, mask={"paths": ["lead_node"]}, text=text
        ),
        "custody_taken": message_pb2.CustodyTaken(local_case_number=words, text=text),
        "erase_request": message_pb2.EraseRequest(reason=ERASE_REASONS[question % 2]),
        "erased": message_pb2.Erased(request=question),
        "erase_refused": message_pb2.EraseRefused(request=question, reason="legal_claims"),
    }
    return contents[name]


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A small file as a blob, and what the payload says of it."""

    blob: bytes
    key: message_pb2.AttachmentKey


def make_file(draw: random.Random, mark: str) -> SealedFile:
    """Return a file of a random size, encrypted under a key of its own."""
    words = secret_text(mark).encode()
    size = draw.choice(FILE_SIZES)
    plain = (words + draw.randbytes(max(0, size - len(words))))[:size]
    key = draw.randbytes(32)
    blob = b"".join(encrypt_chunks(key, [plain]))
    return SealedFile(
        blob,
        message_pb2.AttachmentKey(
            blob_id=hashlib.sha256(blob).digest(),
            key=key,
            file_id=mark,
            media_type="image/jpeg",
            size=len(plain),
            digest=hashlib.sha256(plain).digest(),
        ),
    )
