"""A page of HTML as PDF, laid out by a child process; the extra `pdf` brings what it needs.

What is laid out holds a case, and texts that peers and strangers wrote. So the layout is
done in a process of its own with limits (`node.forms.pdf_worker`), which gets the document
and all that it refers to, and can fetch, write and call nothing. WeasyPrint is never loaded
here; a node without it works, and offers the print view alone.

The PDF is tagged (PDF/UA-1), so that screen readers can read it. Its language and title are
those of the HTML; nothing else stands in its metadata.

Blocks for a second or two: call it from a worker thread.
"""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from node.errors import NodeError
from protocol.limits import MIB

MEDIA_TYPE: Final = "application/pdf"
SCHEME: Final = "paper:"
"""How the HTML names what is handed over with it: "paper:f1"."""

_WORKER: Final = Path(__file__).with_name("pdf_worker.py")
# As in pdf_worker.py.
_NO_PACKAGE, _NO_LIBRARY = 4, 5


class Readiness(StrEnum):
    """Whether this machine can make a PDF, or what it lacks."""

    READY = "ready"
    NO_PACKAGE = "no_package"
    NO_LIBRARY = "no_library"


WORDS: Final[Mapping[Readiness, tuple[str, str]]] = {
    Readiness.READY: ("pdf can be made here", ""),
    Readiness.NO_PACKAGE: (
        "no pdf can be made here: the extra `pdf` is not installed",
        "install requirements/pdf.txt, as deploy/README.md says",
    ),
    Readiness.NO_LIBRARY: (
        "no pdf can be made here: pango or its fonts are not installed",
        "deploy/README.md names the packages",
    ),
}
"""What is said of each, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfLimits:
    """How much one PDF may cost."""

    # Address space; a dossier with photos of 2048 pixels takes less than half of it.
    memory_bytes: int = 640 * MIB
    cpu_seconds: int = 30
    wall_seconds: float = 60.0
    output_bytes: int = 32 * MIB


@dataclass(frozen=True, slots=True)
class Part:
    """Something that the HTML refers to: a picture or a style sheet."""

    media_type: str
    data: bytes


DEFAULT_LIMITS: Final = PdfLimits()


@cache
def readiness() -> Readiness:
    """Return whether PDFs can be made; the first call starts a process to find out."""
    if find_spec("weasyprint") is None:
        return Readiness.NO_PACKAGE
    ended = _run(b"", DEFAULT_LIMITS)
    if ended.returncode == _NO_PACKAGE:
        return Readiness.NO_PACKAGE
    return Readiness.READY if ended.returncode == 0 else Readiness.NO_LIBRARY


def make_pdf(html: str, parts: Mapping[str, Part], *, limits: PdfLimits = DEFAULT_LIMITS) -> bytes:
    """Return a document as PDF; `parts` is all that it can refer to.

    Raises:
        NodeError: pdf_missing, pdf_timeout or pdf_failed.
    """
    document = {
        "html": html,
        "parts": {
            name: {"media_type": part.media_type, "data": base64.b64encode(part.data).decode()}
            for name, part in parts.items()
        },
    }
    ended = _run(json.dumps(document).encode(), limits)
    lacks = {_NO_PACKAGE: Readiness.NO_PACKAGE, _NO_LIBRARY: Readiness.NO_LIBRARY}
    if ended.returncode in lacks:
        raise NodeError("pdf_missing", *WORDS[lacks[ended.returncode]])
    if ended.returncode == -signal.SIGXCPU:
        raise _timeout()
    is_pdf = ended.stdout.startswith(b"%PDF-") and len(ended.stdout) <= limits.output_bytes
    if ended.returncode != 0 or not is_pdf:
        raise NodeError("pdf_failed", "the pdf could not be made", "print the page instead")
    return ended.stdout


def _run(document: bytes, limits: PdfLimits) -> subprocess.CompletedProcess[bytes]:
    # -I: no environment variable, working folder or user package gets a say.
    numbers = (str(limits.memory_bytes), str(limits.cpu_seconds))
    command = [sys.executable, "-I", str(_WORKER), *numbers]
    try:
        return subprocess.run(  # noqa: S603 - no part of the command comes from outside
            command,
            input=document,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.wall_seconds,
            check=False,
            cwd="/",
            env={},
        )
    except subprocess.TimeoutExpired:
        raise _timeout() from None


def _timeout() -> NodeError:
    return NodeError("pdf_timeout", "the pdf took too long to make", "print the page instead")
