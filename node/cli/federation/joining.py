"""`homeward federation join-request` and `join`: an organisation becomes a member."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from node.cli import output, reach
from node.cli.federation import wording
from node.cli.federation.options import REGIMES, now_ms, record_fields, word_language
from node.cli.options import FILE, FOLDER, home_option, json_option, read_file
from node.cli.output import Answer
from node.errors import NodeError

ROOT_BYTES = 512 * 1024


@click.command("join-request")
@home_option
@json_option
@click.option("--legal-name", required=True)
@click.option("--country", help="Two letters; else that of the node id.")
@click.option("--language", "languages", multiple=True, required=True, help="May be repeated.")
@click.option("--telephone", required=True, help="Rung when a message does not arrive: +32...")
@click.option("--endpoint", "endpoints", multiple=True, required=True, help="https://...")
@click.option("--regime", required=True, type=REGIMES, help="Where data would go.")
@click.option("--hours", multiple=True, help='"mo-fr 09:00-17:00"; else around the clock.')
@click.option("--time-zone", help="Of the hours: Europe/Brussels.")
@click.option("--words-language", help="List of the words to compare; else that of LANG, else en.")
@click.option("--out", type=FILE, required=True, help="The request is written here.")
def join_request(
    home: Path,
    is_json: bool,
    words_language: str | None,
    out: Path,
    **fields: Any,  # noqa: ANN401
) -> None:
    """Ask to be admitted: write a request, and print the words to read out on the phone."""
    list_language = word_language(words_language)
    answer = _write_request(home, fields, out, list_language)
    output.show(answer, is_json=is_json, lines=_requested)


def _write_request(home: Path, options: Mapping[str, Any], out: Path, language: str) -> Answer:
    from keys.files import store_file
    from keys.joining import make_join_request, verify_join_request
    from keys.members import MemberRecord
    from node.cli.making import own_log_key
    from node.config import load_settings
    from node.federation.changing import check_record
    from node.federation.facts import record_facts
    from node.home import Home

    fields = record_fields(options)
    identity = reach.open_secrets(Home(home), load_settings(home))
    fields.setdefault("country", identity.node_id[:2].upper())
    member = check_record(
        MemberRecord(node_id=identity.node_id, log_keys=(own_log_key(identity),), **fields)
    )
    data = make_join_request(member, identity.log_signer(), now_ms=now_ms())
    store_file(out, data, is_replacing=True)
    fingerprint = verify_join_request(data).fingerprint.hex()
    return {
        **record_facts(member),
        "fingerprint": fingerprint,
        "words": wording.words(fingerprint, language),
        "words_language": language,
    }


def _requested(answer: Answer) -> Iterator[str]:
    yield f"join request of {answer['node_id']}"
    yield wording.words_line(answer["words"], answer["words_language"])
    yield "send the file to the secretariat; it will phone you and compare the words"


@click.command()
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


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
