"""Why a choice may not go: every rule at once, and what they would see if all were met.

A preview is refused by the first rule that is not met, as sending is. Whoever still
chooses wants to know all that is missing, and to see what they have chosen meanwhile.
Nothing of this can be sent: that goes by the preview alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from node.app import Core
from node.cases.cases import CaseView
from node.cases.disclosing import Choice, Grounds, StepChoice, chosen_paths, rules_against
from node.commands.approvals import legal_basis_answer
from node.commands.arguments import Answer, Arguments
from node.commands.cases import row_answer
from node.commands.federation import peer_or_refuse, recipient_facts
from node.commands.parts import chosen_step
from node.commands.referrals import peers_of, referral_choice
from node.errors import ArgumentError, NodeError
from protocol.disclosure import disclose, preview, sensitive_paths, ticked_count
from protocol.errors import PolicyRefusal
from protocol.ids import NodeId
from protocol.pb.homeward.v1 import message_pb2


async def show_unmet(core: Core, arguments: Arguments) -> Answer:
    """Return for each of `peers` the rules that a referral does not meet, and what it shows.

    Raises:
        NodeError: there is no such case, or no such peer.
        PolicyRefusal: a path is none of the dictionary.
    """
    view = await core.cases.get(await core.cases.find(arguments.text("case_id")))
    choice = await referral_choice(core, arguments)
    peers = [NodeId(peer_or_refuse(core, each)["node_id"]) for each in peers_of(arguments)]
    return {
        "case_id": view.row.case_id,
        "shown": [_shown(core, view, choice, peer, among=peers) for peer in peers],
    }


async def show_unmet_step(core: Core, arguments: Arguments) -> Answer:
    """Return the rules that a step with a part of a case does not meet, and what it shows.

    Raises:
        ArgumentError: this step takes no part of a case along.
        NodeError, PolicyRefusal: as for a referral.
    """
    leg = await core.legs.view(await core.legs.find(arguments.text("leg")))
    chosen = await chosen_step(core, arguments.text("step"), arguments, leg)
    if chosen is None:
        raise ArgumentError("argument_invalid", "this step takes no part of a case along")
    view, choice = chosen
    shown = _shown(core, view, choice, leg.row.peer, among=())
    return {"leg": leg.row.leg_id.hex(), "case_id": view.row.case_id, "shown": [shown]}


def _shown(
    core: Core,
    view: CaseView,
    choice: Choice | StepChoice,
    peer: NodeId,
    *,
    among: Collection[NodeId],
) -> Answer:
    told, paths = recipient_facts(core, peer), chosen_paths(choice)
    ticked, fillable = ticked_count(view.case, list(paths))
    disclosed = disclose(view.case, paths, file_ids=choice.file_ids)
    now_ms = core.context.clock.now_ms()
    errors = [*rules_against(view, choice, peer=peer, now_ms=now_ms)]
    rules = [*map(_rule, errors), *_rules_of_the_peer(core, choice.grounds, peer, among)]
    return {
        **told,
        "rules": rules,
        "legal_basis": legal_basis_answer(message_pb2.LegalBasis()),
        "needs_second_person": bool(sensitive_paths(paths)),
        "rows": [row_answer(row) for row in preview(disclosed, told["peer"]["language"])],
        "fields": list(paths),
        "ticked": ticked,
        "fillable": fillable,
        "files": list(choice.file_ids),
    }


def _rules_of_the_peer(
    core: Core, grounds: Grounds, peer: NodeId, among: Collection[NodeId]
) -> Iterator[Answer]:
    """Yield why nothing, or not on this ground, may go to this member today."""
    basis = message_pb2.LegalBasis(
        art6_basis=grounds.art6_basis, art49_derogation=grounds.art49_derogation
    )
    try:
        core.legs.with_transfer_basis(peer, message_pb2.Referral(legal_basis=basis), among=among)
    except (NodeError, PolicyRefusal) as error:
        yield _rule(error)


def _rule(error: NodeError | PolicyRefusal) -> Answer:
    code = error.code if isinstance(error, NodeError) else error.rule
    return {"code": code, "sentence": error.sentence, "hint": error.hint}
