"""Photo cleaning with real images: the picture stays, everything hidden in it is gone."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageStat, PngImagePlugin

from node.errors import MediaError
from node.media import photo
from node.media.photo import CleanPhoto, PhotoLimits, clean_photo, parse_plain_jpeg

MIB = 1024 * 1024
pillow_heif.register_heif_opener()

# All that a hidden text in these tests begins with, and the marks of its containers.
TRACES = [
    b"secret",
    b"Exif",
    b"GPS",
    b"ICC_PROFILE",
    b"acsp",
    b"http",
    b"xmp",
    b"Photoshop",
    b"MPF",
]
ORIENTATION, GPS, MAKER, ARTIST = 0x0112, 0x8825, 0x010F, 0x013B


def picture(width: int = 320, height: int = 240) -> Image.Image:
    """Four colours in the four corners, so that every turn and flip shows."""
    image = Image.new("RGB", (width, height), "darkgreen")
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height // 2), fill="orange")
    draw.rectangle((0, height // 2, width // 2, height), fill="navy")
    draw.ellipse((width // 8, height // 8, width // 3, height // 3), fill="white")
    return image


def exif(orientation: int = 1) -> Image.Exif:
    """EXIF as a telephone writes it: where, with what, by whom, and how it was held."""
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    tags[MAKER] = "secret maker"
    tags[ARTIST] = "secret artist"
    tags[GPS] = {1: "N", 2: (37.0, 58.0, 17.4), 3: "E", 4: (23.0, 43.0, 39.6), 29: "secret date"}
    return tags


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def encoded(image: Image.Image, image_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures of one size, in levels of 255."""
    assert one.size == other.size
    changed = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return sum(ImageStat.Stat(changed).mean) / 3


def segments(jpeg: bytes) -> list[int]:
    """Return the markers up to the scan, read by other code than the product's."""
    found, position = [], 2
    while True:
        assert jpeg[position] == 0xFF
        found.append(jpeg[position + 1])
        if found[-1] == 0xDA:
            return found
        position += 2 + int.from_bytes(jpeg[position + 2 : position + 4])


def check_clean(clean: CleanPhoto, expected: Image.Image) -> None:
    """The picture is the expected one, and there is nothing beside it."""
    assert clean.media_type == "image/jpeg"
    assert (clean.width, clean.height) == expected.size
    assert [trace for trace in TRACES if trace.lower() in clean.data.lower()] == []
    assert set(segments(clean.data)) == {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}
    shown = decoded(clean.data)
    assert shown.format == "JPEG"
    assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert dict(shown.getexif()) == {}
    assert difference(shown, expected) < 4


def refused(code: str, action: Callable[[], object]) -> None:
    with pytest.raises(MediaError) as caught:
        action()
    assert caught.value.code == code
    assert caught.value.sentence
    assert caught.value.hint


# What stays and what goes


def test_jpeg_loses_place_profile_comment_and_thumbnail() -> None:
    segment = b"\xff\xed" + struct.pack(">H", 30) + b"Photoshop 3.0\0secret words".ljust(28)
    data = encoded(
        picture(),
        "JPEG",
        exif=exif(),
        icc_profile=srgb_profile(),
        comment="secret comment",
        xmp=b"<x:xmpmeta>secret xmp</x:xmpmeta>",
    )
    data = data[:2] + segment + data[2:] + b"secret trailer"
    assert all(trace in data for trace in (b"secret artist", b"secret comment", b"ICC_PROFILE"))
    check_clean(clean_photo(data), picture())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photo_is_turned_upright_as_its_exif_says(orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    held = picture().transpose(undo[orientation]) if orientation in undo else picture()
    check_clean(clean_photo(encoded(held, "JPEG", exif=exif(orientation))), picture())


def test_photo_with_broken_exif_is_taken_as_it_stands() -> None:
    data = encoded(picture(), "JPEG", exif=b"Exif\0\0II*\0secret" + b"\xff" * 40)
    check_clean(clean_photo(data), picture())


def test_png_loses_its_texts_and_exif() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "secret words")
    texts.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>secret xmp</x:xmpmeta>")
    data = encoded(picture(), "PNG", pnginfo=texts, exif=exif(), icc_profile=srgb_profile())
    assert b"secret words" in data
    check_clean(clean_photo(data), picture())


def test_webp_loses_its_exif_and_xmp() -> None:
    data = encoded(picture(), "WEBP", exif=exif(6), xmp=b"<secret/>", quality=95)
    check_clean(clean_photo(data), picture().transpose(Image.Transpose.ROTATE_270))


