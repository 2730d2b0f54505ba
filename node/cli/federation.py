"""`homeward federation`: found one, admit members, publish, join, look at it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import click

from node.cli import output, reach
from node.cli.options import FILE, FOLDER, home_option, json_option, read_file, unlock_option
from node.cli.output import Answer
from node.errors import NodeError

ROOT_BYTES = 512 * 1024
REQUEST_BYTES = 128 * 1024

DIR_OPTION = click.option("--dir", "folder", type=FOLDER, required=True, help="The secretariat's.")


@click.group()
def federation() -> None:
    """Found a federation, admit members, join."""


@federation.command()
@json_option
@unlock_option
@DIR_OPTION
@click.option("--name", required=True, help="Name of the federation.")
def create(is_json: bool, unlock_file: Path | None, folder: Path, name: str) -> None:
    """Found a federation: its keys, and a directory without members.

    DIR gets keys/ (never to leave this machine), public/ (for every member) and
    root.json, which every node is installed with.
    """
    from node.cli import secretariat

    output.show(secretariat.create(folder, name, unlock_file), is_json=is_json, lines=_created)


def _created(answer: Answer) -> Iterator[str]:
    yield f"founded: {output.visible(answer['federation'])}"
    yield f"federation id: {answer['federation_id']}"
    yield "give root.json to every member by hand; public/ may go any way"


@federation.command("join-request")
@home_option
@json_option
@click.option("--legal-name", required=True)
@click.option("--country", help="Two letters; else that of the node id.")
@click.option("--language", "languages", multiple=True, required=True, help="May be repeated.")
@click.option("--telephone", required=True, help="Rung when a message does not arrive: +32...")
@click.option("--endpoint", "endpoints", multiple=True, required=True, help="https://...")
@click.option("--regime", required=True, type=click.Choice(["eea", "adequacy", "other"]))
@click.option("--out", type=FILE, required=True, help="The request is written here.")
def join_request(home: Path, is_json: bool, out: Path, **fields: str | tuple[str, ...]) -> None:
    """Ask to be admitted: write a request, and print the words to read out on the phone."""
    from node.cli import secretariat

    output.show(secretariat.join_request(home, fields, out), is_json=is_json, lines=_requested)


def _requested(answer: Answer) -> Iterator[str]:
    yield f"join request of {answer['node_id']}"
    yield "words: " + " ".join(answer["words"])
    yield "send the file to the secretariat; it will phone you and compare the words"


@federation.command()
@json_option
@unlock_option
@DIR_OPTION
@click.argument("request", type=FILE)
@click.option("--yes", is_flag=True, help="The words were compared; do not ask.")
def admit(is_json: bool, unlock_file: Path | None, folder: Path, request: Path, yes: bool) -> None:
    """Admit the member of a join REQUEST, after its words were compared on the phone."""
    from node.cli import secretariat

    untrusted = read_file(request, REQUEST_BYTES)
    wanted = secretariat.read_request(untrusted)
    for line in _applicant(wanted):
        output.progress(line)
    if not yes and not click.confirm("are the words the same on the phone?", err=True):
        raise NodeError("not_confirmed", "the member was not admitted")
    answer = secretariat.admit(folder, untrusted, unlock_file)
    output.show(answer, is_json=is_json, lines=_admitted)


def _applicant(answer: Answer) -> Iterator[str]:
    for name in ("node_id", "legal_name", "country", "languages", "telephone", "endpoints"):
        value = answer[name]
        text = ", ".join(value) if isinstance(value, list) else value
        yield f"{name.replace('_', ' ')}: {output.visible(text)}"
    yield f"transfer regime: {answer['transfer_regime']}"
    yield "words: " + " ".join(answer["words"])


def _admitted(answer: Answer) -> Iterator[str]:
    yield f"admitted {answer['node_id']}"
    yield "nobody sees it before: homeward federation publish"


@federation.command()
@json_option
@unlock_option
@DIR_OPTION
def publish(is_json: bool, unlock_file: Path | None, folder: Path) -> None:
    """Sign what is current: makes admissions count, and renews the directory's date."""
    from node.cli import secretariat

    output.show(secretariat.publish(folder, unlock_file), is_json=is_json, lines=_published)


def _published(answer: Answer) -> Iterator[str]:
    members = output.counted(answer["members"], "member")
    yield f"published directory {answer['directory_version']} with {members}"
    yield f"good until {output.moment(answer['expires_at_ms'])}"


@federation.command()
@home_option
@json_option
@click.option("--root", type=FILE, required=True, help="root.json, as handed over by hand.")
@click.option("--from", "source", type=FOLDER, required=True, help="Folder with the directory.")
def join(home: Path, is_json: bool, root: Path, source: Path) -> None:
    """Trust the federation of this root file; again later: take a newer directory."""
    from keys.directory_files import DirectoryFolder

    if not source.is_dir():
        raise NodeError("no_directory", "there is no such folder", "--from names public/")
    files = DirectoryFolder(source).load()
    arguments = {
        "root": _base64(read_file(root, ROOT_BYTES)),
        "files": {name: _base64(data) for name, data in files.items()},
    }
    reached = reach.ask(home, "federation.join", arguments)
    output.show(reached.answer, is_json=is_json, lines=_joined)


def _joined(answer: Answer) -> Iterator[str]:
    federation_name = output.visible(answer["federation"])
    members = output.counted(answer["members"], "member")
    yield f"{answer['node_id']} is in {federation_name}: {members}"
    yield f"directory {answer['directory_version']}"


@federation.command()
@home_option
@json_option
def show(home: Path, is_json: bool) -> None:
    """Print the federation and its members."""
    reached = reach.ask(home, "federation.show", {})
    output.show(reached.answer, is_json=is_json, lines=_federation)


def _federation(answer: Answer) -> Iterator[str]:
    yield f"{output.visible(answer['federation'])} ({answer['federation_id']})"
    yield (
        f"directory {answer['directory_version']}, "
        f"good until {output.moment(answer['expires_at_ms'])}"
    )
    rows = [("NODE", "STATUS", "COUNTRY", "LANGUAGES", "TRANSFER", "TELEPHONE", "NAME")]
    rows += [
        (
            member["node_id"], member["status"], member["country"], ",".join(member["languages"]),
            member["transfer_regime"], member["telephone"], output.visible(member["legal_name"]),
        )
        for member in answer["members"]
    ]  # fmt: skip
    yield from output.table(rows)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
