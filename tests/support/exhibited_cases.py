"""Invented cases with everything in them that a page may have to show."""

from __future__ import annotations

import datetime
import json
import random
from typing import Any

from node.commands.arguments import encoded
from node.training.photos import draw_face

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def text(words: str, language: str = "en") -> dict[str, str]:
    return {"text": words, "language": language}


def day(at_ms: int) -> dict[str, Any]:
    on = datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC)
    return {"year": on.year, "month": on.month, "day": on.day, "precision": "day"}


def moment(at_ms: int) -> dict[str, Any]:
    return {"atMs": at_ms, "precision": "minute", "zone": "+01:00"}


def photo(seed: str = "gallery") -> str:
    """Return a drawn face, as the commands take photos."""
    return encoded(draw_face(random.Random(seed)))


def in_full(now_ms: int) -> str:
    """A girl who left a care home for Greece: names in two scripts, dangers, wishes, a medicine."""
    return json.dumps(
        {
            "category": "runaway",
            "runawayFrom": "care",
            "exploitation": ["grooming"],
            "crossBorder": "possible",
            "countriesFrom": ["BE"],
            "countriesTo": ["GR"],
            "urgency": 1,
            "risk": {
                "level": "high",
                "assessedBy": "own_staff",
                "assessedAt": moment(now_ms - 2 * DAY_MS),
            },
            "reportedMissingAt": moment(now_ms - 3 * DAY_MS),
            "reportedBy": "carer",
            "localCaseNumber": "2027-0117",
            "childWishes": [
                {
                    "childId": "c1",
                    "whereaboutsMayBeToldTo": ["police"],
                    "wantsWithheld": text("Mijn vader mag het niet weten.", "nl"),
                    "heard": "by_trusted_person",
                }
            ],
            "children": [_girl(now_ms)],
            "circumstances": _circumstances(now_ms),
            "persons": _people(),
            "police": [_police(now_ms)],
            "consents": [
                {
                    "id": "k1",
                    "answer": "given",
                    "givenBy": "guardian",
                    "childIds": ["c1"],
                    "purposes": ["locate_child"],
                    "expiresOn": day(now_ms + DAY_MS),
                }
            ],
            "sources": [
                {
                    "id": "q1",
                    "role": "informant",
                    "names": [{"full": "Vriendina Proefpersoon"}],
                    "text": text("Belde anoniem, wil niet genoemd worden.", "nl"),
                }
            ],
            "internalNotes": [
                {"writtenBy": "Anna", "text": text("Ring the friend again on Thursday.")}
            ],
        }
    )


def _girl(now_ms: int) -> dict[str, Any]:
    return {
        "id": "c1",
        "status": "missing",
        "sex": "female",
        "ageBand": "13_to_15",
        "names": [
            {"type": "legal", "given": "Testina", "family": "Fictiva", "script": "Latn"},
            {"type": "alias", "given": "Τεστίνα", "family": "Φικτίβα", "script": "Grek"},
        ],
        "dateOfBirth": {"year": 2012, "month": 5, "day": 17, "precision": "day"},
        "placeOfBirth": "Voorbeeldstad",
        "countryOfBirth": "BE",
        "nationalities": ["BE", "GR"],
        "languages": ["nld", "ell"],
        "habitualResidenceCountry": "BE",
        "identityDocuments": [
            {"type": "passport", "number": "XX0000000", "issuingCountry": "BE", "heldBy": "child"}
        ],
        "contactPoints": [{"kind": "telephone", "value": "+32455550117"}],
        "description": {
            "heightCm": {"atLeast": 158, "atMost": 164, "certainty": "estimated"},
            "build": "slim",
            "hairColours": ["dark_brown"],
            "hairLength": "long",
            "eyeColours": ["green"],
            "clothing": [{"item": "jacket", "colours": ["yellow"], "text": text("with a hood")}],
            "marks": [{"kind": "scar", "bodyRegion": "arm", "bodySide": "left"}],
        },
        "vulnerabilities": [
            {
                "kind": "medical_need",
                "source": "own_staff",
                "medicine": "insulin",
                "neededBy": moment(now_ms + 9 * HOUR_MS),
            }
        ],
    }


def _circumstances(now_ms: int) -> dict[str, Any]:
    return {
        "missingFrom": "care",
        "planned": "yes",
        "reasonsLeft": ["grooming", "problems_home"],
        "text": text("Left the care home on Tuesday evening with a small red rucksack."),
        "lastSeen": {
            "id": "s1",
            "childIds": ["c1"],
            "seen": {"earliest": moment(now_ms - 3 * DAY_MS)},
            "place": {"country": "BE", "locality": "Namur", "name": "Railway station"},
            "seenBy": "police",
        },
        "sightings": [
            {
                "id": "s2",
                "childIds": ["c1"],
                "seen": {"earliest": moment(now_ms - 36 * HOUR_MS)},
                "place": {"country": "GR", "locality": "Thessaloniki"},
                "seenBy": "public",
                "reliability": "likely",
                "text": text("With an older man, near the port."),
            }
        ],
        "believedDestinations": [{"country": "GR", "locality": "Thessaloniki"}],
    }


