"""The child process that lays out one PDF.

    pdf_worker.py MEMORY_BYTES CPU_SECONDS < document (JSON) > pdf

A script that stands alone: `node.forms.pdf` runs it by its path in an isolated
interpreter, so it imports nothing of ours, and only it imports WeasyPrint. It holds the
one document that it lays out, no key and no database. Rules:

- limits are in force before the document is read, no file can be written, and from then on
  no socket is opened and no program started, whatever runs in here;
- a document refers to nothing but what was handed over with it: "paper:NAME";
- the exit status is the only message: an error text could quote the document.

Without a document it says by its exit status whether it could lay one out.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import sys
import warnings
from importlib import import_module
from typing import Any, NoReturn

UNREADABLE = 3
NO_PACKAGE = 4
NO_LIBRARY = 5

SCHEME = "paper:"
# A photo as wide as a poster is sharp in print at that.
DOTS_PER_INCH = 220
JPEG_QUALITY = 85
# Two pipes, and the fonts that a document needs.
_OPEN_FILES = 64
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def main(arguments: list[str]) -> int:
    """Lay out the document on standard input; return the exit status."""
    memory_bytes, cpu_seconds = map(int, arguments)
    _limit_resources(memory_bytes, cpu_seconds)
    # A machine without fonts would lay out empty lines.
    warnings.filterwarnings("error", message="(?i).*fontconfig", category=UserWarning)
    try:
        weasyprint = import_module("weasyprint")
    except ModuleNotFoundError:
        return NO_PACKAGE
    except (OSError, UserWarning):
        # Pango, what it needs and fonts come from the system, not with the package.
        return NO_LIBRARY
    sys.addaudithook(_refuse)
    document = sys.stdin.buffer.read()
    if not document:
        return 0
    try:
        pdf = lay_out(weasyprint, json.loads(document))
    except Exception:  # noqa: BLE001 - whatever it was, its text stays in here
        return UNREADABLE
    sys.stdout.buffer.write(pdf)
    sys.stdout.buffer.flush()
    return 0


def lay_out(weasyprint: Any, document: dict[str, Any]) -> bytes:  # noqa: ANN401 - a module
    """Return a document of HTML as PDF/UA."""
    handed = {
        f"{SCHEME}{name}": (base64.b64decode(part["data"]), str(part["media_type"]))
        for name, part in document["parts"].items()
    }
    fetcher = _fetcher(weasyprint, handed)
    laid_out: bytes = weasyprint.HTML(
        string=document["html"], base_url=SCHEME, url_fetcher=fetcher
    ).write_pdf(
        pdf_variant="pdf/ua-1",
        optimize_images=True,
        dpi=DOTS_PER_INCH,
        jpeg_quality=JPEG_QUALITY,
    )
    return laid_out


def _fetcher(weasyprint: Any, handed: dict[str, tuple[bytes, str]]) -> Any:  # noqa: ANN401
    """Return what WeasyPrint asks for every address: it knows what was handed over alone."""

    class Fetcher(weasyprint.urls.URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:  # noqa: ANN401
            del headers
            if url not in handed:
                raise ValueError("a document refers to nothing outside")
            body, media_type = handed[url]
            return weasyprint.urls.URLFetcherResponse(url, body, {"Content-Type": media_type})

    return Fetcher()


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """End the process when something is begun that a layout never does."""
    if event.startswith(_FORBIDDEN):
        _stop()
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
        _stop()


def _stop() -> NoReturn:
    # An exception could be caught by what runs in here.
    os._exit(UNREADABLE)


def _limit_resources(memory_bytes: int, cpu_seconds: int) -> None:
    # Never a core file: it would hold the document in clear.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # SIGXCPU at the first number, so that the parent can tell it from a crash.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
