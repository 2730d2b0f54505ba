"""Two people have changed one part of a case: what was typed, on top of what was saved.

The form that was typed into was made from an earlier version, in which elements of lists
stood elsewhere. So no name of an input is trusted to mean the same in the newest version:

- Elements are paired first: by their ids, which nobody else ever gets, and where they have
  none by what they hold. Whatever somebody typed follows its element; what they typed into
  an empty element stays in one, also when a colleague has added another meanwhile.
- A list of plain values has what both have added, and lacks what either has taken out.
- Where both have changed one value, both stand beside each other, and somebody chooses. So
  they do where an element without an id was changed so much that it may be another one.
- What was typed into an element that a colleague has taken out has no place any more. It is
  told, and so is a removal of what a colleague has just changed: nothing of it happens unseen.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from node.web.caseform import Block, Question, all_blocks
from node.web.casevalues import Input, change_of, listed, shown_list
from node.web.forms import Form

_Signature = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A block of the earlier form, and the block of the same thing now, if it is there."""

    old: Block
    new: Block | None
    is_sure: bool = True
    """Whether it is the same beyond doubt."""


@dataclass(slots=True)
class Meanwhile:
    """What became of a form: its values for the newest version, and what has to be said."""

    values: dict[str, list[str]]
    clashes: list[str] = field(default_factory=list)
    """First inputs of the questions that both have changed."""
    lost: list[tuple[str, str]] = field(default_factory=list)
    """What was typed into elements that are gone: the field, and the words."""
    kept: list[str] = field(default_factory=list)
    """Titles of elements that were to go, and that a colleague has changed."""


def on_newest(before: Sequence[Block], newest: Sequence[Block], form: Form) -> Meanwhile:
    """Return what a form on an earlier version says to the newest one."""
    inputs = {each.name for q in _questions(before) for each in q.inputs}
    others = {n: list(v) for n, v in form.values.items() if n not in inputs and n != "remove"}
    result = Meanwhile({n: v for n, v in others.items() if not n.startswith("choice ")})
    for question in _questions(newest):
        result.values |= {each.name: shown_list(each) for each in question.inputs}
    removed = []
    for pair in _paired(before, newest):
        old, new = pair.old, pair.new
        if new is None:
            result.lost += [(q.label, _typed(q, form)) for q in old.questions if _is_typed(q, form)]
            continue
        if old.can_go and old.place in form.texts("remove"):
            if _signature(old) == _signature(new):
                removed.append(new.place)
            else:
                result.kept.append(new.title)
        here = {_last(each): each for each in new.questions}
        for question in old.questions:
            if _is_typed(question, form):
                _put(question, here[_last(question)], form, result, is_sure=pair.is_sure)
    result.values["remove"] = removed
    return result


def _put(old: Question, new: Question, form: Form, result: Meanwhile, *, is_sure: bool) -> None:
    """Put what was typed to a question where the same question stands now."""
    first = new.inputs[0]
    if is_sure and len(new.inputs) == 1 and (first.is_many or first.kind == "lines"):
        result.values[first.name] = _both(old.inputs[0], first, form)
        return
    for asked, now in zip(old.inputs, new.inputs, strict=True):
        result.values[now.name] = list(form.values.get(asked.name, ()))
    is_theirs = [each.values for each in old.inputs] != [each.values for each in new.inputs]
    if (is_theirs or not is_sure) and change_of(new.inputs, Form(result.values)) is not None:
        result.clashes.append(first.name)


def _both(old: Input, new: Input, form: Form) -> list[str]:
    """Return a list of plain values with what both have added, without what either took out."""
    typed, before = listed(old, form), old.values
    added = [each for each in typed if each not in before]
    gone = [each for each in before if each not in typed]
    kept = [each for each in new.values if each not in gone]
    return shown_list(new, [*kept, *(each for each in added if each not in kept)])


# --- which element is which


