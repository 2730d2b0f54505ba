"""Drawn faces for invented cases: nobody can be taken for them."""

from __future__ import annotations

import io
import random
from typing import Final

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 480, 600
_SKINS: Final = ("#f2d3b3", "#e8c39e", "#c99b72", "#a5734c", "#7a5137")
_HAIRS: Final = ("#20160f", "#4a2f1d", "#8b5a2b", "#d8b45f", "#a33c1f")
_EYES: Final = ("#3b7a57", "#4a6fa5", "#5b3a1e")
_CLOTHES: Final = ("#e6c229", "#d11149", "#1a8fe3", "#6610f2", "#2a9d8f")
_GROUNDS: Final = ("#cfe3ea", "#e9e4d4", "#dfe8d8")


def draw_face(chance: random.Random) -> bytes:
    """Return a drawing of a face as JPEG, with the word TRAINING below it."""
    image = Image.new("RGB", (WIDTH, HEIGHT), chance.choice(_GROUNDS))
    draw = ImageDraw.Draw(image)
    middle, half = WIDTH // 2, chance.randint(95, 120)
    top, bottom = 120, chance.randint(400, 440)
    hair, is_long = chance.choice(_HAIRS), chance.random() < 0.5
    if is_long:
        draw.rectangle((middle - half - 14, 220, middle + half + 14, 500), fill=hair)
    draw.rectangle((middle - 150, bottom, middle + 150, HEIGHT), fill=chance.choice(_CLOTHES))
    draw.ellipse((middle - half, top, middle + half, bottom), fill=chance.choice(_SKINS))
    draw.pieslice((middle - half - 14, top - 26, middle + half + 14, 330), 180, 360, fill=hair)
    eyes = chance.choice(_EYES)
    for x in (middle - 42, middle + 42):
        draw.ellipse((x - 12, 252, x + 12, 276), fill="white")
        draw.ellipse((x - 7, 257, x + 7, 271), fill=eyes)
    draw.line((middle, 280, middle - 8, 318, middle + 6, 318), fill="#8a5a3c", width=4)
    draw.arc((middle - 45, 310, middle + 45, 372), 20, 160, fill="#a33333", width=7)
    draw.rectangle((0, HEIGHT - 34, WIDTH, HEIGHT), fill="black")
    draw.text((middle - 90, HEIGHT - 24), "TRAINING - NO REAL CHILD", fill="white")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()
