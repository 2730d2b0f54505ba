"""Codes of newer lists: versions, and the labels that travel beside a message."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import vocabulary
from protocol.pb.homeward.v1.message_pb2 import Message
from protocol.vocabularies.changes import CHANGES
from protocol.vocabularies.terms import Change, make_vocabulary
from protocol.vocabulary import (
    LABEL_LANGUAGES,
    VOCABULARIES,
    CodeLabel,
    is_known,
    label,
    labels_to_send,
    offered,
    sender_labels,
)

COLOURS = {"red": {"en": "Red", "el": "Κόκκινο"}, "blue": {"en": "Blue", "el": "Μπλε"}}


def words(code: str, language: str, text: str) -> CodeLabel:
    return CodeLabel(vocabulary="outcome", code=code, language=language, label=text)


def outcome(*codes: str) -> Message:
    message = Message()
    message.outcome.code = codes[0]
    message.outcome.whereabouts_may_be_told_to.extend(codes[1:])
    return message


@pytest.fixture
def newer(monkeypatch) -> None:
    """Let the list of outcomes be at version 3, which brought two codes."""
    changes = (Change(version=2, added=("turned_18",)), Change(version=3, added=("info_none",)))
    labels = {code: term.labels for code, term in VOCABULARIES["outcome"].codes.items()}
    lists = {**VOCABULARIES, "outcome": make_vocabulary("outcome", labels, changes)}
    monkeypatch.setattr(vocabulary, "VOCABULARIES", lists)


@pytest.fixture
def older(monkeypatch) -> None:
    """Let the list of outcomes be without what a later version brings."""
    labels = {code: term.labels for code, term in VOCABULARIES["outcome"].codes.items()}
    del labels["turned_18"], labels["info_none"]
    lists = {**VOCABULARIES, "outcome": make_vocabulary("outcome", labels, ())}
    monkeypatch.setattr(vocabulary, "VOCABULARIES", lists)


# --- versions


def test_a_list_counts_its_versions_and_says_which_brought_a_code() -> None:
    made = make_vocabulary("colour", COLOURS, [Change(version=2, added=("blue",))])
    assert made.version == 2
    assert [(term.code, term.since) for term in made.codes.values()] == [("red", 1), ("blue", 2)]
    assert made.codes["blue"].labels == COLOURS["blue"]
    assert make_vocabulary("colour", COLOURS, ()).version == 1


def test_a_retired_code_keeps_its_words_and_is_not_offered(monkeypatch) -> None:
    changes = [Change(version=2, added=("blue",)), Change(version=3, retired=("blue",))]
    made = make_vocabulary("colour", COLOURS, changes)
    monkeypatch.setattr(vocabulary, "VOCABULARIES", {"colour": made})
    assert offered("colour") == ("red",)
    assert is_known("colour", "blue")
    assert label("colour", "blue", "el") == "Μπλε"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ([Change(version=1, added=("blue",))], "left out"),
        ([Change(version=3, added=("blue",))], "left out"),
        ([Change(version=2)], "changes nothing"),
        ([Change(version=2, added=("green",))], "'green' is in no table"),
        ([Change(version=2, retired=("green",))], "'green' is in no table"),
        (
            [Change(version=2, added=("blue",)), Change(version=3, added=("blue",))],
            "'blue' is added twice",
        ),
        (
            [Change(version=2, retired=("blue",)), Change(version=3, added=("blue",))],
            "'blue' is used after it was retired",
        ),
        (
            [Change(version=2, retired=("blue",)), Change(version=3, retired=("blue",))],
            "'blue' is used after it was retired",
        ),
    ],
)
def test_changes_that_lose_or_use_a_code_again_are_refused(changes, fault) -> None:
    with pytest.raises(ValueError, match=fault):
        make_vocabulary("colour", COLOURS, changes)


def test_changes_are_of_lists_that_exist() -> None:
    assert set(CHANGES) <= set(VOCABULARIES)
    for name, each in VOCABULARIES.items():
        assert each.version == 1 + len(CHANGES.get(name, ()))


# --- what goes out


def test_codes_that_every_node_knows_go_without_labels() -> None:
    assert labels_to_send(outcome("turned_18", "nobody"), "el") == ()


@pytest.mark.usefixtures("newer")
def test_a_code_of_a_later_version_goes_with_its_words_in_two_languages() -> None:
    assert labels_to_send(outcome("turned_18", "nobody"), "el-GR") == (
        words("turned_18", "el", "Έγινε 18 ετών"),
        words("turned_18", "en", "Turned 18"),
    )
    english = words("info_none", "en", "No answer to be had")
    assert labels_to_send(outcome("info_none"), "sv") == (english,)
    # Nothing is said of the other new code, which is not in the message.
    assert {each.code for each in labels_to_send(outcome("info_none"), "el")} == {"info_none"}


def test_a_code_that_nobody_here_knows_goes_on_with_the_words_it_came_with() -> None:
    came = (words("moved_on", "en", "Moved on"), words("other_new", "en", "Another"))
    held = sender_labels(came)
    assert labels_to_send(outcome("moved_on"), "el", lambda: held) == came[:1]
    assert labels_to_send(outcome("moved_on"), "el") == ()


# --- what came in


@pytest.mark.usefixtures("older")
def test_a_code_of_a_newer_list_is_read_in_the_senders_words() -> None:
    sender = sender_labels(
        [words("turned_18", "en", "Turned 18"), words("turned_18", "el", "Έγινε 18 ετών")]
    )
    assert label("outcome", "turned_18", "el-GR", sender) == "Έγινε 18 ετών (turned_18)"
    assert label("outcome", "turned_18", "nl", sender) == "Turned 18 (turned_18)"
    assert label("outcome", "turned_18", "nl") == "turned_18"
    only_greek = sender_labels([words("turned_18", "el", "Έγινε 18 ετών")])
    assert label("outcome", "turned_18", "nl", only_greek) == "Έγινε 18 ετών (turned_18)"


def test_a_peer_cannot_call_a_code_that_is_known_by_another_name() -> None:
    lie = words("located_deceased", "en", "Located, safe")
    assert sender_labels([lie]) == {}
    # Not even when what is held was not cleared of it.
    held = {("outcome", "located_deceased"): {"en": "Located, safe"}}
    assert label("outcome", "located_deceased", "en", held) == "Located, deceased"


GOOD = words("moved_on", "sr-Latn", "Otišlo dalje\u00a0: dalje")


@pytest.mark.parametrize(
    "bad",
    [
        replace(GOOD, vocabulary="no_such_list"),
        replace(GOOD, code=""),
        replace(GOOD, code="moved on"),
        replace(GOOD, code="m" * 65),
        replace(GOOD, language="Greek, of course"),
        replace(GOOD, language=""),
        replace(GOOD, label=""),
        replace(GOOD, label=" "),
        replace(GOOD, label=" Moved on"),
        replace(GOOD, label="Moved\non"),
        replace(GOOD, label="Moved\u2028on"),
        replace(GOOD, label="Moved \u202e no"),
        replace(GOOD, label="Moved\u200bon"),
        replace(GOOD, label="\ud800"),
        replace(GOOD, label="x" * 201),
    ],
)
def test_malformed_words_are_left_out_and_the_rest_is_kept(bad) -> None:
    assert sender_labels([bad]) == {}
    assert sender_labels([bad, GOOD]) == {("outcome", "moved_on"): {"sr-Latn": GOOD.label}}


def test_the_first_of_two_labels_counts_and_there_is_an_end_to_them() -> None:
    twice = [GOOD, replace(GOOD, label="Drugo")]
    assert sender_labels(twice) == {("outcome", "moved_on"): {"sr-Latn": GOOD.label}}
    many = sender_labels(words(f"new_{number}", "en", "New") for number in range(10_000))
    assert len(many) == 200
    message = Message()
    message.answer.disclosure.countries_to.extend(f"Q{number}" for number in range(300))
    held = {("country", f"Q{number}"): {"en": "New"} for number in range(300)}
    assert len(labels_to_send(message, "en", lambda: held)) == 200


@given(st.builds(CodeLabel, **dict.fromkeys(CodeLabel.__slots__, st.text(max_size=12))))
def test_whatever_a_peer_says_is_read_or_left_out(untrusted) -> None:
    for labels in sender_labels([untrusted]).values():
        assert set(labels) == {untrusted.language}


@pytest.mark.usefixtures("newer")
def test_what_one_node_sends_another_can_read() -> None:
    for tag in LABEL_LANGUAGES:
        sent = labels_to_send(outcome("turned_18"), tag)
        with pytest.MonkeyPatch.context() as patch:
            labels = {c: t.labels for c, t in VOCABULARIES["outcome"].codes.items()}
            here = label("outcome", "turned_18", tag)
            del labels["turned_18"]
            old = {**VOCABULARIES, "outcome": make_vocabulary("outcome", labels, ())}
            patch.setattr(vocabulary, "VOCABULARIES", old)
            assert label("outcome", "turned_18", tag, sender_labels(sent)) == f"{here} (turned_18)"
