"""`homeward federation` admit, amend, suspend, reinstate, revoke, rotate-root, renew.

Each makes the pending change or extends it, shows what it does now, and signs it with
the keys in DIR/keys where there are any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from node.cli import output
from node.cli.federation import wording
from node.cli.federation.keyring import KeyRing
from node.cli.federation.options import (
    KEY_FILE,
    decided_options,
    dir_option,
    language_option,
    now_ms,
    record_fields,
    word_language,
    yes_option,
)
from node.cli.options import FILE, json_option, read_file, time_ms, unlock_option
from node.cli.output import Answer
from node.errors import NodeError

if TYPE_CHECKING:
    from keys.joining import JoinRequest
    from keys.tuf_keys import CompositeKey
    from node.federation.changing import Proposal

F = TypeVar("F", bound=Callable[..., object])

REQUEST_BYTES = 128 * 1024
SINCE = "--compromised-since"

ROLES = click.Choice(["root", "targets", "suspend", "snapshot", "timestamp"])


def _since_option(*, is_required: bool, help_text: str) -> Callable[[F], F]:
    return click.option(SINCE, "since", required=is_required, metavar="TIME", help=help_text)


@click.command()
@json_option
@unlock_option
@dir_option
@language_option
@click.argument("request", type=FILE)
@click.option("--yes", is_flag=True, help="The words were compared; do not ask.")
@decided_options
@_since_option(is_required=False, help_text="After a theft: since when, ISO 8601 in UTC.")
def admit(
    *,
    is_json: bool,
    unlock_file: Path | None,
    folder: Path,
    language: str | None,
    request: Path,
    yes: bool,
    since: str | None,
    **decided: Any,  # noqa: ANN401 - the options of a record, by name
) -> None:
    """Admit the sender of a join REQUEST, after its words were compared on the phone.

    For a member the same command takes its new log key from REQUEST. A planned change is
    signed by the key until now; after a theft, --compromised-since says when that was.
    The other options replace what the request says.
    """
    from keys.joining import verify_join_request
    from node.federation.changing import admission

    list_language = word_language(language)
    fields = record_fields(decided)
    since_ms = None if since is None else time_ms(SINCE, since)
    verified = verify_join_request(read_file(request, REQUEST_BYTES))
    asked = _ask_about(folder, verified, list_language, is_asking=not yes)
    proposal = admission(verified, fields, compromised_since_ms=since_ms, now_ms=now_ms())
    answer = {**asked, **_propose(folder, proposal, unlock_file)}
    output.show(answer, is_json=is_json, lines=lambda told: _changed(told, list_language))


def _ask_about(folder: Path, request: JoinRequest, language: str, *, is_asking: bool) -> Answer:
    """Show a request, and have a person compare its words."""
    from node.federation.changing import request_facts
    from node.federation.folder import FederationFolder
    from node.federation.signing import load_change

    place = FederationFolder(folder)
    place.check_founded()
    with place.locked():
        facts = request_facts(load_change(place), request)
    spoken = wording.words(facts["fingerprint"], language)
    facts |= {"words": spoken, "words_language": language}
    for line in _request(facts):
        output.progress(line)
    if is_asking and not click.confirm("are the words the same on the phone?", err=True):
        raise NodeError("not_confirmed", "nothing was changed")
    return facts


def _request(facts: Answer) -> Iterator[str]:
    kind = "a new log key for the member" if facts["is_rotation"] else "a new member"
    yield f"the request of {output.moment(facts['created_at_ms'])} is for {kind} {facts['node_id']}"
    if not facts["is_rotation"]:
        yield from wording.record_lines(facts)
    yield f"log: {facts['log']}"
    if facts["not_taken"]:
        names = ", ".join(name.replace("_", " ") for name in facts["not_taken"])
        yield f"it also says another {names}: that is not taken from it (federation amend)"
    yield wording.words_line(facts["words"], facts["words_language"])
    yield "other words at the other end? ask for the language of their list: --language"


@click.command()
@json_option
@unlock_option
@dir_option
@click.argument("node")
@click.option("--legal-name")
@click.option("--country", help="Two letters.")
@click.option("--language", "languages", multiple=True, help="All of them; may be repeated.")
@click.option("--telephone", help="+32...")
@click.option("--endpoint", "endpoints", multiple=True, help="All of them; may be repeated.")
@decided_options
def amend(
    is_json: bool,
    unlock_file: Path | None,
    folder: Path,
    node: str,
    **options: Any,  # noqa: ANN401 - the options of a record, by name
) -> None:
    """Change what the directory says of the member NODE."""
    from node.federation.changing import amendment

    proposal = amendment(node, record_fields(options), now_ms=now_ms())
    _show(_propose(folder, proposal, unlock_file), is_json=is_json)


@click.command()
@json_option
@unlock_option
@dir_option
@click.argument("node")
def suspend(is_json: bool, unlock_file: Path | None, folder: Path, node: str) -> None:
    """Suspend the member NODE from now on, until it is reinstated.

    Signed by holders of the role suspend alone. It can be published before anything else
    that waits: homeward federation publish --suspension-only.
    """
    from node.federation.changing import suspension

    _show(_propose(folder, suspension(node, now_ms=now_ms()), unlock_file), is_json=is_json)


@click.command()
@json_option
@unlock_option
@dir_option
@click.argument("node")
def reinstate(is_json: bool, unlock_file: Path | None, folder: Path, node: str) -> None:
    """End the suspension of the member NODE, whose log key was not stolen.

    After a theft the member comes back with a new log key instead: see admit.
    """
    from node.federation.changing import reinstatement

    _show(_propose(folder, reinstatement(node, now_ms=now_ms()), unlock_file), is_json=is_json)


@click.command()
@json_option
@unlock_option
@dir_option
@click.argument("node")
@_since_option(is_required=True, help_text="Since when its keys count for nothing, ISO 8601.")
def revoke(is_json: bool, unlock_file: Path | None, folder: Path, node: str, since: str) -> None:
    """End the membership of NODE. It stays listed, so that nobody trusts it by mistake."""
    from node.federation.changing import revocation

    since_ms = time_ms(SINCE, since)
    proposal = revocation(node, compromised_since_ms=since_ms, now_ms=now_ms())
    _show(_propose(folder, proposal, unlock_file), is_json=is_json)


@click.command("rotate-root")
@json_option
@unlock_option
@dir_option
@language_option
@yes_option
@click.option(
    "--add", "added", type=(ROLES, KEY_FILE), multiple=True, metavar="ROLE FILE.pub",
    help="Give a role a new key; may be repeated.",
)  # fmt: skip
@click.option(
    "--remove", "removed", multiple=True, metavar="KEY",
    help="A key that shall count no more, by its first 8 characters; may be repeated.",
)  # fmt: skip
@click.option(
    "--threshold", "thresholds", type=(ROLES, click.IntRange(min=1)), multiple=True,
    metavar="ROLE M", help="How many keys of a role have to sign; may be repeated.",
)  # fmt: skip
def rotate_root(
    *,
    is_json: bool,
    unlock_file: Path | None,
    folder: Path,
    language: str | None,
    yes: bool,
    added: Sequence[tuple[str, Path]],
    removed: Sequence[str],
    thresholds: Sequence[tuple[str, int]],
) -> None:
    """Change the keys of any role, or without options sign the root file for another year.

    Both the root keys until now and those from now on have to sign.
    """
    from node.federation.changing import KeyChanges, rotation
    from node.federation.key_files import read_public_key

    list_language = word_language(language)
    keys = [(role, path.name, read_public_key(path)) for role, path in added]
    if keys and not yes:
        _ask_about_keys(keys, list_language)
    new = [(role, key) for role, _, key in keys]
    changes = KeyChanges(added=new, removed=removed, thresholds=dict(thresholds))
    answer = _propose(folder, rotation(changes, now_ms=now_ms()), unlock_file)
    output.show(answer, is_json=is_json, lines=lambda told: _changed(told, list_language))


def _ask_about_keys(keys: Sequence[tuple[str, str, CompositeKey]], language: str) -> None:
    for role, file, key in keys:
        output.progress(f"new key for {role} ({output.visible(file)}):")
        output.progress(f"  {wording.whole_key(key.keyid, language)}")
    output.progress(wording.list_line(language))
    question = "did the holder of each new key read out the same words on the phone?"
    if not click.confirm(question, err=True):
        raise NodeError("not_confirmed", "nothing was changed")


@click.command()
@json_option
@unlock_option
@dir_option
@click.argument("role", type=click.Choice(["root", "targets", "suspend"]))
def renew(is_json: bool, unlock_file: Path | None, folder: Path, role: str) -> None:
    """Sign the file of ROLE again before it expires, with the same content."""
    from node.federation.changing import renewal

    _show(_propose(folder, renewal(role, now_ms=now_ms()), unlock_file), is_json=is_json)


def _propose(folder: Path, proposal: Proposal, unlock_file: Path | None) -> Answer:
    from node.federation.changing import propose
    from node.federation.folder import FederationFolder

    place = FederationFolder(folder)
    with place.locked():
        return propose(place, proposal, KeyRing(unlock_file).open)


def _show(answer: Answer, *, is_json: bool) -> None:
    output.show(answer, is_json=is_json, lines=lambda told: _changed(told, word_language(None)))


def _changed(answer: Answer, language: str) -> Iterator[str]:
    yield from wording.change_lines(answer, language)
    yield from wording.dropped_lines(answer["dropped_signatures"])
    yield from wording.signature_lines(answer)