def _paired(before: Sequence[Block], newest: Sequence[Block]) -> Iterator[_Pair]:
    """Yield all blocks of the earlier form, each with the block of the same thing now."""
    lists_now, lists = _by_list(newest), _by_list(before)
    for name, blocks in lists.items():
        for pair in _paired_list(blocks, lists_now.get(name, [])):
            yield pair
            if pair.new is None:
                yield from (_Pair(each, None) for each in all_blocks(pair.old.blocks))
                continue
            for below in _paired(pair.old.blocks, pair.new.blocks):
                yield replace(below, is_sure=below.is_sure and pair.is_sure)


def _by_list(blocks: Sequence[Block]) -> dict[str, list[Block]]:
    """Return the blocks of each list, or group, by its name within what it belongs to."""
    lists: dict[str, list[Block]] = {}
    for each in blocks:
        place = each.place.rpartition("[")[0] if each.place.endswith("]") else each.place
        lists.setdefault(place.rpartition(".")[2], []).append(each)
    return lists


def _paired_list(before: Sequence[Block], newest: Sequence[Block]) -> Iterator[_Pair]:
    """Yield the elements of one list, or the one group that is none."""
    old, now = ([each for each in blocks if not each.is_new] for blocks in (before, newest))
    slot = next((each for each in newest if each.is_new), None)
    yield from (_Pair(each, slot) for each in before if each.is_new)
    if not old:
        return
    if not old[0].can_go:
        yield from map(_Pair, old, now)
    elif _key(old[0]).isdecimal():
        yield from _paired_by_content(old, now)
    else:
        by_key = {_key(each): each for each in now}
        yield from (_Pair(each, by_key.get(_key(each))) for each in old)


def _paired_by_content(old: Sequence[Block], now: Sequence[Block]) -> Iterator[_Pair]:
    """Yield elements without ids: what is the same is the same, in its order.

    Between two that are the same, as many as before are those of before, changed. Of more
    or fewer nobody can say which is which: these count as taken out, and as new.
    """
    signatures = [[_signature(each) for each in blocks] for blocks in (old, now)]
    matcher = difflib.SequenceMatcher(a=signatures[0], b=signatures[1], autojunk=False)
    for tag, first, last, first_now, last_now in matcher.get_opcodes():
        is_known = tag == "equal" or last - first == last_now - first_now
        found = now[first_now:last_now] if is_known else [None] * (last - first)
        for each, new in zip(old[first:last], found, strict=True):
            yield _Pair(each, new, tag == "equal" or new is None or _is_like(each, new))


def _is_like(old: Block, new: Block) -> bool:
    """Return whether most of what was written in an element is there still.

    Codes of lists do not count: half of all names are written in one script.
    """
    before, now = dict(_written(old)), dict(_written(new))
    same = [name for name, values in before.items() if now.get(name) == values]
    return 2 * len(same) > len(before)


def _written(block: Block, above: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    for question in block.questions:
        for number, each in enumerate(question.inputs):
            if each.is_held and not each.vocabulary:
                yield f"{above}{_last(question)} {number}", each.values
    for number, below in enumerate(block.blocks):
        if not below.is_new:
            yield from _written(below, f"{above}{number}.")


def _signature(block: Block) -> _Signature:
    """Return what a block holds, wherever it stands."""
    held = tuple(
        (_last(question), *(() if each.is_default else each.values for each in question.inputs))
        for question in block.questions
    )
    return (*held, *(_signature(each) for each in block.blocks if not each.is_new))


def _key(block: Block) -> str:
    return block.place.rpartition("[")[2].removesuffix("]")


def _last(question: Question) -> str:
    return question.place.rpartition(".")[2]


def _questions(blocks: Sequence[Block]) -> Iterator[Question]:
    for block in all_blocks(tuple(blocks)):
        yield from block.questions


def _is_typed(question: Question, form: Form) -> bool:
    return change_of(question.inputs, Form(form.values)) is not None


def _typed(question: Question, form: Form) -> str:
    return " ".join(text for each in question.inputs for text in form.texts(each.name))
