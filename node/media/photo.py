"""Photo cleaning: any photo in, a plain JPEG out, with nothing but the picture.

A photo of a child carries more than a face: where and when it was taken, on whose
phone, and a thumbnail of what was cropped away. So nothing is filtered: the photo
is drawn anew, pixel by pixel, and the original is not kept. Rules:

- decoding happens in a child process with limits (`node.media.worker`), because
  images are made to break decoders; Pillow is never loaded here;
- the child is not trusted either: its answer is taken only if it is a JPEG without
  any segment in which text, a place or a profile could stand;
- the kind is told by the content, never by a name or a declared media type.

Blocks for tenths of a second and may take `memory_bytes` meanwhile: call it from a
worker thread, and not for many photos at a time.
"""

from __future__ import annotations

import contextlib
import re
import signal
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from node.errors import MediaError
from protocol.limits import MIB

MEDIA_TYPE: Final = "image/jpeg"

_WORKER: Final = Path(__file__).with_name("worker.py")
# Brands of the first box of a HEIC file; AVIF and video have others.
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})

_APP0, _SOF0, _SOS = 0xFFE0, 0xFFC0, 0xFFDA
# Tables, frame and scan: all that a baseline JPEG needs. The one of the segments
# for applications, APP0, may hold the JFIF header alone, which has this length.
_PLAIN_SEGMENTS: Final = frozenset({_APP0, 0xFFDB, _SOF0, 0xFFC4, _SOS})
_JFIF_BYTES: Final = 16
_MARKER: Final = re.compile(rb"\xff[^\x00]")

_REFUSALS: Final = {
    "photo_unreadable": (
        "the photo cannot be read",
        "open it in another program, save it as JPEG, and add that",
    ),
    "photo_too_large": ("the photo is too large", "save it smaller, and add that"),
    "photo_kind_refused": (
        "the file is not a photo of a kind that is taken",
        "JPEG, PNG, WebP and HEIC are taken",
    ),
    "photo_timeout": (
        "the photo took too long to read",
        "try again; if that fails, save it as JPEG, and add that",
    ),
    "photo_worker_failed": (
        "the part that cleans photos did not start",
        "homeward node doctor says what is missing",
    ),
}
# The first two as in worker.py.
_EXIT_CODES: Final = {
    3: "photo_unreadable",
    4: "photo_too_large",
    -signal.SIGXCPU: "photo_timeout",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoLimits:
    """How much one photo may cost."""

    input_bytes: int = 32 * MIB
    # The largest sensors of telephones that write every pixel: 9248 x 6936.
    pixels: int = 65_000_000
    # Enough for a poster; less to tell from reflections and backgrounds.
    edge_pixels: int = 2048
    # Address space. 64 megapixels take 500 MiB from progressive JPEG, 600 from HEIC and
    # 700 from PNG with alpha; WebP, which cameras do not write, gets to 40 megapixels.
    memory_bytes: int = 768 * MIB
    # 64 megapixels take 4 s on a good machine.
    cpu_seconds: int = 30
    wall_seconds: float = 60.0
    # Noise of 2048 x 2048 pixels is the worst case.
    output_bytes: int = 8 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanPhoto:
    """A photo that may be kept and sent."""

    data: bytes
    width: int
    height: int
    media_type: str = MEDIA_TYPE


DEFAULT_LIMITS: Final = PhotoLimits()


def clean_photo(data: bytes, *, limits: PhotoLimits = DEFAULT_LIMITS) -> CleanPhoto:
    """Draw the photo anew, upright and in sRGB, without anything hidden in it.

    Raises:
        MediaError: photo_kind_refused, photo_too_large (bytes, pixels or memory),
            photo_unreadable, photo_timeout; photo_worker_failed is the node's fault.
    """
    if len(data) > limits.input_bytes:
        raise _refusal("photo_too_large")
    image_format = _format_of(data)
    if image_format is None:
        raise _refusal("photo_kind_refused")
    jpeg = _run_worker(data, image_format, limits)
    try:
        width, height = parse_plain_jpeg(jpeg)
    except ValueError:
        # The child was taken over, or Pillow has learnt to write something new.
        raise _refusal("photo_unreadable") from None
    return CleanPhoto(data=jpeg, width=width, height=height)


def parse_plain_jpeg(data: bytes) -> tuple[int, int]:
    """Return width and height of a baseline JPEG that holds a picture and nothing else.

    Raises:
        ValueError: it is something else, or has a segment that can carry more.
    """
    try:
        return _parse_plain_jpeg(data)
    except struct.error as error:
        raise ValueError("the JPEG is cut") from error


def _parse_plain_jpeg(data: bytes) -> tuple[int, int]:
    if not data.startswith(b"\xff\xd8"):
        raise ValueError("not a JPEG")
    position, marker, size = 2, 0, None
    while marker != _SOS:
        marker, length = struct.unpack_from(">HH", data, position)
        if marker not in _PLAIN_SEGMENTS or (marker == _APP0 and length != _JFIF_BYTES):
            raise ValueError("a segment that a picture does not need")
        if marker == _SOF0:
            size = struct.unpack_from(">HH", data, position + 5)
        position += 2 + length
    end = _MARKER.search(data, position)
    if end is None or data[end.start() :] != b"\xff\xd9":
        raise ValueError("something follows the picture")
    if size is None:
        raise ValueError("no frame")
    height, width = size
    return width, height


def _format_of(data: bytes) -> str | None:
    """Return Pillow's name of the format, or None for what is not taken."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return "HEIF"
    return None


def _run_worker(data: bytes, image_format: str, limits: PhotoLimits) -> bytes:
    """Return what the child wrote; every other end of it is a refusal."""
    expired = threading.Event()
    with _start_worker(image_format, limits) as child:

        def expire() -> None:
            expired.set()
            child.kill()

        timer = threading.Timer(limits.wall_seconds, expire)
        timer.start()
        try:
            output = _converse(child, data, limits.output_bytes)
        finally:
            timer.cancel()
            child.kill()
    if expired.is_set():
        raise _refusal("photo_timeout")
    if child.returncode != 0:
        # A signal is a decoder that crashed; other numbers are Python's own.
        otherwise = "photo_unreadable" if child.returncode < 0 else "photo_worker_failed"
        raise _refusal(_EXIT_CODES.get(child.returncode, otherwise))
    return output


def _start_worker(image_format: str, limits: PhotoLimits) -> subprocess.Popen[bytes]:
    numbers = (limits.pixels, limits.edge_pixels, limits.memory_bytes, limits.cpu_seconds)
    # -I: no environment variable, working folder or user package gets a say.
    command = [sys.executable, "-I", str(_WORKER), image_format, *map(str, numbers)]
    return subprocess.Popen(  # noqa: S603 - no part of the command comes from outside
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={},
    )


def _converse(child: subprocess.Popen[bytes], data: bytes, output_bytes: int) -> bytes:
    """Hand over the photo and return the answer; leaves the child ended or to be killed."""
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the worker was started without pipes")
    # It reads all before it writes, so this cannot lock up for longer than the timer.
    with contextlib.suppress(BrokenPipeError), child.stdin:
        child.stdin.write(data)
    output = child.stdout.read(output_bytes + 1)
    if len(output) > output_bytes:
        raise _refusal("photo_unreadable")
    child.wait()
    return output


def _refusal(code: str) -> MediaError:
    return MediaError(code, *_REFUSALS[code])
