"""Tell every holder of a case: found, closed, cancelled, corrected; all in one transaction.

A notice says what happened, when, about which legs, and who may be told where the child
is: no more of the child than that. A correction carries the corrected fields, each only to
those who had it, by the policy of every disclosure. With the notices the case gets a new
version, and what is still asked of peers is withdrawn. A peer that cannot be written to now
holds up nobody: it is named, and people have to telephone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from node.cases.cases import CaseView
from node.cases.disclosing import Choice, Grounds, compose_notice
from node.cases.holders import NOTICE, Holder, holders_of
from node.erasing.erasing import NOT_TOLD
from node.erasing.retention import NEVER_MS, kept_days, set_end
from node.erasing.versions import add_version, newest
from node.errors import NodeError
from node.exchange.context import Context
from node.exchange.legs import Legs, NewLeg
from node.exchange.viewing import LegView, view_of
from node.store import erasures, messages, origins
from node.store.db import Transaction
from node.store.erasures import EndRow
from node.store.messages import LegRow, MessageRow
from protocol import limits
from protocol.disclosure import disclose, sensitive_paths
from protocol.disclosure.classes import DataClass, data_classes
from protocol.errors import PolicyRefusal
from protocol.exchange.content import Disclosing
from protocol.exchange.leg import ENDS, Side, State
from protocol.ids import LegId, NodeId
from protocol.pb.homeward.v1 import case_pb2, message_pb2

FOUND, CLOSED, CANCELLED, CORRECTED = "found", "closed", "cancelled", "corrected"

_DAY_MS = 24 * 3600 * 1000
_REPLY_MS: Mapping[int, int] = MappingProxyType(
    {1: _DAY_MS, 2: _DAY_MS, 3: 5 * _DAY_MS, 4: 15 * _DAY_MS}
)
_LIFETIME_MS = 365 * _DAY_MS
_TOLD_TO = "child_wishes.whereabouts_may_be_told_to"
_PATHS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        FOUND: ("federated_id", "status", "found_at", _TOLD_TO),
        CLOSED: ("federated_id", "status", "found_at", "closed_at", _TOLD_TO),
        CANCELLED: ("federated_id", "status", "closed_at"),
        CORRECTED: ("federated_id",),
    }
)
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        FOUND: "The child of this case has been found.",
        CLOSED: "This case is closed.",
        CANCELLED: "This case is cancelled.",
        CORRECTED: "Something in this case was wrong and is corrected.",
    }
)
# Why one peer may not be told what another may.
_OF_THE_PEER = frozenset(
    {
        "onward_sharing", "agreement_ended", "derogation_needed", "derogation_not_needed",
        "unknown_derogation",
    }
)  # fmt: skip
# What is about a child who is found or not is over then. Support goes on.
_SEARCHES = frozenset({"alert", "tracing_request", "info_request"})


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is told, and recorded of the case.

    `outcome` is a code or empty; `paths` are the corrected fields; the bases stand in the
    place of those of the earlier referrals; `happened_at_ms` is when the child was found.
    """

    notice: str
    outcome: str = ""
    happened_at_ms: int = 0
    told_to: tuple[str, ...] = ()
    text: str = ""
    language: str = "en"
    paths: tuple[str, ...] = ()
    art6_basis: str = ""
    art9_condition: str = ""
    art10_basis: str = ""


@dataclass(slots=True)
class Telling:
    """What telling it came to."""

    told: list[tuple[NodeId, LegId]] = field(default_factory=list)
    not_told: list[tuple[NodeId, str]] = field(default_factory=list)
    """Peers that could not be written to, and why: by telephone."""
    withdrawn: list[tuple[NodeId, LegId]] = field(default_factory=list)
    kept_until_ms: int | None = None

    @property
    def peers(self) -> set[NodeId]:
        """Those to whom something goes now."""
        return {peer for peer, _ in (*self.told, *self.withdrawn)}


