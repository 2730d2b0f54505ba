"""What somebody chose for a referral: kept page by page, read together as arguments.

Each of the first two pages keeps its own fields as a draft, so that they survive errors, the
back button, the lock and another day. What is checked and sent is read from both.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from node.commands.arguments import Answer
from node.errors import ArgumentError, NodeError
from node.store import users
from node.store.db import Transaction
from node.web.drafts import REFERRING, keep_fields, pages_of
from node.web.forms import Form, kept_form, whole_number
from node.web.refusal_words import put_at_field, refuse_together
from node.web.ticks import TickGroup, changed_ticks, tick_groups
from node.web.visit import Visit
from protocol.disclosure import default_mask, sensitive_paths
from protocol.errors import PolicyRefusal

DAY_MS = 24 * 3_600_000
NEEDED = ("to", "kind", "urgency", "ask", "purpose", "art6", "police_informed")
FIRST = (*NEEDED, "language", "reply_by", "expires_days", "follows", "reopens")
REASONS = ("sensitive_reason", "override_reason", "at_once_reason")
SECOND = ("has_chosen", "field", "file_ids", "art9", "art10", "derogation", *REASONS)
# A look-out ends soon by itself; the others are work, and their end is an end.
ALERT_DAYS, LIVES_DAYS = 30, 180
# A minute less than the limit, which is counted from when the node gets to it.
_MINUTE_MS = 60_000


@dataclass(slots=True)
class Chosen:
    """The forms of both pages; what was just typed stands in place of what was kept."""

    visit: Visit
    first: Form
    second: Form

    @property
    def case_id(self) -> str:
        """The case, as the address names it."""
        return self.visit.part("case")

    @property
    def kind(self) -> str:
        """What kind of referral it is; empty when nothing is chosen yet."""
        return self.first.text("kind")

    @property
    def language(self) -> str:
        """In which language they write."""
        return self.first.text("language") or self.visit.language

    @property
    def paths(self) -> list[str]:
        """The fields that are ticked; at first the usual ones of the kind."""
        if self.second.text("has_chosen"):
            return list(dict.fromkeys(self.second.texts("field")))
        return list(default_mask(self.kind))

    @property
    def missing(self) -> list[str]:
        """What the first page still lacks."""
        return [name for name in NEEDED if not self.first.text(name)]

    @property
    def seen(self) -> str:
        """Stands for everything that was chosen: what is sent is what was checked."""
        held = [sorted((n, f.texts(n)) for n in names) for f, names in self._forms]
        return hashlib.sha256(json.dumps(held).encode()).hexdigest()[:32]

    @property
    def _forms(self) -> tuple[tuple[Form, tuple[str, ...]], ...]:
        return ((self.first, FIRST), (self.second, SECOND))

    def groups(self, rows: list[Answer], gettext: object) -> list[TickGroup]:
        """Return what of the case can be ticked."""
        return tick_groups(rows, self.paths, gettext)  # type: ignore[arg-type] # a catalogue's

    def arguments(self) -> Answer:
        """Return what the node's commands take.

        Raises:
            ArgumentError: a field cannot be read; it is noted at the field.
        """
        first, second = self.first, self.second
        urgency = first.text("urgency")
        if urgency not in ("1", "2", "3", "4"):
            raise _fault(first, "argument_missing", "urgency")
        paths = self.paths
        if not paths:
            raise _fault(second, "nothing_ticked", "field")
        values: Answer = {
            "case_id": self.case_id,
            "peers": first.texts("to"),
            "urgency": int(urgency),
            "language": self.language,
            "field": paths,
            "file_ids": second.texts("file_ids"),
            **self._times(),
            **self._reasons(paths),
        }
        for name in ("kind", "ask", "purpose", "art6", "police_informed", "follows", "reopens"):
            values[name] = first.text(name)
        for name in ("art9", "art10", "derogation"):
            values[name] = second.text(name)
        return values

    def _times(self) -> dict[str, int]:
        now_ms = self.visit.core.context.clock.now_ms()
        typed = self.first.text("expires_days")
        days = ALERT_DAYS if self.kind == "alert" else LIVES_DAYS
        if typed:
            days = whole_number(typed)
            if not 0 < days < 730:
                raise _fault(self.first, "expiry_range", "expires_days")
        expires_at_ms = now_ms + days * DAY_MS - _MINUTE_MS
        reply_by_ms = 0
        if self.first.text("reply_by"):
            try:
                reply_by_ms = moment_ms(self.first.text("reply_by"))
            except ArgumentError:
                raise _fault(self.first, "argument_invalid", "reply_by") from None
        return {"reply_by_ms": reply_by_ms, "expires_at_ms": expires_at_ms}

    def _reasons(self, paths: list[str]) -> dict[str, str]:
        """Return the reasons that are asked for; what is kept of others does not go."""
        reasons = {name: self.second.text(name) for name in REASONS}
        if not sensitive_paths(paths):
            reasons["sensitive_reason"] = ""
        if self.kind != "alert":
            reasons["at_once_reason"] = ""
        return reasons

    async def look(self) -> Answer:
        """Return what each peer would see, and refuse at the fields what may not go.

        `unmet` has the view of those to whom it may not go yet, with the rules.
        """
        shown: Answer = {"previews": [], "refused": [], "unmet": []}
        try:
            arguments = self.arguments()
            try:
                shown |= await self.visit.command("referral.previews", **arguments)
            except (NodeError, PolicyRefusal) as error:
                shown["unmet"] = await self._unmet(arguments, error)
                shown["refused"] = refuse_together(self.second, shown["unmet"])
            else:
                if shown["refused"]:
                    unmet = await self.visit.command("referral.unmet", **arguments)
                    shown["unmet"] = [each for each in unmet["shown"] if each["rules"]]
        except (NodeError, PolicyRefusal) as error:
            if not self.first.faults and not self.second.faults:
                self.second.refuse_for(error)
                put_at_field(self.second)
        # What stands on the first page is told on the second one too.
        for name, code in self.first.faults.items():
            self.second.refuse(code, name, self.first.sentences.get(name, ""))
        return shown

    async def _unmet(self, arguments: Answer, error: NodeError | PolicyRefusal) -> list[Answer]:
        """Return the rules against each peer; refuse as the preview did when there are none."""
        unmet = await self.visit.command("referral.unmet", **arguments)
        shown: list[Answer] = unmet["shown"]
        if not all(each["rules"] for each in shown):
            raise error
        return shown

    def change_group(self, groups: list[TickGroup], wish: str) -> None:
        """Tick or untick a whole group, as the page without scripts asks for it."""
        values = {**self.second.values, "has_chosen": ["yes"]}
        values["field"] = changed_ticks(groups, wish)
        self.second.values = values


async def chosen(visit: Visit, *, first: Form | None = None, second: Form | None = None) -> Chosen:
    """Return what was chosen so far."""
    case_id = visit.part("case")
    return Chosen(
        visit,
        first or await kept_form(visit, first_page(case_id)),
        second or await kept_form(visit, second_page(case_id)),
    )


async def keep_first(visit: Visit, case_id: str, form: Form) -> None:
    """Keep what stands on the first page."""
    await keep_fields(visit, first_page(case_id), _pairs(form, FIRST))


async def keep_second(visit: Visit, case_id: str, form: Form) -> None:
    """Keep what stands on the second page."""
    await keep_fields(visit, second_page(case_id), _pairs(form, SECOND))


async def drop(visit: Visit, case_id: str) -> None:
    """Forget what was chosen: it was sent."""
    user_id = visit.visitor.user_id

    def job(db: Transaction) -> None:
        for page in pages_of(first_page(case_id)):
            users.drop_draft(db, user_id, page)

    await visit.core.store.write(job)


def first_page(case_id: str) -> str:
    """Return the address of "who and what"."""
    return f"{REFERRING[0]}{case_id}"


def second_page(case_id: str) -> str:
    """Return the address of "what to share"."""
    return f"{REFERRING[1]}{case_id}"


def moment_ms(text: str) -> int:
    """Return the time of a field, in the time zone of the node.

    Raises:
        ArgumentError: it is none.
    """
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise ArgumentError("argument_invalid", "this is no time") from error


def _pairs(form: Form, names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, value) for name in names for value in form.texts(name)]


def _fault(form: Form, code: str, name: str) -> ArgumentError:
    form.refuse(code, name)
    return ArgumentError(code, "a field of the form cannot be used")
