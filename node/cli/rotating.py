"""`homeward keys rotate`: other long-lived keys, planned or after a theft."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output, reach
from node.cli.federation import wording
from node.cli.federation.options import now_ms, word_language
from node.cli.options import FILE, home_option, json_option
from node.cli.output import Answer
from node.errors import NodeError
from node.home import Home

if TYPE_CHECKING:
    from keys.identity import Identity


@click.command()
@home_option
@json_option
@click.option("--stolen", "is_stolen", is_flag=True, help="Somebody else may have the keys.")
@click.option("--words-language", help="List of the words to compare; else that of LANG, else en.")
@click.option("--out", type=FILE, required=True, help="The request for the secretariat.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
def rotate(
    *, home: Path, is_json: bool, is_stolen: bool, words_language: str | None, out: Path,
    is_sure: bool,
) -> None:  # fmt: skip
    """Change the node's long-lived keys; stop the node first.

    Planned: the node works on with its old keys until the secretariat has admitted the
    new ones; then the next start changes over. With --stolen the old keys are destroyed
    at once, and peers take nothing from this node until it is admitted again.
    """
    language = word_language(words_language)
    if is_stolen and not is_sure:
        question = "destroy the present keys and every encryption key of this node?"
        if not click.confirm(question, err=True):
            raise NodeError("not_confirmed", "nothing was changed")
    place = Home(home)
    reach.take_lock(place)
    try:
        answer = _rotate(place, out, is_stolen=is_stolen)
    finally:
        place.release()
    answer |= {"words": wording.words(answer["fingerprint"], language), "words_language": language}
    output.show(answer, is_json=is_json, lines=_rotated)


def _rotate(home: Home, out: Path, *, is_stolen: bool) -> Answer:
    from keys.files import store_file
    from keys.joining import verify_join_request
    from node import rotation
    from node.config import load_settings

    settings = load_settings(home.folder)
    passphrase = reach.passphrase_for(home.folder, settings.unlock_file)
    identity = reach.open_locked(home, settings, passphrase)
    # Before anything is changed: without a record there is nothing to ask for.
    rotation.own_record(home, identity)
    following = rotation.prepare(
        home, identity, passphrase, is_stolen=is_stolen, random=os.urandom, now_ms=now_ms()
    )
    data = _request(home, identity, following, is_stolen=is_stolen)
    store_file(out, data, is_replacing=True)
    return {
        "node_id": following.node_id,
        "origin": following.origin,
        "is_stolen": is_stolen,
        "fingerprint": verify_join_request(data).fingerprint.hex(),
    }


def _request(home: Home, identity: Identity, following: Identity, *, is_stolen: bool) -> bytes:
    from keys.joining import make_join_request
    from node import rotation
    from node.cli.making import own_log_key

    record = replace(rotation.own_record(home, identity), log_keys=(own_log_key(following),))
    previous = None if is_stolen else identity.log_signer()
    return make_join_request(record, following.log_signer(), now_ms=now_ms(), previous=previous)


def _rotated(answer: Answer) -> Iterator[str]:
    yield f"new keys of {answer['node_id']}, for its log {answer['origin']}"
    yield wording.words_line(answer["words"], answer["words_language"])
    yield "send the file to the secretariat; it will phone you and compare the words"
    if answer["is_stolen"]:
        yield "the old keys are destroyed; nothing goes out until the new ones are admitted"
    else:
        yield "the node works on with its old keys; start it again when the new ones are admitted"
    yield "then put away new copies of identity.key, and destroy the old copies"
