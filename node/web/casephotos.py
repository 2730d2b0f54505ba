"""Pictures of a case: shown to who may see the case, and kept by no browser; one more added."""

from __future__ import annotations

from aiohttp import web

from node.commands.arguments import decoded, encoded
from node.errors import NodeError
from node.users.policy import Action
from node.web.casefile import UPLOADED_KINDS, case_page
from node.web.forms import Form, act, kept_form, read_form
from node.web.visit import Route, Visit

# What browsers draw and do not run.
_SHOWN = frozenset({"image/jpeg", "image/png", "image/webp"})
_TAB = "files"


async def show_picture(visit: Visit) -> web.StreamResponse:
    """One picture, decrypted."""
    answer = await visit.command(
        "case.file", case_id=visit.part("case"), file_id=visit.part("file")
    )
    if answer["media_type"] not in _SHOWN:
        raise NodeError("unknown_file", "this file is no picture that can be shown")
    response = web.Response(
        body=decoded("content", answer["content"]), content_type=answer["media_type"]
    )
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "no-store"
    return response


async def show_upload(visit: Visit) -> web.StreamResponse:
    """The tab with the files, where a form was refused or is gone on with."""
    return await case_page(visit, await kept_form(visit), _TAB)


async def upload(visit: Visit) -> web.StreamResponse:
    """Add photos to a case: a version of it, with a reason."""
    try:
        form = await read_form(visit)
    except web.HTTPRequestEntityTooLarge:
        form = Form(faults={"photos": "photo_too_large"})
        return await case_page(visit, form, _TAB)
    photos = form.files.get("photos", [])
    if not photos:
        form.refuse("argument_missing", "photos")
    if not form.text("reason"):
        form.refuse("argument_missing", "reason")
    if form.text("kind") not in UPLOADED_KINDS:
        form.refuse("argument_invalid", "kind")

    async def again(refused: Form) -> web.StreamResponse:
        if refused.faults.get("", "").startswith("photo_"):
            refused.refuse(refused.faults.pop(""), "photos", refused.sentences.pop("", ""))
        return await case_page(visit, refused, _TAB)

    if form.faults:
        return await again(form)

    async def do() -> str:
        answer = await visit.command(
            "case.change",
            case_id=visit.part("case"),
            photos=[encoded(photo) for photo in photos],
            photo_kind=form.text("kind"),
            reason=form.text("reason"),
        )
        return f"/cases/{answer['case_id']}?tab={_TAB}"

    return await act(visit, form, do, again)


ROUTES = (
    Route("GET", "/pictures/{file}/{case:.+}", Action.SEE_CASE, show_picture),
    Route("GET", "/photos/{case:.+}", Action.CHANGE_CASE, show_upload),
    Route("POST", "/photos/{case:.+}", Action.CHANGE_CASE, upload, has_files=True),
)
