"""Empty questions and lists of a form: drawn once in each language.

Under each element of a list stands an empty one, so that most of a large form are questions
to which nothing is recorded. They differ in their places alone. Nothing of a case is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import lru_cache

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from node.web.caseform import Question
from node.web.casevalues import LISTS, Input, options
from node.web.forms import Form

Draw = Callable[[Form, Question], Markup]
_Looks = tuple[object, ...]

# More than there are fields in all languages.
KEPT = 8192
# Stands for the place of a question; it is in no place, and in no words.
_PLACE = "\ue000"


class Drawing:
    """Draws questions, and keeps how those look to which nothing is recorded or typed."""

    def __init__(self) -> None:
        """Nothing was drawn yet."""
        self._drawn: dict[tuple[str, _Looks], str] = {}

    @pass_context
    def __call__(
        self, context: Context, draw: Draw, form: Form, questions: Sequence[Question]
    ) -> Markup:
        """Return questions as they stand in the page; `draw` is the macro for one."""
        language, clashes = context["language"], form.values.get("clash", ())
        drawn = [self._drawn_one(language, draw, form, each, clashes) for each in questions]
        # All of it was made by the template, and `_drawn_one` has escaped what it put in.
        return Markup("".join(drawn))  # noqa: S704

    def _drawn_one(
        self, language: str, draw: Draw, form: Form, question: Question, clashes: Collection[str]
    ) -> str:
        is_clash = question.inputs[0].name in clashes
        if is_clash or not all(_is_empty(each, form) for each in question.inputs):
            return draw(form, question)
        looks = language, _looks_of(question)
        known = self._drawn.get(looks)
        if known is None:
            if len(self._drawn) >= KEPT:
                self._drawn.clear()
            known = self._drawn[looks] = str(draw(Form(), _moved(question)))
        return known.replace(_PLACE, escape(question.place))


def _looks_of(question: Question) -> _Looks:
    """Return all of an empty question but where it stands."""
    length = len(question.place)
    inputs = tuple(
        (
            each.name[length:], each.label, each.kind, each.values, each.vocabulary,
            each.is_many, each.language, each.is_default,
        )
        for each in question.inputs
    )  # fmt: skip
    return question.label, question.share, question.hint, inputs


def _moved(question: Question) -> Question:
    """Return a question that stands at the place for which another one is put in later."""
    length = len(question.place)
    inputs = tuple(replace(each, name=_PLACE + each.name[length:]) for each in question.inputs)
    return replace(question, place=_PLACE, inputs=inputs)


def _is_empty(each: Input, form: Form) -> bool:
    """Return whether an input holds nothing, or only what is offered, and is not at fault."""
    if each.is_held or each.name in form.faults:
        return False
    if not form.values:
        return True
    typed = form.texts(each.name)
    return typed == list(each.values) if each.is_default else not typed


def option_tags(vocabulary: str, chosen: str, language: str, *, has_none: bool) -> Markup:
    """Return the options of a list to choose one from, as they stand in a page.

    What is chosen is among them, also when it is in no list of this node.
    """
    is_known = any(code == chosen for code, _ in options(vocabulary, language))
    tags = _option_tags(vocabulary, chosen if is_known else "", language)
    none = _option("", "") if has_none else Markup("")
    more = _option(chosen, chosen, chosen) if chosen and not is_known else Markup("")
    return none + tags + more


@lru_cache(maxsize=LISTS)
def _option_tags(vocabulary: str, chosen: str, language: str) -> Markup:
    """Return the options of a list; `chosen` is one of its codes, or nothing."""
    tags = (_option(code, words, chosen) for code, words in options(vocabulary, language))
    return Markup("").join(tags)


def _option(code: str, words: str, chosen: str = "") -> Markup:
    mark = Markup(" selected") if code and code == chosen else Markup("")
    return Markup('<option value="{}"{}>{}</option>').format(code, mark, words)
