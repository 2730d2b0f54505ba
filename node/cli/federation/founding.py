"""`homeward federation key` and `create`: the keys of a federation, and its founding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from node.cli import output
from node.cli.federation import wording
from node.cli.federation.options import (
    KEY_FILE,
    dir_option,
    language_option,
    now_ms,
    word_language,
    yes_option,
)
from node.cli.options import FILE, json_option, unlock_option
from node.cli.output import Answer
from node.errors import ArgumentError, NodeError

if TYPE_CHECKING:
    from node.federation.folder import FederationFolder
    from node.federation.founding import WantedRole

F = TypeVar("F", bound=Callable[..., object])
KeyOptions = Mapping[str, tuple[Path, ...] | int | None]

_THRESHOLD_ROLES = ("root", "targets", "suspend")
_KEY_ROLES = (*_THRESHOLD_ROLES, "snapshot", "timestamp")


@click.command()
@json_option
@unlock_option
@language_option
@click.option("--out", type=FILE, help="Make a key: FILE, and its public half FILE.pub.")
@click.option("--show", "public", type=FILE, help="Print the words of this FILE.pub again.")
def key(
    is_json: bool,
    unlock_file: Path | None,
    language: str | None,
    out: Path | None,
    public: Path | None,
) -> None:
    """Make a key for one role of a federation, on its holder's own machine.

    FILE is secret and opens with its passphrase (five random words are good). FILE.pub
    goes to the secretariat, which telephones and compares the words. A key serves one role
    only.
    """
    from node.federation import key_files

    list_language = word_language(language)
    if out is not None and public is None:
        answer = _made(out, unlock_file)
    elif public is not None and out is None:
        answer = {"key_id": key_files.read_public_key(public).keyid}
    else:
        raise ArgumentError("argument_missing", "one of --out and --show is needed")
    spoken = wording.words(answer["key_id"], list_language)
    answer |= {"words": spoken, "words_language": list_language}
    output.show(answer, is_json=is_json, lines=_key)


def _made(out: Path, unlock_file: Path | None) -> Answer:
    from node.cli.federation.keyring import absolute
    from node.cli.making import new_passphrase
    from node.federation import key_files

    # Nobody shall choose a passphrase for nothing.
    key_files.check_absent(out)
    made = key_files.make_key(out, new_passphrase(Path(), absolute(unlock_file)))
    public = key_files.public_path_of(out)
    return {"key_id": made.keyid, "secret_file": str(out), "public_file": str(public)}


def _key(answer: Answer) -> Iterator[str]:
    if "secret_file" in answer:
        yield f"made a key: {answer['secret_file']}"
        yield "  it is secret: keep it, and its passphrase in another place"
        yield f"made its public half: {answer['public_file']}"
        yield "  send this one to the secretariat; it will phone you and compare the words"
    yield f"key {output.short(answer['key_id'])}"
    yield wording.words_line(answer["words"], answer["words_language"])


def _key_options(function: F) -> F:
    for role in reversed(_KEY_ROLES):
        if role in _THRESHOLD_ROLES:
            function = click.option(
                f"--{role}-threshold",
                type=click.IntRange(min=1),
                metavar="M",
                help=f"How many of the {role} keys have to sign.",
            )(function)
        function = click.option(
            f"--{role}-key",
            type=KEY_FILE,
            multiple=True,
            metavar="FILE.pub",
            help="A holder's public key; may be repeated.",
        )(function)
    return function


@click.command()
@json_option
@unlock_option
@dir_option
@language_option
@yes_option
@click.option("--name", required=True, help="Name of the federation.")
@_key_options
def create(
    *,
    is_json: bool,
    unlock_file: Path | None,
    folder: Path,
    language: str | None,
    yes: bool,
    name: str,
    **key_options: tuple[Path, ...] | int | None,
) -> None:
    """Found a federation without members, in the new folder DIR.

    With the public keys of its holders, the founding waits in DIR for their signatures.
    Without any key it is founded at once, with one key for each role in DIR/keys. That
    is for a trial: whoever has this folder and its passphrase is the federation.
    """
    from node.federation.folder import FederationFolder

    list_language = word_language(language)
    place = FederationFolder(folder)
    place.check_empty()
    wanted = _wanted(key_options)
    if wanted:
        answer = _propose(place, name, wanted, list_language, is_asking=not yes)
        output.show(answer, is_json=is_json, lines=_proposed)
    else:
        answer = _found_here(place, name, unlock_file)
        output.show(answer, is_json=is_json, lines=_founded)


def _wanted(key_options: KeyOptions) -> dict[str, WantedRole]:
    from node.federation.founding import WantedRole
    from node.federation.key_files import read_public_key

    wanted = {}
    for role in _KEY_ROLES:
        paths, threshold = key_options[f"{role}_key"], key_options.get(f"{role}_threshold")
        if not isinstance(paths, tuple) or isinstance(threshold, tuple):
            raise TypeError("the options of a role are files and a number")
        if paths or threshold is not None:
            keys = tuple((path.name, read_public_key(path)) for path in paths)
            wanted[role] = WantedRole(keys, threshold)
    return wanted


def _propose(
    place: FederationFolder,
    name: str,
    wanted: Mapping[str, WantedRole],
    language: str,
    *,
    is_asking: bool,
) -> Answer:
    import os

    from keys.change import found
    from node.federation.founding import role_keys, store_founding
    from node.federation.signing import change_facts

    change = found(name, role_keys(wanted), random=os.urandom, now_ms=now_ms())
    files = {key.keyid: file for role in wanted.values() for file, key in role.keys}
    facts = {**change_facts(change), "key_files": files}
    for line in wording.change_lines(facts, language):
        output.progress(line)
    question = "did the holder of each key read out the same words on the phone?"
    if is_asking and not click.confirm(question, err=True):
        raise NodeError("not_confirmed", "nothing was founded")
    store_founding(place, change)
    return facts


def _proposed(answer: Answer) -> Iterator[str]:
    yield f"the founding of {output.visible(answer['federation'])} waits for signatures"
    yield f"federation id: {answer['federation_id']}"
    yield from wording.signature_lines(answer)


def _found_here(place: FederationFolder, name: str, unlock_file: Path | None) -> Answer:
    from node.cli.federation.keyring import absolute
    from node.cli.making import new_passphrase
    from node.federation.founding import found_here

    passphrase = new_passphrase(Path(), absolute(unlock_file))
    return found_here(place, name, passphrase, now_ms=now_ms())


def _founded(answer: Answer) -> Iterator[str]:
    yield f"founded: {output.visible(answer['federation'])}"
    yield f"federation id: {answer['federation_id']}"
    yield from wording.FOUNDED
