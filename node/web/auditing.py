"""Audit: the log, who looked at what, evidence to take away, and evidence to check.

An auditor sees no case: ids, kinds, times, names of organisations and of staff. Evidence
goes out with its content only to who may see the referral anyway.
"""

from __future__ import annotations

from aiohttp import web

from node.commands.arguments import Answer, decoded, encoded
from node.commands.auditing import BUNDLE_BYTES
from node.errors import ArgumentError
from node.users.policy import Action
from node.web import auditwords
from node.web.forms import Form, read_form, whole_number
from node.web.labels import Gettext
from node.web.rendering import catalogue
from node.web.visit import Route, Visit
from protocol import limits

ENTRIES = 50
LOOKS = 100
LEG_DIGITS = 8


async def show_audit(visit: Visit) -> web.StreamResponse:
    """What can be checked here: for everybody a bundle, for some the log and the looks."""
    return await _page(visit, Form())


async def _page(visit: Visit, form: Form, report: Answer | None = None) -> web.StreamResponse:
    may_see_log = visit.may(Action.SEE_LOG)
    checkpoint = await visit.command("audit.checkpoint") if may_see_log else None
    return visit.page(
        "audit.html",
        status=422 if form.faults else 200,
        checkpoint=checkpoint,
        form=form,
        report=report,
        said=_said(report, catalogue(visit.language).gettext) if report else None,
        largest_mib=BUNDLE_BYTES // limits.MIB,
    )


async def verify(visit: Visit) -> web.StreamResponse:
    """Check a bundle that is given; nothing of it is kept."""
    form = await read_form(visit)
    files = form.files.get("bundle", [])
    if not files:
        form.refuse("argument_missing", "bundle")
        return await _page(visit, form)
    try:
        report = await visit.command("audit.verify", bundle=encoded(files[0]))
    except ArgumentError as error:
        is_large = error.code == "bundle_too_large"
        form.refuse(error.code if is_large else "bundle_unusable", "bundle", error.sentence)
        return await _page(visit, form)
    return await _page(visit, form, report)


def _said(report: Answer, _: Gettext) -> Answer:
    """Return a report in words."""
    return {
        "whole": auditwords.whole_words(report["verdict"], _),
        "moments": [
            (words, report["statement"][f"{name}_at_ms"])
            for name, words in (
                ("created", _("Written")),
                ("sent", _("Logged by the sender")),
                ("received", _("Logged by the recipient")),
                ("refused", _("Refused by the recipient")),
                ("attachments", _("All files there")),
            )
            if isinstance(report["statement"].get(f"{name}_at_ms"), int)
        ],
        "claims": [
            {
                "name": auditwords.claim_names(finding["claim"], _),
                "verdict": auditwords.verdict_words(finding["verdict"], _),
                "is_wrong": finding["verdict"] == "contradicted",
                "why": auditwords.claim_words(finding, _),
            }
            for finding in report["claims"]
        ],
    }


async def show_log(visit: Visit) -> web.StreamResponse:
    """The log, page by page, the newest entries first."""
    start = whole_number(visit.asked("start"), otherwise=-1)
    answer = await visit.command("audit.log", start=start, count=ENTRIES)
    words = catalogue(visit.language).gettext
    first = answer["leaves"][0]["position"] if answer["leaves"] else max(0, start)
    following = first + len(answer["leaves"])
    return visit.page(
        "audit_log.html",
        log=answer,
        rows=[
            {**leaf, "words": auditwords.leaf_words(leaf, words)}
            for leaf in reversed(answer["leaves"])
        ],
        first=first,
        older=max(0, first - ENTRIES) if first > 0 else None,
        newer=following if following < answer["size"] else None,
    )


async def show_accesses(visit: Visit) -> web.StreamResponse:
    """Who looked at which case or referral, the newest first."""
    skip, subject = whole_number(visit.asked("skip")), visit.asked("of")
    answer = await visit.command("audit.accesses", skip=skip, count=LOOKS, subject=subject)
    words = catalogue(visit.language).gettext
    shown = skip + len(answer["accesses"])
    return visit.page(
        "audit_accesses.html",
        total=answer["total"],
        rows=[
            {
                **look,
                "words": auditwords.look_words(look["action"], words)
                if look["subject"]
                else auditwords.list_words(look, words),
            }
            for look in answer["accesses"]
        ],
        subject=subject,
        newer=max(0, skip - LOOKS) if skip else None,
        older=shown if shown < answer["total"] else None,
    )


async def show_exchanges(visit: Visit) -> web.StreamResponse:
    """All referrals, of which evidence can be taken; nothing of what they say."""
    skip = whole_number(visit.asked("skip"))
    answer = await visit.command("referral.list", skip=skip, limit=LOOKS, is_part=True)
    shown = skip + len(answer["referrals"])
    return visit.page(
        "audit_evidence.html",
        referrals=answer["referrals"],
        newer=max(0, skip - LOOKS) if skip else None,
        older=shown if shown < answer["total"] else None,
    )


async def show_messages(visit: Visit) -> web.StreamResponse:
    """The messages of one referral, each with its evidence."""
    answer = await visit.command("audit.messages", leg=visit.part("leg"))
    return visit.page(
        "audit_messages.html", leg=answer, may_take_content=visit.may(Action.SEE_REFERRAL)
    )


async def take_evidence(visit: Visit) -> web.StreamResponse:
    """The evidence of one message, to take away."""
    has_content = visit.asked("with") == "content"
    if has_content and not visit.may(Action.SEE_REFERRAL):
        return visit.page("not_allowed.html", status=403)
    number = whole_number(visit.part("number"))
    answer = await visit.command(
        "audit.evidence",
        leg=visit.part("leg"),
        entry=number,
        with_content=int(has_content),
    )
    name = f"evidence-{answer['leg'][:LEG_DIGITS]}-{number}-{answer['step']}.zip"
    return web.Response(
        body=decoded("bundle", answer["bundle"]),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


ROUTES = (
    Route("GET", "/audit", Action.VERIFY_EVIDENCE, show_audit),
    Route("POST", "/audit", Action.VERIFY_EVIDENCE, verify, has_files=True),
    Route("GET", "/audit/log", Action.SEE_LOG, show_log),
    Route("GET", "/audit/accesses", Action.SEE_ACCESS, show_accesses),
    Route("GET", "/audit/evidence", Action.EXPORT_EVIDENCE, show_exchanges),
    Route("GET", "/audit/evidence/{leg}", Action.EXPORT_EVIDENCE, show_messages),
    Route("GET", "/audit/evidence/{leg}/{number}", Action.EXPORT_EVIDENCE, take_evidence),
)
