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
from node.commands.arguments import Answer, Arguments
from node.commands.audit import collect_evidence, list_leaves
from node.commands.cases import add_case, list_cases, search_cases, show_case
from node.commands.federation import join_federation, show_federation
from node.commands.nodes import show_keys, show_status
from node.commands.referrals import (
    list_files,
    list_referrals,
    preview_referral,
    send_referral,
    show_referral,
)
from node.commands.steps import make_step
from node.errors import NodeError

Command = Callable[[Core, Arguments], Awaitable[Answer]]

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "audit.evidence": collect_evidence,
        "audit.log": list_leaves,
        "case.add": add_case,
        "case.list": list_cases,
        "case.search": search_cases,
        "case.show": show_case,
        "federation.join": join_federation,
        "federation.show": show_federation,
        "keys.show": show_keys,
        "node.status": show_status,
        "referral.files": list_files,
        "referral.list": list_referrals,
        "referral.preview": preview_referral,
        "referral.send": send_referral,
        "referral.show": show_referral,
        "referral.step": make_step,
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
    return await command(core, Arguments(arguments))
