"""Somebody at the desk with one case: what they see, send and are refused."""

from __future__ import annotations

import html
import io
import json
import re
from dataclasses import dataclass

from PIL import Image

from node.commands import run_command
from node.commands.arguments import encoded
from node.users.policy import Role
from tests.support.pages import GR, PagesUnderTest

HOUR_MS = 3_600_000
CASE = {
    "category": "parental_abduction_international",
    "urgency": 2,
    "childWishes": [{"childId": "c1", "whereaboutsMayBeToldTo": ["police"]}],
    "risk": {"level": "high"},
    "children": [
        {
            "id": "c1",
            "sex": "female",
            "names": [
                {"given": "Olena", "family": "Testova", "script": "Latn"},
                {"given": "Олена", "family": "Тестова", "script": "Cyrl"},
            ],
            "dateOfBirth": {"year": 2014, "month": 5, "day": 17, "precision": "day"},
            "placeOfBirth": "Invenstad",
            "description": {"eyeColours": ["unknown"], "heightCm": {"certainty": "not_asked"}},
            "vulnerabilities": [{"kind": "medical_need", "medicine": "insulin"}],
        }
    ],
    "circumstances": {"lastSeen": {"id": "s1", "place": {"locality": "Namur", "street": "Rue 3"}}},
    "persons": [
        {
            "id": "p1",
            "roles": ["taker_alleged"],
            "names": [{"given": "Pavlo", "family": "Testov"}],
            "dangerToChild": "yes",
            "allegation": {"status": "alleged"},
        }
    ],
    "legalSituation": {
        "removals": [
            {"childIds": ["c1"], "happenedOn": {"year": 1969, "month": 11, "precision": "month"}}
        ]
    },
    "sources": [{"id": "q1", "text": {"text": "Buurvrouw", "language": "nl"}}],
}


def png() -> bytes:
    image = io.BytesIO()
    Image.new("RGB", (40, 60), (200, 120, 40)).save(image, "PNG")
    return image.getvalue()


@dataclass
class Desk:
    """Somebody at the desk with one case."""

    web: PagesUnderTest
    token: str
    case_id: str

    async def gets(self, path: str, status: int = 200) -> str:
        answer = await self.web.get(f"{path.replace('CASE', self.case_id)}", self.token)
        assert answer.status == status, (path, answer.status)
        return html.unescape(answer.text)

    async def posts(self, path: str, *, expect: int = 303, **fields: object):
        address = path.replace("CASE", self.case_id)
        answer = await self.web.post(address, self.token, fields)
        assert answer.status == expect, (path, answer.status, faults(answer.text))
        return answer

    async def command(self, name: str, **arguments: object):
        values = {"case_id": self.case_id, "made_by": "test", **arguments}
        return await run_command(self.web.core, name, values)

    async def version(self) -> int:
        return (await self.command("case.show"))["version"]

    async def refers(self) -> None:
        now_ms = self.web.core.context.clock.now_ms()
        await self.command(
            "referral.send", to=GR, kind="alert", urgency=2, ask="Have you seen her?",
            language="en", purpose="locate_child", art6="vital_interests",
            police_informed="with_reference", reply_by_ms=now_ms + HOUR_MS,
            expires_at_ms=now_ms + 100 * HOUR_MS,
        )  # fmt: skip


def faults(text: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'href="#field-([^"]*)"', text)]


async def desk(web: PagesUnderTest, role: Role = Role.SUPERVISOR, case: object = CASE) -> Desk:
    added = await run_command(
        web.core,
        "case.add",
        {"case": json.dumps(case), "made_by": "test", "photos": [encoded(png())]},
    )
    return Desk(web, await web.signed_in(role), added["case_id"])
