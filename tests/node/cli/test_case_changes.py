"""`case change` over a real home: files, photos, stdin; what is refused changes nothing."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from tests.support.commands import homeward


def told(*arguments: str) -> dict:
    result = homeward(*arguments, "--json")
    assert result.code == 0, result.errors
    answer: dict = json.loads(result.out)
    return answer


def photo() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (32, 24), "red").save(data, "JPEG")
    return data.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that says that it has 3.6 thousand million pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IEND\xaeB`\x82"


@pytest.fixture
def case_id(home: str) -> str:
    answer = told("case", "add", "--home", home, "--given-name", "Testina", "--reason", "a call")
    return str(answer["case_id"])


def test_a_case_is_printed_edited_and_taken_back(home: str, case_id: str, tmp_path: Path) -> None:
    printed = homeward("case", "show", case_id, "--home", home, "--editable")
    case = json.loads(printed.out)
    case["children"][0]["names"].append({"full": "Тестина", "script": "Cyrl"})
    case["children"].append({"id": "c2", "names": [{"full": "\u202eTestino"}]})
    case["childCount"] = 2
    path = tmp_path / "case.json"
    path.write_text(json.dumps(case), encoding="utf-8")
    change = ("case", "change", case_id, "--home", home, "--file", str(path), "--reason", "names")
    assert told(*change, "--version", "1") == {"case_id": case_id, "version": 2, "files": []}
    answer = told("case", "show", case_id, "--home", home)
    assert (answer["version"], answer["case"]) == (2, case)
    # Kept as it was written; shown so that it cannot turn the line around.
    shown = homeward("case", "show", case_id, "--home", home).out
    assert "Тестина" in shown
    assert "<U+202E>Testino" in shown
    # The same file again: somebody was faster.
    again = homeward(*change, "--version", "1")
    assert again.code == 1
    assert "somebody changed the case meanwhile" in again.errors


def test_changes_are_read_from_stdin(
    home: str, case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("status=open\n\nchildren[c1].sex=female\n"))
    told("case", "change", case_id, "--home", home, "--set", "-", "--reason", "a call")
    case = told("case", "show", case_id, "--home", home)["case"]
    assert (case["status"], case["children"][0]["sex"]) == ("open", "female")


def test_a_photo_comes_with_a_change(home: str, case_id: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo())
    answer = told(
        "case", "change", case_id, "--home", home, "--photo", str(path), "--reason", "a photo"
    )
    assert answer["files"] == ["f1"]
    (file,) = told("case", "show", case_id, "--home", home)["case"]["files"]
    assert (file["kind"], file["mediaType"], file["metadataRemoved"]) == (
        "photo",
        "image/jpeg",
        "yes",
    )


@pytest.mark.parametrize(
    "bad",
    [
        (b"no photo at all", "photo_kind_refused"),
        (bomb(), "photo_too_large"),
        (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(400), "photo_unreadable"),
    ],
)
@pytest.mark.parametrize("command", ["add", "change"])
def test_a_file_that_is_no_photo_changes_nothing(
    home: str, case_id: str, tmp_path: Path, command: str, bad: tuple[bytes, str]
) -> None:
    path, (data, code) = tmp_path / "photo.jpg", bad
    path.write_bytes(data)
    asked = {"add": ("--given-name", "Inventio"), "change": (case_id, "--set", "status=open")}
    result = homeward(
        "case", command, *asked[command], "--home", home, "--photo", str(path), "--reason", "x",
        "--json",
    )  # fmt: skip
    assert result.code == 1
    assert json.loads(result.out)["error"]["code"] == code
    (case,) = told("case", "list", "--home", home)["cases"]
    assert (case["case_id"], case["version"]) == (case_id, 1)
    assert [path for path in (Path(home) / "blobs").rglob("*") if path.is_file()] == []
