"""What a change does and how far its signatures are, in plain words.

Everything is told from facts that were read from the very bytes to be signed. Text
that came from elsewhere is made harmless; keys are named by the first digits of their
id and by words, those to be compared by all of their words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from node.cli import output

Facts = dict[str, Any]

# Enough to recognise a key in a list; to compare one, all of its words are read out.
SHORT_WORDS = 4

RECORD_FIELDS = (
    "legal_name", "country", "languages", "hours", "time_zone", "telephone", "endpoints",
    "transfer_regime", "adequacy_until", "agreement_until",
)  # fmt: skip

ROLES: Mapping[str, str] = {
    "root": "root, which says whose keys count",
    "targets": "targets, which says who is a member",
    "suspend": "suspend, which can suspend a member and nothing else",
    "snapshot": "snapshot, for publishing",
    "timestamp": "timestamp, for publishing",
}


SIGNED_BY_HOLDERS = ("root", "targets", "suspend")
# Signing again takes weeks where holders travel.
NOTICE_MS = 60 * output.DAY_MS

FOUNDED = ("give root.json to every holder and member by hand; public/ may go any way",)
"""What comes next after a founding."""


def words(key_id: str, language: str) -> list[str]:
    """Return all words of a fingerprint in hex."""
    from keys.joining import fingerprint_words

    return list(fingerprint_words(bytes.fromhex(key_id), language))


def words_line(spoken: Sequence[str], language: str) -> str:
    """Return the line to read out, with the list that both sides need."""
    return f"words to compare, from the list {language}: {' '.join(spoken)}"


def list_line(language: str) -> str:
    """Return which list the words above are from."""
    return f"the words are from the list {language}; --language takes another one"


def whole_key(key_id: str, language: str) -> str:
    """Return a key with all of its words."""
    return f"{output.short(key_id)}  {' '.join(words(key_id, language))}"


def short_key(key_id: str, language: str) -> str:
    """Return a key with enough words to recognise it by."""
    return f"{output.short(key_id)} {' '.join(words(key_id, language)[:SHORT_WORDS])}"


def change_lines(facts: Facts, language: str) -> Iterator[str]:
    """Yield what a pending change does; `key_files` may say which key came from which file."""
    yield f"the pending change of {output.visible(facts['federation'])}:"
    yield from _indented(_effects(facts, language))
    if any(effect["kind"] == "role_key_added" for effect in facts["effects"]):
        yield list_line(language)


def signature_lines(facts: Facts) -> Iterator[str]:
    """Yield how many signatures each role has given, and what comes next."""
    for told in facts["signatures"]:
        yield f"{_signatory(told['role'], facts)}: {_count(told)}"
    yield from next_lines(facts)


def next_lines(facts: Facts) -> Iterator[str]:
    """Yield what comes next."""
    if facts["is_complete"]:
        yield "all signatures are there; it counts after: homeward federation publish"
    else:
        yield "it does not count yet; next: the holders sign (homeward federation sign)"
        if facts["is_suspension_complete"]:
            yield "the suspension alone can be published now: --suspension-only"


def missing_lines(facts: Facts, language: str) -> Iterator[str]:
    """Yield who has signed and who has not, role by role."""
    for told in facts["signatures"]:
        yield f"{_signatory(told['role'], facts)}: {_count(told)}"
        for key_id in told["signed"]:
            yield f"  signed      {short_key(key_id, language)}"
        for key_id in told["not_signed"]:
            yield f"  not signed  {short_key(key_id, language)}"


def record_lines(record: Facts) -> Iterator[str]:
    """Yield what a record says."""
    for name in RECORD_FIELDS:
        value = record[name]
        text = ", ".join(value) if isinstance(value, list) else value or "none"
        yield f"{name.replace('_', ' ')}: {output.visible(text)}"


def member_lines(member: Facts) -> Iterator[str]:
    """Yield all that the directory says of one member."""
    yield f"{member['node_id']}: {_status(member)}"
    yield from record_lines(member)
    for key in member["log_keys"]:
        yield f"log key {output.short(key['key_id'])} of {key['origin']}: {_log_key(key)}"


def member_row(member: Facts) -> tuple[str, ...]:
    """Return one member's line of a table."""
    ages = [key["age_days"] for key in member["log_keys"] if key["is_good"]]
    return (
        member["node_id"],
        _status(member),
        member["country"],
        ",".join(member["languages"]),
        " ".join(filter(None, (member["hours"], member["time_zone"]))),
        member["telephone"],
        output.counted(min(ages), "day") if ages else "none",
        member["agreement_until"] or "none",
        _transfer(member),
        output.visible(member["legal_name"]),
    )


