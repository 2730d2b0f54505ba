"""The policy as a table, its boundaries, and what holds for all of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.members import TransferRegime
from protocol.errors import PolicyRefusal
from protocol.pb.homeward.v1.message_pb2 import LegalBasis
from protocol.transfer import (
    TransferBasis,
    is_agreement_ended,
    is_for_others,
    transfer_basis,
    utc_date,
)
from protocol.vocabulary import VOCABULARIES

TODAY = datetime.date(2027, 1, 15)
DAY = datetime.timedelta(days=1)
DATES = {"-": None, "before": TODAY - DAY, "today": TODAY, "after": TODAY + DAY}
DEROGATIONS = tuple(VOCABULARIES["art49_derogation"].codes)
ART6 = tuple(VOCABULARIES["art6_basis"].codes)

# Columns: what the record says, then what becomes of a referral that says this.
SAID = (
    {"art6_basis": "public_task"},
    {"art6_basis": "public_task", "art49_derogation": "public_interest"},
    {"art6_basis": "public_task", "art49_derogation": "vital_interests"},
    {"art6_basis": "vital_interests"},
    {"art6_basis": "vital_interests", "art49_derogation": "public_interest"},
)
TABLE = """
EEA       -       -       eea         not_needed  not_needed  eea         not_needed
EEA       -       today   eea         not_needed  not_needed  eea         not_needed
EEA       -       after   eea         not_needed  not_needed  eea         not_needed
EEA       -       before  ended       ended       ended       eea         not_needed

ADEQUACY  -       -       adequacy    not_needed  not_needed  adequacy    not_needed
ADEQUACY  -       today   adequacy    not_needed  not_needed  adequacy    not_needed
ADEQUACY  -       after   adequacy    not_needed  not_needed  adequacy    not_needed
ADEQUACY  -       before  ended       ended       ended       adequacy    not_needed
ADEQUACY  after   -       adequacy    not_needed  not_needed  adequacy    not_needed
ADEQUACY  after   today   adequacy    not_needed  not_needed  adequacy    not_needed
ADEQUACY  after   after   adequacy    not_needed  not_needed  adequacy    not_needed
ADEQUACY  after   before  ended       ended       ended       adequacy    not_needed
ADEQUACY  today   -       adequacy    not_needed  not_needed  adequacy    not_needed
ADEQUACY  today   today   adequacy    not_needed  not_needed  adequacy    not_needed
ADEQUACY  today   after   adequacy    not_needed  not_needed  adequacy    not_needed
ADEQUACY  today   before  ended       ended       ended       adequacy    not_needed
ADEQUACY  before  -       needed      derogation  derogation  needed      derogation
ADEQUACY  before  today   safeguards  not_needed  not_needed  safeguards  not_needed
ADEQUACY  before  after   safeguards  not_needed  not_needed  safeguards  not_needed
ADEQUACY  before  before  ended       ended       derogation  needed      derogation

OTHER     -       -       needed      derogation  derogation  needed      derogation
OTHER     -       today   safeguards  not_needed  not_needed  safeguards  not_needed
OTHER     -       after   safeguards  not_needed  not_needed  safeguards  not_needed
OTHER     -       before  ended       ended       derogation  needed      derogation
"""
SHORT = {
    "needed": "derogation_needed",
    "not_needed": "derogation_not_needed",
    "ended": "agreement_ended",
}
ROWS = [line.split() for line in TABLE.splitlines() if line]


@dataclass(frozen=True)
class Record:
    """What the policy reads of a member's record."""

    transfer_regime: int
    adequacy_until: datetime.date | None = None
    agreement_until: datetime.date | None = None


def outcome(record: Record, said: dict[str, str], today: datetime.date = TODAY) -> str:
    """Return the ground, or the rule that refuses."""
    try:
        return transfer_basis(record, LegalBasis(**said), today=today).value
    except PolicyRefusal as refusal:
        return refusal.rule


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:3]))
def test_the_table(row: list[str]) -> None:
    regime, adequacy, agreement, *expected = row
    record = Record(TransferRegime[regime], DATES[adequacy], DATES[agreement])
    assert [outcome(record, said) for said in SAID] == [SHORT.get(e, e) for e in expected]
    assert is_agreement_ended(record, TODAY) is (agreement == "before")


def test_the_table_is_whole() -> None:
    assert len(ROWS) == 4 + 4 * 4 + 4
    assert {cell for row in ROWS for cell in row[3:]} == {*TransferBasis, *SHORT}
    assert all(len(row) == 3 + len(SAID) for row in ROWS)


@pytest.mark.parametrize("code", DEROGATIONS)
def test_every_derogation_of_the_list_is_enough_where_one_is_needed(code: str) -> None:
    said = {"art6_basis": "public_task", "art49_derogation": code}
    assert outcome(Record(TransferRegime.OTHER), said) == "derogation"


@pytest.mark.parametrize("code", ["none", "compelling_interests", " ", "VITAL_INTERESTS"])
@pytest.mark.parametrize("regime", TransferRegime)
def test_a_derogation_that_is_no_code_is_refused_anywhere(
    regime: TransferRegime, code: str
) -> None:
    said = {"art6_basis": "vital_interests", "art49_derogation": code}
    assert outcome(Record(regime, None, TODAY), said) == "unknown_derogation"


