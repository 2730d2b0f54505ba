"""The process that lays out PDFs: what it makes, what it refuses, what it cannot reach."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from node.errors import NodeError
from node.forms import pdf
from node.forms.pdf import Part, PdfLimits, make_pdf

WORKER = Path(pdf.__file__).with_name("pdf_worker.py")


def page(body: str, head: str = "") -> str:
    return f'<html lang="el"><head><title>Τίτλος</title>{head}</head><body>{body}</body></html>'


def text_of(data: bytes) -> str:
    from pypdf import PdfReader

    return " ".join(each.extract_text() for each in PdfReader(io.BytesIO(data)).pages)


def jpeg(size: tuple[int, int] = (40, 30)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(made, "JPEG")
    return made.getvalue()


@pytest.mark.usefixtures("with_pdf")
def test_a_page_becomes_a_tagged_pdf_with_its_pictures_and_styles() -> None:
    from pypdf import PdfReader

    parts = {
        "f1": Part("image/jpeg", jpeg()),
        "small.css": Part("text/css", b"@page { size: A5 }"),
    }
    head = '<link rel="stylesheet" href="paper:small.css">'
    made = make_pdf(page('<h1>Ωμέγα Їжак</h1><img src="paper:f1" alt="x">', head), parts)
    document = PdfReader(io.BytesIO(made))
    assert "Ωμέγα Їжак" in text_of(made)
    assert document.metadata.title == "Τίτλος"
    assert document.trailer["/Root"]["/Lang"] == "el"
    assert round(document.pages[0].mediabox.width) == 420
    assert len(document.pages[0].images) == 1


@pytest.mark.usefixtures("with_pdf")
async def test_nothing_is_fetched_from_anywhere(tmp_path: Path) -> None:
    asked: list[str] = []
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="20">Secret</text></svg>')

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
    head = (
        f'<link rel="stylesheet" href="{address}.css"><style>@import "{address}";'
        f"h1 {{ background: url({address}) }}</style>"
    )
    body = (
        f'<h1>Here</h1><img src="{address}.png" alt="x"><object data="{address}"></object>'
        f'<img src="{secret.as_uri()}" alt="x"><embed src="{address}"><img src="x.png" alt="x">'
        f'<svg><image href="{address}"/><use href="{address}#a"/></svg>'
        '<img src="data:image/svg+xml,&lt;svg/&gt;" alt="x"><a rel="attachment" '
        f'href="{secret.as_uri()}">x</a>'
    )
    async with server:
        made = await asyncio.to_thread(make_pdf, page(body, head), {})
    assert asked == []
    assert "Here" in text_of(made)
    assert "Secret" not in text_of(made)
    assert b"EmbeddedFile" not in made


@pytest.mark.parametrize(
    "act",
    [
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "open('new', 'w')",
        "import os; os.open('new', os.O_CREAT | os.O_WRONLY)",
    ],
)
def test_the_process_can_reach_and_write_nothing(tmp_path: Path, act: str) -> None:
    """What would run in it, if a document could make something run."""
    script = (
        "import importlib.util, sys; "
        f"spec = importlib.util.spec_from_file_location('worker', {str(WORKER)!r}); "
        "worker = importlib.util.module_from_spec(spec); spec.loader.exec_module(worker); "
        "sys.addaudithook(worker._refuse)\n"
        f"try:\n    {act}\nexcept BaseException:\n    pass\nprint('went on')"
    )
    command = [sys.executable, "-I", "-c", script]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=30)
    assert ended.returncode == 3, ended
    assert ended.stdout == b""
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("with_pdf")
@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (PdfLimits(cpu_seconds=1), "pdf_timeout"),
        (PdfLimits(wall_seconds=0.05), "pdf_timeout"),
        (PdfLimits(output_bytes=100), "pdf_failed"),
    ],
)
def test_what_costs_too_much_is_ended(limits: PdfLimits, code: str) -> None:
    many = "<p>words and more words</p>" * (3000 if limits.cpu_seconds == 1 else 1)
    with pytest.raises(NodeError) as caught:
        make_pdf(page(many), {}, limits=limits)
    assert caught.value.code == code


@pytest.mark.usefixtures("with_pdf")
def test_what_cannot_be_read_is_one_sentence_without_the_document() -> None:
    command = [sys.executable, "-I", str(WORKER), str(1 << 30), "20"]
    broken = json.dumps({"html": "Secret", "parts": {"f1": {"data": "%", "media_type": "x"}}})
    ended = subprocess.run(
        command, input=broken[:-3].encode(), capture_output=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, b"", b"")


def test_a_machine_without_the_package_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "find_spec", lambda _name: None)
    pdf.readiness.cache_clear()
    assert pdf.readiness() is pdf.Readiness.NO_PACKAGE
    pdf.readiness.cache_clear()
    # -S: an interpreter that knows nothing of what is installed.
    command = [sys.executable, "-I", "-S", str(WORKER), str(1 << 30), "20"]
    ended = subprocess.run(command, input=b"", capture_output=True, check=False, timeout=60)
    assert ended.returncode == 4