def notice_lines(roles: Iterable[Facts], now_ms: int) -> Iterator[str]:
    """Yield which files the holders have to sign again soon."""
    for role in roles:
        name, left_ms = role["role"], role["expires_at_ms"] - now_ms
        if name in SIGNED_BY_HOLDERS and left_ms <= NOTICE_MS:
            left = f"runs out in {output.span(left_ms)}" if left_ms > 0 else "has run out"
            command = f"homeward federation renew {name}"
            yield f"the {name} file {left}, its holders sign again: {command}"


def dropped_lines(count: int) -> Iterator[str]:
    """Yield that signatures were lost, if any were."""
    if count:
        who = "a holder has" if count == 1 else f"{count} holders have"
        yield f"{who} to sign again, because what was signed has been changed"


def _effects(facts: Facts, language: str) -> Iterator[str]:
    effects = facts["effects"]
    for effect in effects:
        if effect["kind"] == "federation_founded":
            yield f'founds the federation "{output.visible(effect["subject"])}"'
            yield f"  federation id: {effect['after']}"
        elif effect["kind"] == "federation_renamed":
            yield f'renames the federation to "{output.visible(effect["after"])}"'
    for role in ROLES:
        yield from _role(role, _about(effects, "role_", role), facts, language)
    members = (effect["subject"] for effect in effects if _is_of_member(effect))
    for node_id in dict.fromkeys(members):
        told = [e for e in effects if _is_of_member(e) and e["subject"] == node_id]
        yield from _member(node_id, told)
    for effect in effects:
        if effect["kind"] == "role_renewed":
            yield _renewal(effect)


def _about(effects: Iterable[Facts], kind: str, subject: str) -> list[Facts]:
    return [
        effect
        for effect in effects
        if effect["kind"].startswith(kind) and effect["subject"] == subject
    ]


def _is_of_member(effect: Facts) -> bool:
    kind: str = effect["kind"]
    return kind.startswith(("member_", "log_key_"))


def _role(role: str, effects: list[Facts], facts: Facts, language: str) -> Iterator[str]:
    told = [effect for effect in effects if effect["kind"] != "role_renewed"]
    if not told:
        return
    keys = facts["roles"][role]
    needed, count = keys["needed"], len(keys["keys"])
    before = [e["before"] for e in told if e["kind"] == "role_threshold" and e["before"]]
    until_now = f" (until now {before[0]})" if before else ""
    verb = "has" if needed == 1 else "have"
    yield f"{ROLES[role]}: {needed} of {output.counted(count, 'key')} {verb} to sign{until_now}"
    for effect in told:
        if effect["kind"] == "role_key_added":
            new = "" if facts["is_founding"] else "new key  "
            file = facts.get("key_files", {}).get(effect["item"])
            origin = "" if file is None else f"  ({output.visible(file)})"
            yield f"  {new}{whole_key(effect['item'], language)}{origin}"
        elif effect["kind"] == "role_key_removed":
            yield f"  counts no more  {short_key(effect['item'], language)}"


def _renewal(effect: Facts) -> str:
    until, before = output.moment(effect["after"])[:10], effect["before"]
    was = until if before is None else output.moment(before)[:10]
    until_now = "" if was == until else f" (until now {was})"
    return f"the {effect['subject']} file is good until {until}{until_now}"


def _member(node_id: str, effects: list[Facts]) -> Iterator[str]:
    headlines = [line for effect in effects if (line := _headline(node_id, effect))]
    is_new = any(effect["kind"] == "member_admitted" for effect in effects)
    fields = [_field(effect) for effect in effects if effect["kind"] == "member_field"]
    keys = [_LOG_KEYS[each["kind"]](each) for each in effects if each["kind"] in _LOG_KEYS]
    yield from headlines
    if is_new:
        yield from _indented([*fields, *keys])
        return
    # Apart: whoever signs a suspension does not sign these with it.
    yield from _indented(keys) if headlines else _block(f"changes the keys of {node_id}", keys)
    yield from _block(f"changes the record of {node_id}", fields)


