"""`homeward federation` sign, collect, pending, discard, publish: a change on its way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output
from node.cli.federation import wording
from node.cli.federation.keyring import KeyRing
from node.cli.federation.options import (
    KEY_FILE,
    dir_option,
    language_option,
    now_ms,
    word_language,
    yes_option,
)
from node.cli.options import FILE, FOLDER, json_option, read_file, unlock_option
from node.cli.output import Answer
from node.errors import NodeError

if TYPE_CHECKING:
    from keys.change import Change

ROOT_BYTES = 512 * 1024


@click.command()
@json_option
@unlock_option
@dir_option
@language_option
@yes_option
@click.option("--key", type=KEY_FILE, required=True, help="Your key file.")
@click.option("--root", type=FILE, help="Your own root.json; DIR must follow from it.")
def sign(
    *,
    is_json: bool,
    unlock_file: Path | None,
    folder: Path,
    language: str | None,
    yes: bool,
    key: Path,
    root: Path | None,
) -> None:
    """Sign the pending change with your key, after it was shown and you agreed.

    What is shown is read from the very bytes that are signed. Whether DIR is of your
    federation at all, only your own root.json can tell.
    """
    from node.federation import signing
    from node.federation.folder import FederationFolder

    list_language = word_language(language)
    place = FederationFolder(folder)
    with place.locked():
        change = signing.load_pending(place)
        if root is not None:
            signing.check_trusted(change, read_file(root, ROOT_BYTES))
        elif place.is_founded:
            output.progress("not compared with your own root.json: --root FILE does that")
        _ask_about(change, list_language, is_asking=not yes)
        signer = KeyRing(unlock_file).open(key)
        answer = signing.add_signature(place, change, signer)
    output.show(answer, is_json=is_json, lines=lambda told: _signed(told, list_language))


def _ask_about(change: Change, language: str, *, is_asking: bool) -> None:
    from node.federation.signing import change_facts

    for line in wording.change_lines(change_facts(change), language):
        output.progress(line)
    if is_asking and not click.confirm("do you agree to all of this, and sign it?", err=True):
        raise NodeError("not_confirmed", "nothing was signed")


def _signed(answer: Answer, language: str) -> Iterator[str]:
    roles = " and ".join(answer["signed_roles"])
    yield f"signed for {roles} with the key {wording.short_key(answer['key_id'], language)}"
    yield from wording.signature_lines(answer)


@click.command()
@json_option
@dir_option
@language_option
@click.argument("copies", metavar="FROM...", nargs=-1, required=True, type=FOLDER)
def collect(is_json: bool, folder: Path, language: str | None, copies: Sequence[Path]) -> None:
    """Take what is new from copies of the folder that came back: signatures on the change.

    Also a newer directory, where somebody has published from a copy.
    """
    from node.federation import collecting
    from node.federation.folder import FederationFolder

    list_language = word_language(language)
    place = FederationFolder(folder)
    with place.locked():
        answer = collecting.collect(place, copies, now_ms=now_ms())
    output.show(answer, is_json=is_json, lines=lambda told: _collected(told, list_language))


def _collected(answer: Answer, language: str) -> Iterator[str]:
    if answer["is_newer"]:
        version = answer["directory_version"]
        yield f"took over directory {version}, which was published from a copy"
    for key_id in answer["collected"]:
        yield f"took over the signature of {wording.short_key(key_id, language)}"
    if not answer["effects"]:
        yield "no change waits for signatures"
        return
    if not answer["collected"]:
        yield "there was no signature that is not here already"
    yield from wording.signature_lines(answer)


@click.command()
@json_option
@dir_option
@language_option
def pending(is_json: bool, folder: Path, language: str | None) -> None:
    """Show the change that waits, who has signed it, and whose signatures are missing."""
    from node.federation import signing
    from node.federation.folder import FederationFolder

    list_language = word_language(language)
    place = FederationFolder(folder)
    place.check()
    change = signing.load_change(place)
    answer = signing.change_facts(change) if change.pending else {"effects": []}
    output.show(answer, is_json=is_json, lines=lambda told: _pending(told, list_language))


def _pending(answer: Answer, language: str) -> Iterator[str]:
    if not answer["effects"]:
        yield "no change waits for signatures"
        return
    yield from wording.change_lines(answer, language)
    yield from wording.missing_lines(answer, language)
    yield from wording.next_lines(answer)


@click.command()
@json_option
@dir_option
@yes_option
def discard(is_json: bool, folder: Path, yes: bool) -> None:
    """Drop the change that waits, with its signatures. What is published stays."""
    from node.federation.folder import FederationFolder
    from node.federation.signing import nothing_pending

    place = FederationFolder(folder)
    with place.locked():
        if not place.has_pending:
            raise nothing_pending()
        question = "drop the pending change and all of its signatures?"
        if not yes and not click.confirm(question, err=True):
            raise NodeError("not_confirmed", "the change still waits")
        place.keep_pending({})
    output.show({"is_discarded": True}, is_json=is_json, lines=_discarded)


def _discarded(answer: Answer) -> Iterator[str]:
    del answer
    yield "the pending change is dropped; what was published is as it was"


@click.command()
@json_option
@unlock_option
@dir_option
@click.option(
    "--key", "keys", type=KEY_FILE, multiple=True,
    help="Key of snapshot or timestamp, one each; else those in DIR/keys.",
)  # fmt: skip
@click.option(
    "--suspension-only", is_flag=True, help="Only the suspensions; the rest goes on waiting."
)
def publish(
    is_json: bool,
    unlock_file: Path | None,
    folder: Path,
    keys: Sequence[Path],
    suspension_only: bool,
) -> None:
    """Make the pending change count, once all signatures are there, and renew the date.

    Without a pending change only the date is renewed; that is due every few days. Then
    give DIR/public to the members, or to one: their nodes pass it on to each other.
    """
    from node.federation import publishing
    from node.federation.folder import FederationFolder

    place = FederationFolder(folder)
    with place.locked():
        answer = publishing.publish(
            place,
            keys,
            KeyRing(unlock_file).open,
            is_suspension_only=suspension_only,
            now_ms=now_ms(),
        )
    output.show(answer, is_json=is_json, lines=_published)


def _published(answer: Answer) -> Iterator[str]:
    members = output.counted(answer["members"], "member")
    yield f"published directory {answer['directory_version']} with {members}"
    for node_id in answer["suspended"]:
        yield f"suspended: {node_id}"
    yield f"good until {output.moment(answer['expires_at_ms'])}"
    yield from wording.notice_lines(answer["roles"], answer["now_ms"])
    if answer["is_founding"]:
        yield from wording.FOUNDED
    else:
        yield "members do not have it yet: give public/ to one (homeward federation join)"
    if answer["is_more_pending"]:
        yield "the rest of the change still waits: homeward federation pending"
