"""What can be asked of a node by name: the command line's and the socket's one table.

A command takes JSON-able arguments and returns JSON-able data, so that it does the
same whether it runs in the node or in the process of the command line. Words for
people are made by whoever shows the answer; bytes are base64, ids hexadecimal, times
milliseconds since 1970-01-01 UTC. Text that came from a peer is handed on as it came.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from node.app import Core
from node.commands.accesses import list_accesses
from node.commands.again import choice_of
from node.commands.approvals import approve, list_approvals, reject, show_approval
from node.commands.arguments import Answer, Arguments
from node.commands.audit import collect_evidence, list_leaves
from node.commands.auditing import list_messages, show_checkpoint, verify_evidence
from node.commands.case_changes import case_clocks, case_history, change_case
from node.commands.cases import add_case, list_cases, search_cases, show_case
from node.commands.due import show_digest, show_due
from node.commands.erasing import (
    ask_erasure,
    change_hold,
    close_case,
    correct_case,
    erase_case,
    erase_referral,
    list_retention,
    refuse_erasure,
    show_holders,
    tell_found,
)
from node.commands.federation import join_federation, show_federation
from node.commands.figures import show_figures
from node.commands.forms import export_case, import_cases, show_hague, show_yellow
from node.commands.health import check_database, show_health
from node.commands.listing import list_referrals
from node.commands.nodes import show_keys, show_status
from node.commands.peers import list_peers
from node.commands.posters import show_file, show_flags, show_poster
from node.commands.received import show_received
from node.commands.referrals import (
    list_files,
    preview_all,
    preview_referral,
    send_referral,
    show_referral,
)
from node.commands.seen import note_seen
from node.commands.step_previews import preview_step
from node.commands.steps import make_step
from node.commands.taking import leave, preview_taking, take
from node.commands.told import tell
from node.commands.unmet import show_unmet, show_unmet_step
from node.commands.users import add_user, list_users, reset_user
from node.errors import NodeError

Command = Callable[[Core, Arguments], Awaitable[Answer]]

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "audit.accesses": list_accesses,
        "audit.checkpoint": show_checkpoint,
        "audit.evidence": collect_evidence,
        "audit.log": list_leaves,
        "audit.messages": list_messages,
        "audit.verify": verify_evidence,
        "case.add": add_case,
        "case.export": export_case,
        "case.hague": show_hague,
        "case.import": import_cases,
        "case.yellow": show_yellow,
        "case.change": change_case,
        "case.clocks": case_clocks,
        "case.close": close_case,
        "case.correct": correct_case,
        "case.erase": erase_case,
        "case.file": show_file,
        "case.flags": show_flags,
        "case.found": tell_found,
        "case.history": case_history,
        "case.hold": change_hold,
        "case.holders": show_holders,
        "case.leave": leave,
        "case.list": list_cases,
        "case.poster": show_poster,
        "case.retention": list_retention,
        "case.search": search_cases,
        "case.show": show_case,
        "case.take": take,
        "case.take_preview": preview_taking,
        "federation.join": join_federation,
        "federation.show": show_federation,
        "keys.show": show_keys,
        "node.check": check_database,
        "node.digest": show_digest,
        "node.figures": show_figures,
        "node.health": show_health,
        "node.status": show_status,
        "referral.approval": show_approval,
        "referral.approvals": list_approvals,
        "referral.approve": approve,
        "referral.choice": choice_of,
        "referral.ask_erase": ask_erasure,
        "referral.due": show_due,
        "referral.erase": erase_referral,
        "referral.file": show_received,
        "referral.files": list_files,
        "referral.list": list_referrals,
        "referral.preview": preview_referral,
        "referral.previews": preview_all,
        "referral.refuse_erase": refuse_erasure,
        "referral.reject": reject,
        "referral.send": send_referral,
        "referral.show": show_referral,
        "referral.step": make_step,
        "referral.step_preview": preview_step,
        "referral.step_unmet": show_unmet_step,
        "referral.told": tell,
        "referral.unmet": show_unmet,
        "peer.list": list_peers,
        "user.add": add_user,
        "user.list": list_users,
        "user.reset": reset_user,
    }
)


async def run_command(core: Core, name: str, arguments: Mapping[str, Any]) -> Answer:
    """Run a command on a core.

    Raises:
        NodeError, KeysError, PolicyRefusal: why it was not done; nothing was changed.
    """
    command = COMMANDS.get(name)
    if command is None:
        raise NodeError(
            "unknown_command",
            "the node does not know this command",
            "node and command line may be of two versions; restart the node",
        )
    given = Arguments(arguments)
    answer = await command(core, given)
    await note_seen(core, name, given, answer)
    return answer