class Notices:
    """What this node tells the holders of its cases."""

    def __init__(self, context: Context, legs: Legs, retention_days: Mapping[str, int]) -> None:
        """Use the context's store; `retention_days` are the node's own times."""
        self._context = context
        self._legs = legs
        self._retention_days = retention_days

    async def tell(self, case_id: str, news: News, *, made_by: str) -> Telling:
        """Record what happened, withdraw what is over by it, and tell every holder.

        Raises:
            NodeError: unknown_case; nothing was changed.
            PolicyRefusal: a corrected field is sensitive, never leaves, or is none; a rule
                is not met. What another peer told holds up only those to whom it may not go.
        """
        if news.notice == CORRECTED:
            _check_corrected(news.paths)

        def job(db: Transaction) -> Telling:
            telling = Telling()
            row, case = newest(db, case_id)
            if news.notice != CORRECTED:
                telling.kept_until_ms = self._record(db, case, news)
                add_version(db, self._context, case, made_by=made_by, reason=_reason(news))
            # That a child is found, and who may know where, is for every holder, whoever told.
            told = origins.of_case(db, case_id) if news.notice == CORRECTED else ()
            view = CaseView(row, case, (), tuple(told))
            rows = messages.of_case(db, case_id)
            self._withdraw(db, case_id, news, telling, made_by)
            for holder in holders_of(rows):
                self._tell_one(db, _Known(view, news, holder, rows), telling, made_by)
            return telling

        return await self._context.store.write(job)

    def _record(self, db: Transaction, case: case_pb2.Case, news: News) -> int | None:
        """Write what happened into the case; return until when it is kept, if it ended."""
        now_ms = self._context.clock.now_ms()
        outcome = news.outcome or _known_outcome(db, case.federated_id)
        if news.told_to:
            _set_told_to(case, news.told_to)
        if news.notice == FOUND:
            case.status = "found_open"
            case.found_at.CopyFrom(_moment(news.happened_at_ms or now_ms))
            row = EndRow(
                case_id=case.federated_id,
                outcome=outcome,
                ended_at_ms=now_ms,
                kept_until_ms=NEVER_MS,
            )
            erasures.put_end(db, row)
            return None
        case.status = "closed"
        case.closed_at.CopyFrom(_moment(now_ms))
        days, basis = kept_days(case.category, outcome, self._retention_days)
        until_ms = set_end(case, ended_at_ms=now_ms, days=days, basis=basis)
        row = EndRow(
            case_id=case.federated_id, outcome=outcome, ended_at_ms=now_ms, kept_until_ms=until_ms
        )
        erasures.put_end(db, row)
        return until_ms

    def _withdraw(
        self, db: Transaction, case_id: str, news: News, telling: Telling, made_by: str
    ) -> None:
        """Withdraw what is still asked of peers and is over by the news."""
        if news.notice == CORRECTED:
            return
        reason = "found" if news.notice == FOUND else "no_longer_needed"
        for view in self._views(db, case_id):
            if not _is_over(view, news.notice):
                continue
            withdraw = message_pb2.Withdraw(reason=reason)
            try:
                self._legs.step_in(db, view.row.leg_id, withdraw, made_by=made_by)
            except NodeError as error:
                if error.code not in NOT_TOLD:
                    raise
                continue
            telling.withdrawn.append((view.row.peer, view.row.leg_id))

    def _tell_one(self, db: Transaction, known: _Known, telling: Telling, made_by: str) -> None:
        peer = known.holder.peer
        try:
            referral = self._notice(known)
            if referral is None:
                return
            new = NewLeg(peer, referral, known.view.row.case_id)
            telling.told.append((peer, self._legs.open_in(db, new, made_by=made_by)))
        except PolicyRefusal as refusal:
            if refusal.rule not in _OF_THE_PEER:
                raise
            telling.not_told.append((peer, refusal.rule))
        except NodeError as error:
            if error.code not in NOT_TOLD:
                raise
            telling.not_told.append((peer, error.code))

    def _notice(self, known: _Known) -> message_pb2.Referral | None:
        """Return the notice for one holder; None if it is none of its business."""
        view, news = known.view, known.news
        paths = _PATHS[news.notice]
        if news.notice == CORRECTED:
            corrected = [own for path in news.paths for own in _had(known.holder, path)]
            if not corrected or not known.holder.has_copy:
                return None
            paths = tuple(dict.fromkeys((*paths, *corrected)))
        now_ms = self._context.clock.now_ms()
        choice = Choice(
            kind=NOTICE,
            urgency=known.urgency,
            ask=news.text or _WORDS[news.notice],
            language=news.language if news.text else "en",
            grounds=known.grounds(data_classes(disclose(view.case, paths))),
            paths=paths,
            reply_by_ms=now_ms + _REPLY_MS[known.urgency],
            expires_at_ms=now_ms + _LIFETIME_MS,
        )
        referral = compose_notice(
            view, choice, notice=news.notice, peer=known.holder.peer, now_ms=now_ms
        )
        referral.about_leg_ids.extend(holding.leg_id for holding in known.holder.holdings)
        return referral

    def _views(self, db: Transaction, case_id: str) -> list[LegView]:
        now_ms = self._context.clock.now_ms()
        return [
            view_of(leg, messages.of_leg(db, leg.leg_id), now_ms)
            for leg in messages.legs_of_case(db, case_id)
        ]


