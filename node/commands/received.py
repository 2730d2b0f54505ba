"""One file that a peer sent, opened for whoever is to see it."""

from __future__ import annotations

from functools import partial

from node.app import Core
from node.commands.arguments import Answer, Arguments, encoded
from node.errors import NodeError
from node.exchange.received import opened_file, received_files
from protocol.attachment import BrokenAttachment

SHOWN_BYTES = 32 * 1024 * 1024


async def show_received(core: Core, arguments: Arguments) -> Answer:
    """Return one received file of a leg, decrypted: `file_id`. Large ones are only saved."""
    leg_id = await core.legs.find(arguments.text("leg"))
    file_id = arguments.text("file_id")
    rows = await received_files(core.context, leg_id)
    row = next((each for each in rows if each.file_id == file_id), None)
    if row is None:
        raise NodeError("unknown_file", "the referral brought no file of this id")
    if not row.is_complete:
        raise NodeError("still_coming", "the file has not arrived yet", "try again later")
    if row.size > SHOWN_BYTES:
        raise NodeError(
            "too_large", "the file is too large to be shown",
            "homeward referral show --save-files saves it",
        )  # fmt: skip
    pieces = partial(
        opened_file, core.context.blobs, row.blob_id, row.blob_size,
        key=row.key, size=row.size, digest=row.digest,
    )  # fmt: skip
    try:
        content = await core.context.disk(lambda: b"".join(pieces()))
    except BrokenAttachment as error:
        raise NodeError("file_damaged", "the file is not what was announced") from error
    return {
        "leg": leg_id.hex(),
        "file_id": file_id,
        "media_type": row.media_type,
        "content": encoded(content),
    }