def _block(heading: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield heading
        yield from _indented(lines)


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _headline(node_id: str, effect: Facts) -> str | None:
    kind, after = effect["kind"], effect["after"]
    if kind == "member_admitted":
        return f"admits {node_id} as a new member"
    if kind == "member_revoked":
        return f"revokes {node_id}: it is no member any more, nobody may deal with it"
    if kind == "member_reinstated":
        return f"reinstates {node_id}: it takes part again"
    if kind == "member_suspended":
        since = "" if after is None else f" since {output.moment(after)}"
        return f"suspends {node_id}{since}: nobody may deal with it until it is reinstated"
    return None


def _field(effect: Facts) -> str:
    name = effect["item"]
    after, before = (_value(name, effect[each]) for each in ("after", "before"))
    until_now = "" if effect["before"] is None else f" (until now {before})"
    return f"{name.replace('_', ' ')}: {after}{until_now}"


def _value(name: str, value: str | Sequence[str] | None) -> str:
    if name == "hours":
        return _hours(value or ())
    if value is None:
        return "none"
    return output.visible(value if isinstance(value, str) else ", ".join(value))


def _hours(openings: Iterable[str]) -> str:
    from keys.members import OpeningHours
    from node.federation.hours import hours_text

    hours = []
    for opening in openings:
        weekday, _, times = opening.partition(" ")
        opens, closes = (int(each[:2]) * 60 + int(each[3:]) for each in times.split("-"))
        hours.append(OpeningHours(int(weekday), opens, closes))
    return hours_text(hours)


def _log_key_added(effect: Facts) -> str:
    return f"new log key {output.short(effect['item'])} for the log {effect['after']}"


def _log_key_begins(effect: Facts) -> str:
    return f"log key {output.short(effect['item'])} counts from {output.moment(effect['after'])}"


def _log_key_ends(effect: Facts) -> str:
    key = f"log key {output.short(effect['item'])}"
    after = effect["after"]
    return f"{key} has no end" if after is None else f"{key} counts until {output.moment(after)}"


def _log_key_compromised(effect: Facts) -> str:
    key = f"log key {output.short(effect['item'])}"
    after = effect["after"]
    if after is None:
        return f"{key} counts again"
    return f"{key} counts for nothing since {output.moment(after)}"


_LOG_KEYS: Mapping[str, Callable[[Facts], str]] = {
    "log_key_added": _log_key_added,
    "log_key_begins": _log_key_begins,
    "log_key_ends": _log_key_ends,
    "log_key_compromised": _log_key_compromised,
}


def _signatory(role: str, facts: Facts) -> str:
    if role == "previous root":
        return "root, keys until now"
    if role == "root" and any(each["role"] == "previous root" for each in facts["signatures"]):
        return "root, keys from now on"
    return role


def _count(told: Facts) -> str:
    have, needed = told["have"], told["needed"]
    missing = needed - have
    count = f"{have} of {output.counted(needed, 'signature')}"
    return f"{count}, enough" if missing <= 0 else f"{count}, {missing} missing"


def _status(member: Facts) -> str:
    since_ms = member["suspended_since_ms"]
    status: str = member["status"]
    return status if since_ms is None else f"{status} since {output.moment(since_ms)}"


def _transfer(member: Facts) -> str:
    until, regime = member["adequacy_until"], str(member["transfer_regime"])
    return regime if until is None else f"{regime} until {until}"


def _log_key(key: Facts) -> str:
    parts = [f"from {output.moment(key['valid_from_ms'])}"]
    if key["valid_until_ms"] is not None:
        parts.append(f"until {output.moment(key['valid_until_ms'])}")
    if key["compromised_since_ms"] is not None:
        parts.append(f"counts for nothing since {output.moment(key['compromised_since_ms'])}")
    if key["is_good"]:
        parts.append(f"in use, {output.counted(key['age_days'], 'day')} old")
    return ", ".join(parts)
