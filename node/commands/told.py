"""The command that notes that a peer was told in another way what could not be delivered."""

from __future__ import annotations

from node.app import Core
from node.commands.arguments import Answer, Arguments
from node.errors import ArgumentError
from node.exchange.undelivered import note_told
from node.store.tellings import WAYS


async def tell(core: Core, arguments: Arguments) -> Answer:
    """Note that the other side of `leg` was told by telephone, e-mail or in another way (`how`).

    With `causes` only of these, as `referral.show` names them: what was lost since somebody
    looked is not told yet.
    """
    how = arguments.text("how")
    if how not in WAYS:
        raise ArgumentError(
            "argument_invalid", "--how is no way to tell somebody", ", ".join(WAYS)
        )  # fmt: skip
    leg_id = await core.legs.find(arguments.text("leg"))
    made_by, causes = arguments.text("made_by"), arguments.texts("causes")
    await note_told(core.context, leg_id, how, made_by=made_by, causes=causes)
    row = (await core.legs.view(leg_id)).row
    return {"leg": leg_id.hex(), "peer": row.peer, "how": how}
