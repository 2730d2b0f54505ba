"""A version of a case with all that is made from it: what is found, what ends, what is gone."""

from __future__ import annotations

import datetime

from node.cases.changing import identifiers
from node.finding.indexing import index_case
from node.store import cases
from node.store.cases import CaseRow
from node.store.db import Transaction
from protocol.pb.homeward.v1 import case_pb2


def keep_version(db: Transaction, row: CaseRow, case: case_pb2.Case) -> None:
    """Insert a version; it is the newest one."""
    cases.add(db, row)
    before = cases.version(db, row.case_id, row.version - 1)
    if before is not None:
        gone = identifiers(case_pb2.Case.FromString(before.body)) - identifiers(case)
        cases.add_gone_ids(db, row.case_id, gone, row.version)
    index_case(db, row.case_id, case)
    days = (_last_day(consent) for consent in case.consents)
    cases.put_consent_ends(db, row.case_id, [day.isoformat() for day in days if day is not None])


def _last_day(consent: case_pb2.Consent) -> datetime.date | None:
    """Return the last day of a consent that counts and has one."""
    expires = consent.expires_on
    if consent.answer != "given" or consent.HasField("withdrawn_on"):
        return None
    try:
        return datetime.date(expires.year, expires.month, expires.day)
    except ValueError:
        return None
