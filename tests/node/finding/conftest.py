"""A store with cases in it, each indexed as its version is inserted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.finding.finding import Finding
from node.finding.indexing import index_case
from node.store import cases
from node.store.cases import CaseRow
from node.store.db import Store
from protocol.pb.homeward.v1 import case_pb2
from tests.support.nodes import inline

TABLES = ("people", "words", "keys", "uses", "numbers")


class Shelf:
    """Cases in a store, and what finds them."""

    def __init__(self, path: Path) -> None:
        self.store = Store(path, bytes(32), run_writes=inline, run_reads=inline)
        self.finding = Finding(self.store)

    async def put(self, case: case_pb2.Case, version: int = 1) -> str:
        row = CaseRow(
            case_id=case.federated_id, version=version, body=case.SerializeToString(),
            made_at_ms=version, made_by="a", reason="",
        )  # fmt: skip

        def job(db) -> None:
            cases.add(db, row)
            index_case(db, case.federated_id, case)

        await self.store.write(job)
        return case.federated_id

    async def erase(self, case_id: str) -> None:
        await self.store.write(
            lambda db: db.execute("DELETE FROM case_versions WHERE case_id = ?", [case_id])
        )

    async def found(self, query: str) -> list[str]:
        """Return the parts after the slash of the cases that are found."""
        return [hit.case_id.partition("/")[2] for hit in await self.finding.find(query)]

    def counts(self) -> dict[str, int]:
        """Return how many rows the index has."""
        return {
            name: self.store._writer.execute(f"SELECT count(*) FROM finding_{name}").fetchone()[0]
            for name in TABLES
        }


def child_case(case_id: str, given: str, family: str = "", **fields) -> case_pb2.Case:
    """Return a case of one child."""
    case = case_pb2.Case(federated_id=f"be.example/{case_id}")
    case.children.add(id="c1", **fields).names.add(given=given, family=family)
    return case


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    shelf = Shelf(tmp_path / "node.db")
    yield shelf
    await shelf.store.close()