def _people() -> list[dict[str, Any]]:
    return [
        {
            "id": "p1",
            "roles": ["parent_a"],
            "relations": [{"childId": "c1", "relation": "father"}],
            "names": [{"given": "Pavlos", "family": "Fictivas", "script": "Latn"}],
            "dangerToChild": "yes",
            "mayNotKnowWeAct": "yes",
            "allegation": {"status": "alleged", "offence": text("domestic violence")},
            "contactPoints": [{"kind": "telephone", "value": "+32455550118"}],
        },
        {
            "id": "p2",
            "roles": ["other"],
            "relations": [{"childId": "c1", "relation": "aunt_or_uncle"}],
            "names": [{"given": "Ελένη", "family": "Παράδειγμα", "script": "Grek"}],
            "residence": {"country": "GR", "locality": "Thessaloniki"},
        },
    ]


def _police(now_ms: int) -> dict[str, Any]:
    return {
        "id": "a1",
        "kind": "police",
        "country": "BE",
        "office": "Politie Voorbeeldstad",
        "toldAt": moment(now_ms - 3 * DAY_MS),
        "references": [{"kind": "police_case", "number": "BE-TEST-0000-14", "exists": "yes"}],
        "wishes": [{"kind": "contact_before_acting", "text": text("Ask for inspector Proef.")}],
    }


def between_parents(now_ms: int) -> str:
    """Two brothers taken to Ukraine: what the Hague clocks and forms are about."""
    brothers = [
        {
            "id": f"c{number}",
            "status": "missing",
            "sex": "male",
            "names": [
                {"given": latin, "family": "Vyhadanyi", "script": "Latn"},
                {"given": own, "family": "Вигаданий", "script": "Cyrl"},
            ],
            "dateOfBirth": {"year": 2015 + number, "month": 3, "day": 2, "precision": "day"},
            "nationalities": ["BE", "UA"],
            "habitualResidenceCountry": "BE",
        }
        for number, (latin, own) in enumerate([("Danylo", "Данило"), ("Mykola", "Микола")], start=1)
    ]
    parents = [
        {
            "id": f"p{number}",
            "roles": roles,
            "relations": [{"childId": each["id"], "relation": relation} for each in brothers],
            "names": [{"given": given, "family": "Vyhadanyi", "script": "Latn"}],
        }
        for number, (given, relation, roles) in enumerate(
            [
                ("Olha", "mother", ["parent_a", "holder_of_parental_responsibility"]),
                ("Ivan", "father", ["parent_b", "taker_alleged"]),
            ],
            start=1,
        )
    ]
    return json.dumps(
        {
            "category": "parental_abduction_international",
            "crossBorder": "confirmed",
            "countriesFrom": ["BE"],
            "countriesTo": ["UA"],
            "urgency": 3,
            "childCount": 2,
            "reportedMissingAt": moment(now_ms - 40 * DAY_MS),
            "children": brothers,
            "persons": parents,
            "police": [{"id": "a1", "kind": "police", "wishes": [{"kind": "hold_publication"}]}],
            "legalSituation": {
                "custody": [{"personId": "p1", "kind": "joint", "source": "law"}],
                "removals": [
                    {
                        "childIds": ["c1", "c2"],
                        "kind": "removal",
                        "happenedOn": day(now_ms - 45 * DAY_MS),
                        "fromCountry": "BE",
                        "toCountry": "UA",
                    }
                ],
                "hague1980Applies": "yes",
                "travelConsent": {"answer": "refused"},
                "returnToPersonId": "p1",
                "applications": [
                    {
                        "id": "l1",
                        "kind": "return",
                        "status": "filed",
                        "applicantPersonId": "p1",
                        "filedOn": day(now_ms - 20 * DAY_MS),
                    }
                ],
            },
        }
    )


def hardly_known(given: str, family: str, script: str = "Latn", **more: Any) -> str:
    """Somebody of whom hardly more than a name is known."""
    return json.dumps(
        {
            "category": "unaccompanied_migrant",
            "urgency": 2,
            "countriesFrom": ["GR"],
            "children": [
                {
                    "id": "c1",
                    "status": "missing",
                    "sex": "male",
                    "names": [{"given": given, "family": family, "script": script}],
                    "dateOfBirth": {"year": 2011, "precision": "year"},
                    "description": {"heightCm": {"atLeast": 150, "atMost": 160}},
                }
            ],
            "circumstances": {
                "missingFrom": "reception_centre",
                "lastSeen": {"id": "s1", "place": {"country": "GR", "locality": "Athens"}},
            },
            **more,
        }
    )
