"""Every form of every page, sent with what nobody types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

from tests.support.scan import MARKER, Form, Who, page_of
from tests.support.sweep import ENDING, Sweep

NASTY = (
    MARKER, "\N{SUPERSCRIPT TWO}", "9" * 5000, "0001-01-01T00:00", "-1", "NaN", "9999-12-31T23:59",
    "x" * 20_000, "../../etc/passwd", "\u202e\ufeff\u0007", "[" * 3000, '{"rawId": []}',
)  # fmt: skip
# One at a time only these, which break what reads numbers and times.
ALONE = ("\N{SUPERSCRIPT TWO}", "0001-01-01T00:00")
FIELDS_ALONE = 12
# Of a form this large, to look at which takes long, a few will do.
LARGE, OF_LARGE = 60, 4
# One form for each kind of thing will do.
_ID = re.compile(r"[0-9A-Z]{26}|[0-9a-f]{16,}")
# After these there is less to look at.
LAST = ("/erase", "/close", "/found", "/people")


async def forms_of(sweep: Sweep, who: Who, more: tuple[str, ...] = ()) -> list[Form]:
    """Return the forms of all pages that somebody may see, each once."""
    found: dict[tuple[str, frozenset[str]], Form] = {}
    addresses = [sweep.there(path) for path, methods in sweep.paths.items() if "GET" in methods]
    for address in (*addresses, *more):
        reply = await sweep.ask(who, "GET", address)
        if reply.is_html:
            for form in page_of(reply.text).forms:
                action = form.action or address
                key = _ID.sub("ID", urlsplit(action).path), frozenset(form.fields)
                if form.method == "POST" and key[0] not in ENDING:
                    found.setdefault(key, Form(action, "POST", form.fields))
    return sorted(found.values(), key=lambda form: form.action.startswith(LAST))


def bodies(form: Form) -> Iterator[dict[str, str]]:
    """Yield what to send: all fields nasty, then one after the other."""
    most = OF_LARGE if len(form.fields) > LARGE else FIELDS_ALONE
    for nasty in NASTY[:most]:
        yield {**dict.fromkeys(form.fields, nasty), "step": form.fields.get("step", "")}
    for name in [name for name in form.fields if name != "form_id"][:most]:
        for nasty in ALONE:
            yield {**form.fields, name: nasty, "form_id": ""}


async def send_all(sweep: Sweep, who: Who, form: Form) -> None:
    """Send a form in all these ways; what comes back is judged as any answer."""
    for fields in bodies(form):
        await sweep.ask(who, "POST", form.action, body=urlencode(fields).encode())
