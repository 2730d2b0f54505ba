"""Belgium with a case of which Greece has a copy, with a file, a question and an answer."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from node.cases.cases import Cases
from node.cases.disclosing import attachment_keys
from protocol.disclosure import disclose
from protocol.exchange.leg import State
from protocol.ids import LegId
from protocol.pb.homeward.v1 import case_pb2, message_pb2
from tests.support.contents import accept, claim
from tests.support.network import BE, DAY_MS, FR, GR, Network
from tests.support.nodes import NOW_MS, Federation, make_federation, until
from tests.support.traces import contents

# What must be nowhere once it is erased: names in two scripts, a number, free texts.
LATIN, GREEK = "Testina Findelkind", "Τεστίνα Εφευρεθείσα"
REFERENCE = "BE-POL-2026-778899-XQ"
ASK = "Did anybody see the girl with the turquoise umbrella?"
ANSWER = "She was drinking lemonade beside the harbour office."
SECRETS = (LATIN, GREEK, REFERENCE, ASK, ANSWER)
PATHS = ("federated_id", "status", "children", "police", "files")


def made_up_case() -> case_pb2.Case:
    case = case_pb2.Case(category="runaway", status="open")
    child = case.children.add(id="c1", sex="female")
    child.names.add(full=LATIN, script="Latn")
    child.names.add(full=GREEK, script="Grek")
    police = case.police.add(id="a1")
    police.office = "Invented police office"
    police.references.add(kind="police_case", number=REFERENCE)
    return case


def photo() -> bytes:
    data = io.BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(data, "JPEG")
    return data.getvalue()


@dataclass
class Scene:
    network: Network
    case_id: str

    async def refer(self, peer=GR, kind="tracing_request", **changes) -> LegId:
        """Send all that is secret to a peer, with the photo."""
        core = self.network.cores[BE]
        view = await core.cases.get(self.case_id)
        files = [file.id for file in view.case.files]
        fields = {
            "kind": kind,
            "urgency": 2,
            "ask": {"text": ASK, "language": "en"},
            "legal_basis": {
                "purpose": "locate_child",
                "art6_basis": "public_task",
                "police_informed": "with_reference",
            },
            "disclosure": disclose(view.case, PATHS, file_ids=files),
            "attachment_keys": attachment_keys(view, files),
            "expires_at_ms": NOW_MS + 20 * DAY_MS,
            **changes,
        }
        referral = message_pb2.Referral(**fields)
        referral.mask.paths.extend(PATHS)
        leg, _ = await core.legs.open(peer, referral, case_id=self.case_id, made_by="anna")
        core.delivery.wake(peer)
        return leg

    async def arrived(self, leg: LegId, peer=GR) -> LegId:
        await self.network.reach(leg, State.DELIVERED, BE, peer)
        core = self.network.cores[peer]

        async def has_file() -> bool:
            found = await core.store.read(
                lambda db: db.execute(
                    "SELECT count(*) FROM attachment_sets WHERE is_complete = 1"
                ).fetchone()
            )
            return found[0] > 0

        await until(has_file)
        return leg

    async def worked_on(self, leg: LegId, peer=GR) -> LegId:
        """Let the peer take it on and say something of the child."""
        for content in (
            claim(),
            accept(),
            message_pb2.Note(text={"text": ANSWER, "language": "en"}),
        ):
            await self.network.step(peer, leg, content)
            await self.network.reach(leg, await self.network.state(peer, leg), BE, peer)
        await self.same_steps(leg, peer)
        return leg

    async def same_steps(self, leg: LegId, peer=GR) -> None:
        """Let everything that is said on a leg arrive."""

        async def is_same() -> bool:
            counts = [
                len((await self.network.cores[n].legs.view(leg)).messages) for n in (BE, peer)
            ]
            waiting = [
                row
                for n in (BE, peer)
                for row in (await self.network.cores[n].legs.view(leg)).messages
                if row.settled == "waiting"
            ]
            return counts[0] == counts[1] and not waiting

        await until(is_same)

    def found(self, name) -> dict[str, list[str]]:
        """Where in a home something secret lies, in whatever form."""
        core = self.network.cores[name]
        key = self.network.federation.identities[name].database_key
        places: dict[str, list[str]] = {}
        for where, content in contents(core.home, key):
            for secret in SECRETS:
                if any(form in content for form in forms_of(secret)):
                    places.setdefault(secret, []).append(where)
        return places

    def blobs(self, name) -> list[str]:
        return [path.name for path in self.network.cores[name].home.blobs.iterdir()]


def forms_of(secret: str) -> list[bytes]:
    """The text, and each of its longer words, as they would lie on a disk."""
    words = [word for word in secret.split() if len(word) > 6]
    texts = [secret, *words, *map(str.lower, words), *map(str.upper, words)]
    return [form for text in texts for form in (text.encode(), text.encode().hex().encode())]


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    folder = tmp_path_factory.mktemp("erasing")
    federation = make_federation(folder, (BE, GR, FR))

    async def run_once() -> None:
        network = Network(federation)
        for name in (BE, GR, FR):
            await network.open(name)
        await network.close()

    asyncio.run(run_once())
    return federation


@pytest.fixture
async def scene(federation: Federation, tmp_path: Path) -> AsyncIterator[Scene]:
    network = Network.copied(federation, tmp_path / "homes")
    for name in (BE, GR):
        await network.open(name)
    cases: Cases = network.cores[BE].cases
    case_id = await cases.add(made_up_case(), [photo()], made_by="anna", reason="a call")
    yield Scene(network, case_id)
    await network.close()
