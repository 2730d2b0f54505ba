"""The index goes with the case versions: made in their transaction, gone with them."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from node.errors import StoreError
from node.finding import indexing
from node.finding.indexing import decode_names, index_case, word_keys, word_of_row
from node.finding.names import Place, parse_name
from node.store import finding as store_finding
from node.store.cases import CaseRow, add
from protocol.pb.homeward.v1 import case_pb2
from tests.node.finding.conftest import TABLES, Shelf, child_case
from tests.support.cases import belgian_case

NOTHING = dict.fromkeys(TABLES, 0)


def all_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_a_new_version_is_found_and_the_old_one_is_not(shelf: Shelf) -> None:
    await shelf.put(child_case("1", "Testina", "Fictiva"))
    await shelf.put(child_case("1", "Probina", "Fictiva"), version=2)
    assert await shelf.found("Probina Fictiva") == ["1"]
    assert await shelf.found("Testina") == []


async def test_an_erased_case_leaves_nothing_in_the_index(shelf: Shelf) -> None:
    case_id = await shelf.put(belgian_case())
    assert all(shelf.counts().values())
    await shelf.erase(case_id)
    assert shelf.counts() == NOTHING


async def test_a_word_stays_while_somebody_has_it(shelf: Shelf) -> None:
    await shelf.put(child_case("1", "Testina", "Fictiva"))
    await shelf.put(child_case("2", "Testina", "Inventova"))
    await shelf.erase("be.example/1")
    words = {row[0] for row in shelf.store._writer.execute("SELECT latin FROM finding_words")}
    assert "testina" in words
    assert "fictiva" not in words
    assert await shelf.found("Testina Inventova") == ["2"]


async def test_a_version_that_is_not_kept_is_not_indexed(shelf: Shelf) -> None:
    case = child_case("1", "Testina", "Fictiva")

    def job(db) -> None:
        add(
            db,
            CaseRow(
                case_id=case.federated_id, version=1, body=b"", made_at_ms=1, made_by="", reason=""
            ),
        )
        index_case(db, case.federated_id, case)
        raise RuntimeError("something else goes wrong")

    with pytest.raises(RuntimeError):
        await shelf.store.write(job)
    assert shelf.counts() == NOTHING


async def test_a_case_without_a_version_is_refused(shelf: Shelf) -> None:
    case = child_case("1", "Testina")
    with pytest.raises(ValueError, match="after its version"):
        await shelf.store.write(lambda db: index_case(db, case.federated_id, case))
    assert shelf.counts() == NOTHING


async def test_an_index_of_other_rules_is_made_again(shelf: Shelf, monkeypatch) -> None:
    for number in range(7):
        await shelf.put(child_case(str(number), "Testina", f"Fictiva{'aeiou'[number % 5]}"))
    before = shelf.counts()
    await shelf.store.write(lambda db: db.execute("DELETE FROM finding_people"))
    assert shelf.counts() == NOTHING
    monkeypatch.setattr("node.finding.limits.CASES_PER_REBUILD", 2)
    monkeypatch.setattr("node.finding.finding.RULES", indexing.RULES + 1)
    assert len(await shelf.found("Testina")) == 7
    assert shelf.counts() == before
    assert await shelf.store.read(store_finding.rules) == indexing.RULES + 1


async def test_nothing_of_the_index_can_be_read_on_the_disk(shelf: Shelf, tmp_path: Path) -> None:
    await shelf.put(child_case("1", "Testina", "Fictiva"))
    await shelf.store.write(lambda db: None)
    assert b"estina" not in all_bytes(tmp_path)
    with pytest.raises(sqlcipher.DatabaseError):
        sqlcipher.connect(str(tmp_path / "node.db")).execute("SELECT * FROM finding_words")


async def test_a_word_comes_back_as_it_went_in(shelf: Shelf) -> None:
    case = case_pb2.Case(federated_id="be.example/1")
    name = case.children.add().names.add(given="Саша Анна-Мария", patronymic="Иванович")
    name.family, name.second_family = "van den Berg", "Щербаков"
    await shelf.put(case)
    (row,) = store_finding.people(shelf.store._reader, [2])
    (decoded,) = decode_names(row.names)
    assert decoded.places == (*[Place.GIVEN] * 3, Place.PATRONYMIC, *[Place.FAMILY] * 2)
    assert len(decoded.joins) == 3
    (sasha,) = store_finding.words_by_beginning(shelf.store._reader, "sasha", 9)[:1]
    (word,) = parse_name("Саша").words
    assert word_of_row(sasha) == word
    assert word_keys(word)


async def test_a_person_without_a_case_is_refused(shelf: Shelf) -> None:
    row = store_finding.PersonRow(
        case_id="nowhere", version=1, part="child", place="", names="", born="", sex=""
    )
    with pytest.raises(StoreError):
        await shelf.store.write(lambda db: store_finding.add_person(db, row))
    assert shelf.counts() == NOTHING
