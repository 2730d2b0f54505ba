"""A chosen part of a case for a step after the referral: a file handed over, proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.app import Core
from node.cases.disclosing import attachment_keys, check_sensitive
from node.commands.arguments import Arguments
from protocol.disclosure import Share, disclose, fields
from protocol.disclosure.dictionary import filled
from protocol.pb.homeward.v1 import case_pb2, message_pb2

_LOCAL_IDS = ("id", "child_id", "child_ids")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What goes of a case, and by which paths it was chosen."""

    disclosure: case_pb2.Case
    paths: tuple[str, ...]
    attachment_keys: Sequence[message_pb2.AttachmentKey]


async def chosen_part(core: Core, case_id: str, arguments: Arguments) -> Part:
    """Return what `field` and `file_ids` choose of a case; without a field, its whole file.

    Raises:
        NodeError: there is no such case.
        PolicyRefusal: a path is none of the dictionary, or too sensitive.
    """
    view = await core.cases.get(await core.cases.find(case_id))
    file_ids = arguments.texts("file_ids")
    paths = arguments.texts("field") or _whole_file(view.case)
    if file_ids and "files" not in paths:
        paths = (*paths, "files")
    check_sensitive(paths)
    return Part(
        disclosure=disclose(view.case, paths, file_ids=file_ids),
        paths=paths,
        attachment_keys=attachment_keys(view, file_ids),
    )


def _whole_file(case: case_pb2.Case) -> tuple[str, ...]:
    """Return the paths of all that is filled and needs no second person."""
    shares = {info.path: info.share for info in fields(case_pb2.Case)}
    paths = dict.fromkeys(value.path for value in filled(case))
    return tuple(
        path
        for path in paths
        if shares[path] <= Share.OPTIONAL
        and path.rpartition(".")[2] not in _LOCAL_IDS
        and not path.startswith("files.")
    )
