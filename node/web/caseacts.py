"""What ends a case, or touches what others have of it: found, close, correct, hold, erase.

Each of them says before it is done what will happen and who will be told; to erase takes a
second page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web

from node.commands.arguments import Answer
from node.users.policy import Action
from node.web.casefile import CaseFile, open_case, phone_list
from node.web.forms import Form, act, kept_form, new_form_id, read_form
from node.web.labels import english_label
from node.web.rendering import catalogue
from node.web.visit import Handler, Route, Visit
from protocol.disclosure.dictionary import Share, fields
from protocol.pb.homeward.v1 import case_pb2
from protocol.vocabulary import label, offered

_SHARES = {info.path: info.share for info in fields(case_pb2.Case)}
_Act = Callable[[str], Awaitable[Answer]]
_KEPT_FIELDS = ("reason", "has_also_open")


async def _page(visit: Visit, name: str, form: Form, *, is_sure: bool = False) -> web.Response:
    file = await open_case(visit)
    holding = await visit.command("case.holders", case_id=file.case_id)
    return visit.page(
        "case_act.html",
        status=422 if form.faults else 200,
        file=file,
        act=name,
        is_sure=is_sure,
        holding=holding,
        holders=[each for each in holding["holders"] if each["has_copy"]],
        fields=_correctable(visit, holding),
        form=form,
        form_id=new_form_id(visit),
        options=lambda vocabulary: _options(visit, vocabulary),
        kept={each: form.text(each) for each in _KEPT_FIELDS},
    )


def _options(visit: Visit, vocabulary: str) -> list[tuple[str, str]]:
    return [(code, label(vocabulary, code, visit.language)) for code in offered(vocabulary)]


def _correctable(visit: Visit, holding: Answer) -> list[tuple[str, str]]:
    """Return the fields that others have and that a correction may carry, by what they are."""
    words = catalogue(visit.language).gettext
    paths = sorted({path for each in holding["holders"] for path in each["fields"]})
    return [
        (path, " / ".join(words(english_label(step)) for step in path.split(".")))
        for path in paths
        if _SHARES.get(path, Share.NEVER) < Share.SENSITIVE
    ]


def _form_page(name: str) -> Handler:
    async def show(visit: Visit) -> web.StreamResponse:
        return await _page(visit, name, await kept_form(visit))

    return show


async def found(visit: Visit) -> web.StreamResponse:
    """The child was found: tell every holder, withdraw what is over by it."""
    form = await read_form(visit)
    _need(form, "outcome")
    happened = _moment(form, "happened_at")

    async def do(case_id: str) -> Answer:
        return await visit.command(
            "case.found",
            case_id=case_id,
            outcome=form.text("outcome"),
            happened_at_ms=happened,
            **_told(form),
        )

    return await _do(visit, "found", form, do)


async def close(visit: Visit) -> web.StreamResponse:
    """Close a case, or cancel one that should never have been opened."""
    form = await read_form(visit)

    async def do(case_id: str) -> Answer:
        return await visit.command(
            "case.close",
            case_id=case_id,
            outcome=form.text("outcome"),
            is_cancelled=form.text("how") == "cancel",
            **_told(form),
        )

    return await _do(visit, "close", form, do)


async def correct(visit: Visit) -> web.StreamResponse:
    """Send the present values of fields to those who had them."""
    form = await read_form(visit)
    _need(form, "field")

    async def do(case_id: str) -> Answer:
        return await visit.command(
            "case.correct", case_id=case_id, field=form.texts("field"), **_told(form)
        )

    return await _do(visit, "correct", form, do)


async def hold(visit: Visit) -> web.StreamResponse:
    """Keep a case from being erased, or end that."""
    form = await read_form(visit)
    is_release = form.text("how") == "release"
    if not is_release:
        _need(form, "reason")

    async def do(case_id: str) -> Answer:
        return await visit.command(
            "case.hold",
            case_id=case_id,
            reason="" if is_release else form.text("reason"),
            text=form.text("text"),
            is_release=is_release,
        )

    return await _do(visit, "hold", form, do, tab="timeline")


async def ask_erase(visit: Visit) -> web.StreamResponse:
    """Ask a second time before a case is erased; nothing is done yet."""
    form = await read_form(visit)
    _need(form, "reason")
    return await _page(visit, "erase", form, is_sure=not form.faults)


async def erase(visit: Visit) -> web.StreamResponse:
    """Erase a case for good, and ask every holder to do so."""
    form = await read_form(visit)
    _need(form, "reason")
    if form.text("sure") != "yes":
        form.refuse("not_sure", "sure")

    async def again(refused: Form) -> web.StreamResponse:
        return await _page(visit, "erase", refused, is_sure="reason" not in refused.faults)

    if form.faults:
        return await again(form)

    async def do() -> str:
        file = await open_case(visit)
        answer = await visit.command(
            "case.erase",
            case_id=file.case_id,
            reason=form.text("reason"),
            has_also_open=bool(form.text("has_also_open")),
        )
        return f"/erased/{file.case_id}?{urlencode(_by_phone(answer, 'not_asked'))}"

    return await act(visit, form, do, again)


async def show_erased(visit: Visit) -> web.StreamResponse:
    """What is left of a case: that it was erased, and what became of its copies."""
    holding = await visit.command("case.holders", case_id=visit.part("case"))
    return visit.page("case_erased.html", holding=holding, phone=phone_list(visit, holding))


async def _do(
    visit: Visit, name: str, form: Form, do: _Act, *, tab: str = "holders"
) -> web.StreamResponse:
    async def again(refused: Form) -> web.StreamResponse:
        return await _page(visit, name, refused)

    if form.faults:
        return await again(form)

    async def once() -> str:
        file: CaseFile = await open_case(visit)
        answer = await do(file.case_id)
        return f"/cases/{file.case_id}?{urlencode({'tab': tab, **_by_phone(answer, 'not_told')})}"

    return await act(visit, form, once, again)


def _by_phone(answer: Answer, name: str) -> dict[str, str]:
    """Return the peers that could not be written to, as they stand in an address."""
    peers = [each["peer"] for each in answer.get(name, ())]
    return {"phone": ",".join(dict.fromkeys(peers))} if peers else {}


def _told(form: Form) -> dict[str, object]:
    return {
        "text": form.text("text"),
        "told_to": form.texts("told_to"),
        "art6": form.text("art6"),
        "art9": form.text("art9"),
        "art10": form.text("art10"),
    }


def _need(form: Form, name: str) -> None:
    if not form.text(name):
        form.refuse("argument_missing", name)


def _moment(form: Form, name: str) -> int:
    """Return a time as it stands in a form, by the clock of this office; 0 when none is given."""
    text = form.text(name)
    if not text:
        return 0
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError):
        form.refuse("argument_invalid", name)
        return 0


ROUTES = (
    Route("GET", "/found/{case:.+}", Action.END_CASE, _form_page("found")),
    Route("POST", "/found/{case:.+}", Action.END_CASE, found),
    Route("GET", "/close/{case:.+}", Action.END_CASE, _form_page("close")),
    Route("POST", "/close/{case:.+}", Action.END_CASE, close),
    Route("GET", "/correct/{case:.+}", Action.CHANGE_CASE, _form_page("correct")),
    Route("POST", "/correct/{case:.+}", Action.CHANGE_CASE, correct),
    Route("GET", "/hold/{case:.+}", Action.END_CASE, _form_page("hold")),
    Route("POST", "/hold/{case:.+}", Action.END_CASE, hold),
    Route("GET", "/erase/{case:.+}", Action.ERASE_CASE, _form_page("erase")),
    Route("POST", "/erase/{case:.+}", Action.ERASE_CASE, ask_erase),
    Route("GET", "/erase-now/{case:.+}", Action.ERASE_CASE, _form_page("erase")),
    Route("POST", "/erase-now/{case:.+}", Action.ERASE_CASE, erase),
    Route("GET", "/erased/{case:.+}", Action.SEE_CASE, show_erased),
)