def test_what_is_refused_for_want_of_a_derogation_is_told_the_codes() -> None:
    with pytest.raises(PolicyRefusal) as refusal:
        transfer_basis(Record(TransferRegime.OTHER), LegalBasis(), today=TODAY)
    assert "Art. 49(1)" in refusal.value.sentence
    assert all(code in refusal.value.hint for code in ("--derogation", *DEROGATIONS))


@pytest.mark.parametrize(
    ("at_ms", "day"),
    [
        (0, "1970-01-01"),
        (86_399_999, "1970-01-01"),
        (86_400_000, "1970-01-02"),
        (1_800_057_599_999, "2027-01-15"),
        (1_800_057_600_000, "2027-01-16"),
        (1_835_395_199_999, "2028-02-28"),
        (1_835_395_200_000, "2028-02-29"),
    ],
)
def test_a_time_has_its_day_in_utc(at_ms: int, day: str) -> None:
    assert utc_date(at_ms).isoformat() == day


# --- what holds for all members and all referrals

days = st.dates(TODAY - 400 * DAY, TODAY + 400 * DAY)
before_today = st.dates(TODAY - 400 * DAY, TODAY - DAY)
regimes = st.sampled_from(TransferRegime)
records = st.builds(Record, regimes, st.none() | days, st.none() | days)
derogations = st.sampled_from(("", *DEROGATIONS))
bases = st.sampled_from(("", *ART6))
sayings = st.fixed_dictionaries({"art6_basis": bases, "art49_derogation": derogations})


@given(st.none() | days, st.none() | before_today, bases)
def test_without_agreement_and_derogation_nothing_goes_outside(adequacy, agreement, art6) -> None:
    record = Record(TransferRegime.OTHER, adequacy, agreement)
    assert outcome(record, {"art6_basis": art6}) in {"derogation_needed", "agreement_ended"}


@given(before_today, st.none() | before_today, bases)
def test_after_adequacy_nothing_goes_without_the_same(adequacy, agreement, art6) -> None:
    lapsed = Record(TransferRegime.ADEQUACY, adequacy, agreement)
    assert outcome(lapsed, {"art6_basis": art6}) in {"derogation_needed", "agreement_ended"}


@given(records, sayings, days)
def test_a_refusal_says_what_can_be_done(record, said, today) -> None:
    try:
        transfer_basis(record, LegalBasis(**said), today=today)
    except PolicyRefusal as refusal:
        told = (refusal.rule, refusal.sentence, refusal.hint)
    else:
        told = ("", "", "")
    assert all(told) or not any(told)


@given(records, sayings, days)
def test_a_referral_that_goes_holds_a_derogation_if_that_is_its_ground_and_only_then(
    record, said, today
) -> None:
    basis = outcome(record, said, today)
    if basis in set(TransferBasis):
        assert (basis == "derogation") is bool(said["art49_derogation"])


@given(regimes, st.none() | days, before_today, sayings)
def test_after_the_end_of_an_agreement_only_vital_interests_go(
    regime, adequacy, agreement, said
) -> None:
    ended = Record(regime, adequacy, agreement)
    if "vital_interests" not in said.values():
        assert outcome(ended, said) == "agreement_ended"


@given(records, sayings, days)
def test_there_is_a_way_for_vital_interests_to_every_member(record, said, today) -> None:
    vital = {"art6_basis": "vital_interests"}
    with_derogation = {**vital, "art49_derogation": "vital_interests"}
    tried = [outcome(record, each, today) for each in (vital, with_derogation)]
    assert sum(basis in set(TransferBasis) for basis in tried) == 1


@given(st.sampled_from((TransferRegime.EEA, TransferRegime.OTHER)), records, sayings, days)
def test_adequacy_counts_only_where_the_regime_is_adequacy(regime, record, said, today) -> None:
    with_date = Record(regime, record.adequacy_until, record.agreement_until)
    without = Record(regime, None, record.agreement_until)
    assert outcome(with_date, said, today) == outcome(without, said, today)


@given(records, sayings, days, st.integers().filter(lambda value: value not in set(TransferRegime)))
def test_a_regime_that_nobody_knows_is_the_strictest(record, said, today, number) -> None:
    unknown = Record(number, record.adequacy_until, record.agreement_until)
    other = Record(TransferRegime.OTHER, record.adequacy_until, record.agreement_until)
    assert outcome(unknown, said, today) == outcome(other, said, today)


EEA = Record(TransferRegime.EEA)
ADEQUATE = Record(TransferRegime.ADEQUACY, agreement_until=TODAY + DAY)
OUTSIDE = Record(TransferRegime.OTHER)


@pytest.mark.parametrize(
    ("recipient", "among", "expected"),
    [
        (EEA, (EEA, OUTSIDE), True),
        (ADEQUATE, (OUTSIDE,), True),
        (OUTSIDE, (EEA, OUTSIDE), False),
        (EEA, (EEA, ADEQUATE), False),
        (EEA, (), False),
    ],
)
def test_a_derogation_of_one_choice_is_for_those_who_need_it(
    recipient: Record, among: tuple[Record, ...], expected: bool
) -> None:
    assert is_for_others(recipient, among, today=TODAY) is expected
