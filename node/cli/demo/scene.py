"""The demo's people, places and case: all of it invented, and named so that it shows.

The telephone numbers are ones that nobody has; the names mean "example", "test" or
"made up", and no organisation shares one with a person (the demo looks for names).
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

GIVEN, GIVEN_GREEK = "Testina", "Τεστίνα"
FAMILY, FAMILY_GREEK = "Fictiva", "Φικτίβα"
POLICE_REFERENCE = "BE-TEST-0000-14"
FRIEND = "Vriendina Proefpersoon"
AUNT = "Tetyana Vyhadana"
INTERNAL_NOTE = "Test note of a caseworker: ring the friend again on Thursday."
NAMES = (GIVEN, GIVEN_GREEK, FAMILY, FAMILY_GREEK, POLICE_REFERENCE, AUNT)
"""What identifies somebody, and must not be readable where nobody may read it."""
KEPT_AT_HOME = (FRIEND, INTERNAL_NOTE)
"""What never leaves Belgium."""

ASK_GREECE = f"{GIVEN} may be in Thessaloniki since Friday. Has anyone seen her?"
ASK_ALL = "Please look out for this girl; ring us, whatever the hour."
ASK_UKRAINE = "Do you know how to reach the aunt named here?"
QUESTION = "Which shoes was she wearing?"
ANSWER = "Red trainers, white laces."
FOUND = "She came to our day centre and is safe."
WORDS = (ASK_ALL, ASK_GREECE, ASK_UKRAINE, QUESTION, ANSWER, FOUND)
"""What the caseworkers write to each other."""

# Position that the photo's camera noted, in degrees, minutes and seconds.
PHOTO_LATITUDE, PHOTO_LONGITUDE = (50.0, 50.0, 48.0), (4.0, 21.0, 9.0)


@dataclass(frozen=True, slots=True)
class Member:
    """An invented organisation."""

    node_id: str
    legal_name: str
    languages: tuple[str, ...]
    telephone: str
    regime: str


MEMBERS = {
    "be": Member("be.voorbeeld", "Voorbeeld (invented, Belgium)", ("nl",), "+3225550100", "eea"),
    "gr": Member("gr.paradeigma", "Paradeigma (invented, Greece)", ("el",), "+302105550100", "eea"),
    "ua": Member("ua.pryklad", "Pryklad (invented, Ukraine)", ("uk",), "+380445550100", "other"),
}  # fmt: skip
FEDERATION = "Federation of the demo (invented)"


def case_json() -> str:
    """Return the case as Belgium records it."""
    return json.dumps(
        {
            "status": "open",
            "category": "runaway",
            "runaway_from": "care",
            "cross_border": "possible",
            "countries_from": ["BE"],
            "countries_to": ["GR"],
            "urgency": 2,
            "risk": {"level": "high", "assessed_by": "own_staff"},
            "child_wishes": [
                {
                    "child_id": "c1",
                    "whereabouts_may_be_told_to": ["police", "authorities"],
                    "heard": "by_trusted_person",
                }
            ],
            "children": [_child()],
            "circumstances": _circumstances(),
            "persons": [_aunt()],
            "police": [_police()],
            "sources": [{"id": "s1", "role": "informant", "names": [{"full": FRIEND}]}],
            "internal_notes": [{"text": {"text": INTERNAL_NOTE, "language": "en"}}],
        },
        ensure_ascii=False,
    )


def _child() -> dict[str, Any]:
    return {
        "id": "c1",
        "status": "missing",
        "sex": "female",
        "age_band": "13_to_15",
        "date_of_birth": {"year": 2012, "month": 5, "day": 17, "precision": "day"},
        "names": [
            {
                "type": "legal",
                "given": GIVEN,
                "family": FAMILY,
                "script": "Latn",
                "source_document": "identity_card",
            },
            {
                "type": "alias",
                "given": GIVEN_GREEK,
                "family": FAMILY_GREEK,
                "script": "Grek",
                "source_document": "online",
            },
        ],
        "languages": ["nld"],
        "description": {
            "height_cm": {"at_least": 158, "at_most": 164, "certainty": "estimated"},
            "hair_colours": ["dark_brown"],
            "eye_colours": ["green"],
            "clothing": [{"item": "jacket", "colours": ["yellow"]}],
        },
    }


def _aunt() -> dict[str, Any]:
    return {
        "id": "p1",
        "roles": ["other"],
        "names": [{"type": "legal", "full": AUNT, "script": "Latn"}],
        "relations": [{"child_id": "c1", "relation": "aunt_or_uncle"}],
    }


def _police() -> dict[str, Any]:
    return {
        "id": "a1",
        "kind": "police",
        "country": "BE",
        "office": "Testpolitie",
        "references": [{"kind": "police_case", "number": POLICE_REFERENCE}],
    }


def _circumstances() -> dict[str, Any]:
    return {
        "missing_from": "care",
        "planned": "yes",
        "text": {"text": "Left the care home with a small bag.", "language": "en"},
        "believed_destinations": [{"country": "GR", "locality": "Thessaloniki"}],
    }


def photo() -> bytes:
    """Draw a face, and note in the EXIF data where it was "taken"."""
    from PIL import ExifTags, Image, ImageDraw

    image = Image.new("RGB", (640, 800), "#cfe3ea")
    draw = ImageDraw.Draw(image)
    draw.ellipse((170, 160, 470, 560), fill="#e8c39e")
    draw.pieslice((150, 130, 490, 480), 180, 360, fill="#4a2f1d")
    for x in (260, 380):
        draw.ellipse((x - 16, 330, x + 16, 362), fill="#3b7a57")
    draw.arc((250, 400, 390, 490), 20, 160, fill="#a33", width=8)
    draw.rectangle((200, 560, 440, 800), fill="#e6c229")
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Test camera"
    position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    position[ExifTags.GPS.GPSLatitudeRef] = "N"
    position[ExifTags.GPS.GPSLatitude] = PHOTO_LATITUDE
    position[ExifTags.GPS.GPSLongitudeRef] = "E"
    position[ExifTags.GPS.GPSLongitude] = PHOTO_LONGITUDE
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, exif=exif)
    return out.getvalue()


def has_position(data: bytes) -> bool:
    """Return whether a photo says where it was taken."""
    from PIL import ExifTags, Image

    with Image.open(io.BytesIO(data)) as image:
        return bool(image.getexif().get_ifd(ExifTags.IFD.GPSInfo))