def test_heic_loses_place_and_thumbnail() -> None:
    data = encoded(picture(), "HEIF", exif=exif(), xmp=b"<secret/>", thumbnails=[128], quality=90)
    assert b"secret artist" in data
    check_clean(clean_photo(data), picture())


def test_heic_is_turned_once() -> None:
    held = picture()
    # Like a telephone, this writes the turn into the HEIC's own box and into the EXIF.
    held.info["exif"] = exif(6).tobytes()
    check_clean(
        clean_photo(encoded(held, "HEIF", quality=90)),
        picture().transpose(Image.Transpose.ROTATE_270),
    )


def test_heic_is_not_turned_by_its_exif_alone() -> None:
    data = encoded(picture(), "HEIF", exif=exif(6), quality=90)
    check_clean(clean_photo(data), picture())


def test_heic_thumbnail_of_another_picture_is_never_shown() -> None:
    # A cropped photo whose thumbnail still shows everything, made by pointing the
    # thumbnail reference of item 1 from item 2 to item 3.
    file = pillow_heif.from_pillow(Image.new("RGB", (600, 450), "red"))
    file.add_from_pillow(Image.new("RGB", (400, 300), "blue"))
    written = io.BytesIO()
    file.save(written, primary_index=0, thumbnails=[64], quality=50)
    reference = b"thmb" + struct.pack(">HHH", 2, 1, 1)
    data = written.getvalue().replace(reference, b"thmb" + struct.pack(">HHH", 3, 1, 1))
    # A reader that is in a hurry shows the thumbnail.
    hurried = Image.open(io.BytesIO(data))
    hurried.draft(None, (288, 288))
    assert difference(hurried, Image.new("RGB", (400, 300), "blue")) < 4
    clean = clean_photo(data, limits=PhotoLimits(edge_pixels=96))
    check_clean(clean, Image.new("RGB", (96, 72), "red"))


def test_second_picture_of_a_multi_picture_file_is_gone() -> None:
    hidden = Image.new("RGB", (320, 240), "red")
    data = encoded(picture(), "MPO", save_all=True, append_images=[hidden])
    assert b"MPF" in data
    check_clean(clean_photo(data), picture())


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "LA", "RGBA", "I;16"])
def test_every_mode_keeps_its_look(mode: str) -> None:
    image_format = "JPEG" if mode == "CMYK" else "PNG"
    middle = "L" if mode in ("L", "LA", "I;16", "1") else "RGB"
    shown = picture().convert(middle)
    if mode == "1":
        shown = shown.point(lambda level: 255 if level > 128 else 0)
    if mode == "I;16":
        stored = shown.convert("I").point(lambda level: level * 257).convert("I;16")
    else:
        stored = shown.convert(mode)
    check_clean(clean_photo(encoded(stored, image_format)), shown.convert("RGB"))


@pytest.mark.parametrize("mode", ["RGBA", "P", "L"])
def test_transparency_becomes_white(mode: str) -> None:
    image = Image.new("RGB", (64, 64), "black").convert(mode)
    options = {} if mode == "RGBA" else {"transparency": 0}
    if mode == "RGBA":
        image.putalpha(0)
    check_clean(clean_photo(encoded(image, "PNG", **options)), Image.new("RGB", (64, 64), "white"))


def test_colour_profile_is_applied_before_it_goes() -> None:
    # A profile in which the first channel means green and the second one red.
    swapped = srgb_profile().replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ")
    profile = swapped.replace(b"tXYZ", b"gXYZ")
    data = encoded(Image.new("RGB", (64, 64), (255, 0, 0)), "JPEG", icc_profile=profile)
    red, green, _ = ImageStat.Stat(decoded(clean_photo(data).data)).mean
    assert green > 200
    assert red < 50


def test_colour_profile_that_is_broken_is_ignored() -> None:
    data = encoded(picture(), "JPEG", icc_profile=b"secret" * 30)
    check_clean(clean_photo(data), picture())


# Sizes


def test_large_photo_is_made_smaller_and_keeps_its_shape() -> None:
    clean = clean_photo(encoded(picture(3000, 1500), "JPEG"))
    check_clean(clean, picture(2048, 1024))


def test_small_photo_is_not_made_larger() -> None:
    check_clean(clean_photo(encoded(picture(133, 265), "PNG")), picture(133, 265))


