"""What a step with a part of a case would take to the peer, before it goes."""

from __future__ import annotations

from node.app import Core
from node.cases.disclosing import needs_second_person
from node.commands.approvals import legal_basis_answer
from node.commands.arguments import Answer, Arguments
from node.commands.cases import row_answer
from node.commands.federation import recipient_facts
from node.commands.parts import planned_step
from node.errors import ArgumentError
from protocol.disclosure import preview, ticked_count


async def preview_step(core: Core, arguments: Arguments) -> Answer:
    """Return what the peer would see of the step `step` with its `field`, in its language.

    Raises:
        ArgumentError: this step takes no part of a case along.
        NodeError, PolicyRefusal: why it could not go.
    """
    name = arguments.text("step")
    leg = await core.legs.view(await core.legs.find(arguments.text("leg")))
    planned = await planned_step(core, name, arguments, leg)
    if planned is None:
        raise ArgumentError("argument_invalid", "this step takes no part of a case along")
    content = core.legs.with_transfer_basis(leg.row.peer, planned.content)
    case = await core.cases.get(planned.draft.case_id)
    told = recipient_facts(core, leg.row.peer)
    ticked, fillable = ticked_count(case.case, list(content.mask.paths))
    return {
        "leg": leg.row.leg_id.hex(),
        "step": name,
        **told,
        "case_id": case.row.case_id,
        "case_version": case.row.version,
        "text": content.text.text,
        "legal_basis": legal_basis_answer(content.legal_basis),
        "needs_second_person": needs_second_person(content),
        "rows": [row_answer(row) for row in preview(content.disclosure, told["peer"]["language"])],
        "fields": list(content.mask.paths),
        "ticked": ticked,
        "fillable": fillable,
        "files": list(planned.draft.choice.file_ids),
    }
