"""`homeward federation show`: the directory and its members, at a node or in the secretariat."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from node.cli import output, reach
from node.cli.federation import wording
from node.cli.federation.options import language_option, now_ms, word_language
from node.cli.options import FOLDER, HOME_VARIABLE, json_option
from node.cli.output import Answer
from node.errors import ArgumentError


@click.command()
@click.option("--home", type=FOLDER, envvar=HOME_VARIABLE, help=f"A node's; else {HOME_VARIABLE}.")
@click.option("--dir", "folder", type=FOLDER, help="The federation's folder, instead of a node.")
@json_option
@language_option
@click.option("--member", "node_id", metavar="NODE", help="One member, in full.")
def show(
    home: Path | None,
    folder: Path | None,
    is_json: bool,
    language: str | None,
    node_id: str | None,
) -> None:
    """Print the federation and its members: who takes part, since when, how to reach them."""
    list_language = word_language(language)
    if folder is not None:
        answer = _of_folder(folder)
    elif home is not None:
        answer = reach.ask(home, "federation.show", {}).answer
    else:
        raise ArgumentError("argument_missing", "--home or --dir is needed")
    if node_id is not None:
        member = _member_of(answer, node_id)
        output.show(member, is_json=is_json, lines=wording.member_lines)
    else:
        output.show(answer, is_json=is_json, lines=lambda told: _federation(told, list_language))


def _of_folder(folder: Path) -> Answer:
    from keys.directory import load_kept_directory
    from node.federation.facts import directory_facts
    from node.federation.folder import FederationFolder

    place = FederationFolder(folder)
    place.check_founded()
    files = place.load_public()
    directory = load_kept_directory(files, place.load_root())
    return directory_facts(directory, files, now_ms=now_ms())


def _member_of(answer: Answer, node_id: str) -> Answer:
    from node.federation.changing import unknown_member

    for member in answer["members"]:
        if member["node_id"] == node_id:
            found: Answer = member
            return found
    raise unknown_member()


def _federation(answer: Answer, language: str) -> Iterator[str]:
    now = answer["now_ms"]
    yield f"{output.visible(answer['federation'])} ({answer['federation_id']})"
    is_over = answer["expires_at_ms"] <= now
    until = output.moment(answer["expires_at_ms"])
    good = f"expired at {until}" if is_over else f"good until {until}"
    yield f"directory {answer['directory_version']}, {good}"
    for role in answer["roles"]:
        yield from _role(role, language)
    yield from wording.notice_lines(answer["roles"], now)
    rows = [_HEADINGS, *map(wording.member_row, answer["members"])]
    yield from output.table(rows)


_HEADINGS = (
    "NODE", "STATUS", "COUNTRY", "LANGUAGES", "HOURS", "TELEPHONE", "KEY AGE", "AGREEMENT",
    "TRANSFER", "NAME",
)  # fmt: skip


def _role(role: Answer, language: str) -> Iterator[str]:
    name, keys = role["role"], role["keys"]
    if name not in wording.SIGNED_BY_HOLDERS:
        return
    signed = [key["key_id"] for key in keys if key["has_signed"]]
    until = output.moment(role["expires_at_ms"])[:10]
    has = "has" if len(signed) == 1 else "have"
    yield (
        f"{name} {role['version']}, good until {until}: {len(signed)} of "
        f"{output.counted(len(keys), 'key')} {has} signed, {role['needed']} needed"
    )
    for key in keys:
        mark = "signed      " if key["has_signed"] else "not signed  "
        yield f"  {mark}{wording.short_key(key['key_id'], language)}"