def test_photo_of_a_whole_sensor_fits_the_default_limits() -> None:
    image = Image.new("RGB", (9248, 6936), "teal")
    clean = clean_photo(encoded(image, "JPEG", progressive=True))
    check_clean(clean, Image.new("RGB", (2048, 1536), "teal"))


def test_noise_of_the_largest_size_fits_the_default_limits() -> None:
    noise = Image.merge("RGB", [Image.effect_noise((2048, 2048), 200) for _ in range(3)])
    assert clean_photo(encoded(noise, "PNG", compress_level=1)).width == 2048


def test_more_pixels_than_allowed_are_refused() -> None:
    limits = PhotoLimits(pixels=320 * 240 - 1)
    refused("photo_too_large", lambda: clean_photo(encoded(picture(), "JPEG"), limits=limits))


def test_more_bytes_than_allowed_are_refused_without_a_child(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photo, "_WORKER", Path("no such worker"))
    data = encoded(picture(), "JPEG")
    limits = PhotoLimits(input_bytes=len(data) - 1)
    refused("photo_too_large", lambda: clean_photo(data, limits=limits))


def png_bomb(width: int, height: int) -> bytes:
    """Some bytes that say they are a picture of any size."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(100_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (65_001, 1_000), (2**31 - 1, 1)])
def test_decompression_bomb_is_refused(width: int, height: int) -> None:
    refused("photo_too_large", lambda: clean_photo(png_bomb(width, height)))


def test_photo_that_needs_more_memory_than_allowed_is_refused() -> None:
    data = encoded(Image.new("RGB", (8000, 8000), "teal"), "PNG", compress_level=1)
    limits = PhotoLimits(memory_bytes=160 * MIB)
    refused("photo_too_large", lambda: clean_photo(data, limits=limits))


# What is no photo


def test_jpeg_that_is_cut_is_refused() -> None:
    data = encoded(picture(), "JPEG")
    for length in (4, 100, len(data) // 2):
        refused("photo_unreadable", lambda: clean_photo(data[:length]))  # noqa: B023


@pytest.mark.parametrize("image_format", ["PNG", "WEBP", "HEIF"])
def test_other_photos_that_are_cut_are_refused(image_format: str) -> None:
    data = encoded(picture(), image_format)
    refused("photo_unreadable", lambda: clean_photo(data[: len(data) // 2]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Dear Sir, the attached photo",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/hostname) (r) file\n",
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0\0\0\x1cftypavif\0\0\0\0",
        encoded(picture(), "GIF"),
        encoded(picture(), "TIFF"),
        encoded(picture(), "BMP"),
    ],
    ids=["empty", "text", "eps", "pdf", "svg", "avif", "gif", "tiff", "bmp"],
)
def test_everything_else_is_refused_without_a_child(
    monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setattr(photo, "_WORKER", Path("no such worker"))
    refused("photo_kind_refused", lambda: clean_photo(data))


def test_postscript_behind_the_first_bytes_of_a_jpeg_is_refused() -> None:
    refused("photo_unreadable", lambda: clean_photo(b"\xff\xd8\xff%!PS-Adobe-3.0 EPSF-3.0\n"))


def test_refusal_quotes_nothing_of_the_photo() -> None:
    with pytest.raises(MediaError) as caught:
        clean_photo(b"\xff\xd8\xffsecret")
    assert "secret" not in repr(caught.value.__dict__) + str(caught.value)
    assert caught.value.__cause__ is None


# What counts as plain


def plain() -> bytes:
    return clean_photo(encoded(picture(16, 8), "PNG")).data


def test_plain_jpeg_says_its_size() -> None:
    assert parse_plain_jpeg(plain()) == (16, 8)


def test_every_cut_of_a_plain_jpeg_is_refused() -> None:
    data = plain()
    for length in range(len(data)):
        with pytest.raises(ValueError):
            parse_plain_jpeg(data[:length])


@pytest.mark.parametrize("marker", [*range(0xE0, 0xF0), 0xFE, 0xC2, 0xDD, 0xDC])
def test_segment_that_can_carry_more_than_a_picture_is_refused(marker: int) -> None:
    data = plain()
    segment = bytes([0xFF, marker]) + struct.pack(">H", 8) + b"secret"
    with pytest.raises(ValueError, match="segment"):
        parse_plain_jpeg(data[:2] + segment + data[2:])


@pytest.mark.parametrize("trailer", [b"\0", b"secret", b"\xff\xd8\xff\xd9"])
def test_bytes_behind_the_picture_are_refused(trailer: bytes) -> None:
    with pytest.raises(ValueError, match="follows"):
        parse_plain_jpeg(plain() + trailer)
