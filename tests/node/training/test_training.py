"""A training home: what is in it, and that it can reach nobody in earnest."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
from collections import Counter
from datetime import date
from functools import partial
from pathlib import Path

import pytest

import keys.change
import tests.support.nodes
from keys.change import Change, admit
from keys.directory import load_kept_directory
from keys.directory_files import DirectoryFolder
from keys.errors import MembershipError
from keys.identity import Identity, create_identity, store_identity
from keys.members import LogKeyRecord, MemberRecord, TransferRegime
from keys.signers_at_hand import create_federation, sign_and_publish
from node.app import Core, Surroundings
from node.commands import run_command
from node.config import Settings, write_settings
from node.errors import HomeError, NodeError
from node.exchange.closed import TownLink
from node.exchange.legs import NewLeg
from node.federation import key_files
from node.home import UNLOCK_VARIABLE, Home
from node.peer.server import PeerServer
from node.reminding.mailing import Addresses
from node.running import run_node
from node.training.cases import invented_case
from node.training.making import Made, fill_home
from node.training.people import LANGUAGES
from node.training.photos import draw_face
from node.training.referrals import PLAYS
from node.training.town import FEDERATION, FEDERATION_FOLDER, NEIGHBOURS
from protocol.disclosure import check_case
from protocol.ids import NodeId
from protocol.pb.homeward.v1 import case_pb2
from protocol.vocabulary import check_codes, offered
from tests.support.commands import homeward
from tests.support.contents import opening
from tests.support.nodes import (
    CHEAP,
    NOW_MS,
    PASSPHRASE,
    DirectLink,
    Federation,
    SettableClock,
    endpoint_of,
    make_federation,
    open_core,
    seeded,
)

TODAY = date(2026, 11, 22)
TRAINING = NodeId("be.training")
GR = "gr.example"
CASES, PHOTOS = 24, 3
SEED = "test"
DAY_MS = 24 * 3600 * 1000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Identity, Made]:
    """A training home, made once; copy it before anything in it is changed."""
    home = Home(tmp_path_factory.mktemp("training") / "home")
    home.make()
    identity = create_identity(TRAINING, seeded("training"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_files, "KEY_COST", CHEAP)
        amount = asyncio.run(
            fill_home(home, identity, PASSPHRASE, now_ms=NOW_MS, cases=CASES, photos=PHOTOS)
        )
    return home, identity, amount


@pytest.fixture
def home(made: tuple[Home, Identity, Made], tmp_path: Path) -> Home:
    shutil.copytree(made[0].folder, tmp_path / TRAINING)
    return Home(tmp_path / TRAINING)


@pytest.fixture
def identity(made: tuple[Home, Identity, Made]) -> Identity:
    return made[1]


def opened(folder: Path, identity: Identity, link: DirectLink) -> Core:
    town = Federation(folder, {}, b"", {TRAINING: identity}, None)
    return open_core(town, TRAINING, link, SettableClock(), seed="again")


def record_of(identity: Identity) -> MemberRecord:
    signer = identity.log_signer()
    key = LogKeyRecord(
        origin=identity.origin,
        ed25519=signer.ed25519_public,
        mldsa44=signer.mldsa44_public,
        valid_from_ms=NOW_MS - DAY_MS,
    )
    return MemberRecord(
        node_id=identity.node_id, legal_name="Invented", country="BE", telephone="+3225550100",
        endpoints=(endpoint_of(identity.node_id),), log_keys=(key,),
        transfer_regime=TransferRegime.EEA,
    )  # fmt: skip


def test_two_hundred_cases_hold_every_category_script_and_family_and_break_no_rule() -> None:
    made = [invented_case(number, SEED, TODAY) for number in range(220)]
    for number, each in enumerate(made):
        for change in each.changes:
            change.apply(each.case)
        each.case.federated_id = f"be.training/{number}"
        assert not list(check_case(each.case))
        assert not check_codes(each.case)
    cases = [each.case for each in made]
    children = [child for case in cases for child in case.children]
    scripts = {name.script for child in children for name in child.names}
    assert {case.category for case in cases} == set(offered("category"))
    assert scripts >= {"Latn", "Grek", "Cyrl", "Geor", "Armn", "Arab"}
    languages = {code for child in children for code in child.languages}
    assert languages == {language.code for language in LANGUAGES.values()}
    assert languages >= {"bul", "rus", "srp", "ukr"}
    assert sum(len(case.children) > 1 for case in cases) > 20
    assert sum(bool(each.changes) for each in made) > 50
    assert {case.status for case in cases} == {"open", "closed"}


def test_brothers_and_sisters_share_the_family_and_not_the_name() -> None:
    for number in range(60):
        children = invented_case(number, SEED, TODAY).case.children
        given = [child.names[0].given for child in children]
        assert len(set(given)) == len(given)


def test_the_same_number_is_the_same_case_and_another_seed_another() -> None:
    first, again = (invented_case(7, SEED, TODAY).case for _ in range(2))
    assert first == again
    assert first != invented_case(7, "other", TODAY).case


def test_the_same_chance_draws_the_same_face() -> None:
    faces = [draw_face(random.Random(seed)) for seed in (1, 1, 2)]
    assert faces[0] == faces[1] != faces[2]


async def test_a_home_has_cases_photos_and_referrals_in_many_states(
    home: Home, identity: Identity, made: tuple[Home, Identity, Made]
) -> None:
    core = opened(home.folder.parent, identity, DirectLink())
    try:
        assert made[2] == Made(CASES, PHOTOS, len(PLAYS))
        views = await core.cases.list()
        assert len(views) == CASES
        assert any(view.row.version > 1 for view in views)
        whole = [await core.cases.get(view.row.case_id) for view in views]
        kinds = [file.media_type for view in whole for file in view.files]
        assert kinds == ["image/jpeg"] * PHOTOS
        child = views[0].case.children[0].names[0]
        hits = await core.finding.find(f"{child.given} {child.family}")
        assert views[0].row.case_id in {hit.case_id for hit in hits}
        told = await run_command(core, "referral.list", {})
        states = Counter(leg["state"] for leg in told["referrals"])
        assert set(states) >= {
            "queued", "delivered", "received", "accepted", "info_needed", "outcome_reported",
            "closed", "declined", "withdrawn",
        }  # fmt: skip
        assert {leg["side"] for leg in told["referrals"]} == {"sender", "recipient"}
        status = await run_command(core, "node.status", {})
        assert status["is_training"] is True
        waiting = {peer["node_id"] for peer in status["peers"] if peer["waiting"]}
        assert waiting == {name for name, each in NEIGHBOURS.items() if each.is_down}
    finally:
        await core.close()


async def test_nothing_leaves_even_for_a_live_peer_that_answers_at_the_address(
    home: Home, identity: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The worst that can be: a live directory that names the training node is in force on
    # both sides, and there is a network.
    live, link = make_federation(tmp_path / "live", (GR,)), DirectLink()
    monkeypatch.setattr(keys.change, "belongs", lambda node_id, name: True)
    change = admit(Change(live.files), record_of(identity), now_ms=NOW_MS)
    files = sign_and_publish(change, live.keys, now_ms=NOW_MS)
    directory = load_kept_directory(files, live.root)
    peer = open_core(live, GR, link, SettableClock())
    core = opened(home.folder.parent, identity, link)
    core.context.trust.directory = peer.context.trust.directory = directory
    try:
        await core.start()
        await core.legs.open_all(
            [NewLeg(NodeId(GR), opening("alert", expires_at_ms=NOW_MS + DAY_MS), None)], made_by="a"
        )
        core.delivery.wake(NodeId(GR))
        for _ in range(500):
            await asyncio.sleep(0)
        told = await run_command(core, "node.status", {})
        (toward,) = [each for each in told["peers"] if each["node_id"] == GR]
        assert toward["last_failure"] == "training"
        assert toward["waiting"]
        assert (await run_command(peer, "referral.list", {}))["referrals"] == []
    finally:
        await core.close()
        await peer.close()


async def test_a_live_federation_admits_no_training_node_and_the_other_way_round(
    home: Home, identity: Identity, tmp_path: Path
) -> None:
    live = make_federation(tmp_path / "live", (GR,))
    with pytest.raises(MembershipError, match="do not belong together"):
        admit(Change(live.files), record_of(identity), now_ms=NOW_MS)
    training = DirectoryFolder(home.directory).load()
    with pytest.raises(MembershipError, match="do not belong together"):
        admit(Change(training), record_of(live.identities[GR]), now_ms=NOW_MS)


async def test_it_refuses_a_live_root_also_when_the_live_directory_names_it(
    home: Home, identity: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = make_federation(tmp_path / "live", (GR,))
    # A secretariat that runs another program.
    monkeypatch.setattr(keys.change, "belongs", lambda node_id, name: True)
    change = admit(Change(live.files), record_of(identity), now_ms=NOW_MS)
    files = sign_and_publish(change, live.keys, now_ms=NOW_MS)
    for path in (home.root, *home.directory.iterdir()):
        path.unlink()
    core = opened(home.folder.parent, identity, DirectLink())
    try:
        with pytest.raises(NodeError) as refused:
            await core.directory_refresh.join(live.root, files, core.context.logbook.signer.key_id)
        assert refused.value.code == "other_kind"
        assert not home.root.exists()
        assert not list(home.directory.iterdir())
    finally:
        await core.close()
    # Nor does it open when somebody puts the files there by hand.
    DirectoryFolder(home.directory).store(files)
    home.root.write_bytes(live.root)
    with pytest.raises(HomeError) as not_opened:
        opened(home.folder.parent, identity, DirectLink())
    assert not_opened.value.code == "other_kind"


async def test_a_live_node_refuses_a_training_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = make_federation(tmp_path / "live", (GR,))
    theirs = live.home(GR)
    for path in (theirs.root, *theirs.directory.iterdir()):
        path.unlink()
    monkeypatch.setattr(keys.change, "belongs", lambda node_id, name: True)
    invented = create_federation(FEDERATION, live.keys, random=seeded("town"), now_ms=NOW_MS)
    change = admit(Change(invented), record_of(live.identities[GR]), now_ms=NOW_MS)
    files = sign_and_publish(change, live.keys, now_ms=NOW_MS)
    core = open_core(live, GR, DirectLink(), SettableClock())
    try:
        with pytest.raises(NodeError) as refused:
            await core.directory_refresh.join(
                files["1.root.json"],
                files,
                core.context.logbook.signer.key_id,
            )
        assert refused.value.code == "other_kind"
        assert not theirs.root.exists()
    finally:
        await core.close()


def test_the_link_of_a_town_lets_no_live_node_in() -> None:
    with pytest.raises(ValueError, match="only training nodes"):
        TownLink().let_in("https://gr.example.invalid", NodeId(GR), None)


def test_its_federation_can_be_renewed_from_the_home(home: Home) -> None:
    assert (home.folder / FEDERATION_FOLDER / "root.json").read_bytes() == home.root.read_bytes()


def test_no_case_is_left_without_the_word_that_it_is_invented() -> None:
    case: case_pb2.Case = invented_case(3, SEED, TODAY).case
    assert "training" in case.circumstances.text.text.lower()
    assert case.local_case_number.startswith("TRAINING-")


def test_commands_say_that_it_is_training_and_no_settings_make_it_another(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(UNLOCK_VARIABLE, PASSPHRASE.decode())
    write_settings(home.folder, Settings(node_id=TRAINING))
    identity = create_identity(TRAINING, seeded("training"))
    store_identity(home.identity, identity, PASSPHRASE, random=seeded("vault"), cost=CHEAP)
    where = ("--home", str(home.folder))
    listed = homeward("case", "list", *where)
    assert listed.code == 0
    assert listed.errors.splitlines()[0] == "training home: invented cases"
    told = homeward("node", "status", "--json", *where)
    assert json.loads(told.out)["is_training"] is True
    assert "warn  training home: invented cases" in homeward("node", "doctor", *where).out
    write_settings(home.folder, Settings(node_id="be.example"))
    renamed = homeward("case", "list", *where)
    assert renamed.code == 3
    assert "two different nodes" in renamed.errors


@pytest.mark.parametrize(
    "options",
    [("--node-id", "be.example", "--training"), ("--node-id", "be.training-1"), ()],
    ids=["earnest name", "training name without the option", "no name"],
)
def test_init_refuses_a_name_of_the_other_kind_and_makes_nothing(
    options: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(UNLOCK_VARIABLE, PASSPHRASE.decode())
    refused = homeward("node", "init", "--home", str(tmp_path / "new"), *options)
    assert refused.code == 2
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", [TRAINING, NodeId(GR)])
async def test_only_a_node_in_earnest_sends_mail(
    name: NodeId, home: Home, identity: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = Addresses(sender="a@mail.example", staff=("b@mail.example",), supervisors=())
    with_mail = partial(Surroundings, mail=(None, addresses))
    monkeypatch.setattr(tests.support.nodes, "Surroundings", with_mail)
    if name == TRAINING:
        core = opened(home.folder.parent, identity, DirectLink())
    else:
        core = open_core(
            make_federation(tmp_path / "live", (GR,)), GR, DirectLink(), SettableClock()
        )
    try:
        assert core.has_mail is (name != TRAINING)
    finally:
        await core.close()


async def test_a_training_node_that_runs_opens_no_port(
    home: Home, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(PeerServer, "start", lambda *_: served.set_result(None))

    def ready(port: int) -> None:
        assert port == 0
        os.kill(os.getpid(), signal.SIGTERM)

    await asyncio.wait_for(
        run_node(home, Settings(node_id=TRAINING), identity, on_ready=ready), timeout=30
    )
    assert not served.done()
