"""The child process that decodes one photo and draws it anew.

    worker.py FORMAT PIXELS EDGE_PIXELS MEMORY_BYTES CPU_SECONDS < photo > jpeg

A script that stands alone: `node.media.photo` runs it by its path in an isolated
interpreter, so it imports nothing of ours, and only it imports Pillow. What breaks
here breaks a process that holds one photo, no key and no case. Rules:

- limits are in force before the first byte of the photo is read, and from then on
  no file or socket can be opened, whatever runs in here;
- only pixels reach the new image: it never sees the old one's `info`;
- the exit status is the only message (0, UNREADABLE, TOO_LARGE): an error text
  could quote the photo.
"""

from __future__ import annotations

import io
import resource
import sys

import pillow_heif
from PIL import (
    Image,
    ImageCms,
    # Pillow imports these when an image needs them; by then no file can be opened.
    MpoImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
)

UNREADABLE = 3
TOO_LARGE = 4

QUALITY = 88
_EXIF_ORIENTATION = 0x0112
_TO_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class TooManyPixels(Exception):
    """The photo says that it is larger than the limit."""


def main(arguments: list[str]) -> int:
    """Clean the photo on standard input; return the exit status."""
    image_format, *numbers = arguments
    pixels, edge_pixels, memory_bytes, cpu_seconds = map(int, numbers)
    _prepare_decoders(pixels)
    _limit_resources(memory_bytes, cpu_seconds)
    try:
        photo = sys.stdin.buffer.read()
        clean = redraw(photo, image_format, pixels=pixels, edge_pixels=edge_pixels)
    except (TooManyPixels, Image.DecompressionBombError, MemoryError):
        return TOO_LARGE
    except Exception:  # noqa: BLE001 - broken images make Pillow raise nearly anything
        return UNREADABLE
    sys.stdout.buffer.write(clean)
    sys.stdout.buffer.flush()
    return 0


def redraw(photo: bytes, image_format: str, *, pixels: int, edge_pixels: int) -> bytes:
    """Return the photo upright, in sRGB, at most `edge_pixels` wide and high, as JPEG."""
    image: Image.Image = Image.open(io.BytesIO(photo), formats=[image_format])
    if image.width * image.height > pixels:
        raise TooManyPixels
    turn = _turn_to_upright(image)
    profile = image.info.get("icc_profile")
    image = _resizable(image)
    # Before the turn: a JPEG is then decoded at a fraction of its size.
    image.thumbnail((edge_pixels, edge_pixels), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if turn is not None:
        image = image.transpose(turn)
    image = _in_srgb(_on_white(image), profile)
    fresh = Image.new("RGB", image.size)
    fresh.paste(image)
    jpeg = io.BytesIO()
    fresh.save(jpeg, "JPEG", quality=QUALITY, optimize=True)
    return jpeg.getvalue()


def _turn_to_upright(image: Image.Image) -> Image.Transpose | None:
    try:
        return _TO_UPRIGHT.get(image.getexif()[_EXIF_ORIENTATION])
    except KeyError:
        return None
    except Exception:  # noqa: BLE001 - cameras write broken EXIF beside good pixels
        return None


def _resizable(image: Image.Image) -> Image.Image:
    """Return the image in a mode that keeps its colours when it is made smaller."""
    if image.mode in ("RGBA", "CMYK"):
        return image
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode.startswith("I;16"):
        # Pillow's own conversion cuts the bright levels off.
        return image.point(lambda level: level * (1 / 257)).convert("L")
    return image if image.mode in ("RGB", "L") else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Apply the colour profile, because it will be gone: phones take photos in Display P3."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            # A profile that does not fit costs a shade, not the photo.
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")


def _prepare_decoders(pixels: int) -> None:
    Image.MAX_IMAGE_PIXELS = pixels
    Image.preinit()
    # A thumbnail is not always of the same picture: people crop, and it stays.
    # More threads would take more address space each.
    pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)


def _limit_resources(memory_bytes: int, cpu_seconds: int) -> None:
    # Never a core file: it would hold the photo in clear.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # SIGXCPU at the first number, so that the parent can tell it from a crash.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    # What is open stays open (the two pipes); nothing new can be.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