@dataclass(frozen=True, slots=True)
class _Known:
    """A holder, what it is told of the case, and all messages, in which its own are found."""

    view: CaseView
    news: News
    holder: Holder
    rows: Sequence[tuple[LegRow, MessageRow]]

    @property
    def urgency(self) -> int:
        """As urgent as the most urgent that it was asked."""
        return min((leg.urgency for leg, _ in self._own()), default=3)

    def grounds(self, classes: Collection[DataClass]) -> Grounds:
        """Return on which ground it is told: that of what it was last sent.

        Nobody consented to a notice: what rested on consent is told in the legitimate
        interest that a child is not looked for who is found; a correction is an obligation
        (GDPR Art. 19). A condition of Art. 9 or 10 goes with such data alone.
        """
        news, basis = self.news, self._last_basis()
        art6 = news.art6_basis or basis.art6_basis
        if news.notice == CORRECTED and not news.art6_basis:
            art6 = "legal_obligation"
        elif not news.art6_basis and art6 in ("", "consent"):
            art6 = "legitimate_interests"
        derogation = basis.art49_derogation
        art9 = basis.art9_condition if DataClass.SPECIAL in classes else ""
        art10 = basis.art10_basis if DataClass.OFFENCE in classes else ""
        return Grounds(
            purpose="inform_holders",
            art6_basis=art6,
            police_informed=basis.police_informed or "unknown",
            art9_condition=news.art9_condition or art9,
            art10_basis=news.art10_basis or art10,
            art49_derogation="" if derogation == "explicit_consent" else derogation,
        )

    def _last_basis(self) -> message_pb2.LegalBasis:
        """Return the basis of the last part of the case that it was sent; notices are no part."""
        basis = message_pb2.LegalBasis()
        for leg, row in self._own():
            if leg.kind == NOTICE or row.direction != messages.OUT:
                continue
            step = getattr(message_pb2.Message.FromString(row.payload), row.name)
            if isinstance(step, Disclosing) and step.HasField("legal_basis"):
                basis = step.legal_basis
        return basis

    def _own(self) -> Iterator[tuple[LegRow, MessageRow]]:
        return (pair for pair in self.rows if pair[0].peer == self.holder.peer)


def _is_over(view: LegView, notice: str) -> bool:
    if view.side is not Side.SENDER or view.row.kind == NOTICE or "withdraw" not in view.allowed:
        return False
    # What the recipient has found is confirmed by people, or disputed.
    if view.state is State.OUTCOME_REPORTED:
        return False
    if notice == FOUND:
        return view.row.kind in _SEARCHES
    return view.state not in ENDS or view.row.kind in _SEARCHES


def _check_corrected(paths: Sequence[str]) -> None:
    if not paths:
        raise PolicyRefusal("field_missing", "a correction says which fields are corrected")
    sensitive = sensitive_paths(paths)
    if sensitive:
        raise PolicyRefusal(
            "second_person_needed",
            f"{sensitive[0]} is sensitive: correct it by a note on each referral, "
            "which a second person approves",
        )


def _had(holder: Holder, path: str) -> Iterator[str]:
    """Yield what of a corrected field or group was chosen for a holder: no more goes there."""
    if any(path == had or path.startswith(f"{had}.") for had in holder.mask):
        yield path
        return
    for had in holder.mask:
        # What was sent with a second person's word is corrected by a note, likewise.
        if had.startswith(f"{path}.") and not sensitive_paths([had]):
            yield had


def _known_outcome(db: Transaction, case_id: str) -> str:
    ends = [row for row in erasures.ends(db, NEVER_MS) if row.case_id == case_id]
    return ends[0].outcome if ends else ""


def _set_told_to(case: case_pb2.Case, told_to: Sequence[str]) -> None:
    """Record the rule for every child of the case; the rest of its wishes stays."""
    wishes = {each.child_id: each for each in case.child_wishes}
    for child_id in [child.id for child in case.children] or [""]:
        own = wishes.get(child_id) or case.child_wishes.add(child_id=child_id)
        del own.whereabouts_may_be_told_to[:]
        own.whereabouts_may_be_told_to.extend(told_to)


def _moment(at_ms: int) -> case_pb2.Moment:
    return case_pb2.Moment(at_ms=at_ms, precision="minute")


def _reason(news: News) -> str:
    """Return why there is a new version: codes, and what a person wrote."""
    codes = " ".join(filter(None, (news.notice, news.outcome)))
    return f"{codes}: {news.text}"[: limits.REASON_CHARACTERS] if news.text else codes
