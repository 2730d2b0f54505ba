"""What a key holder is told: every difference that the bytes make, and nothing else."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from keys import change as changes
from keys.change import Change
from keys.effects import Effect, EffectKind, effects
from keys.joining import make_join_request, verify_join_request
from keys.members import MemberStatus, OpeningHours, TransferRegime
from keys.public_keys import RolePublicKeys
from tests.keys.ceremonies import (
    BE,
    FR,
    KEYS,
    NEXT_KEYS,
    NL,
    PUBLIC,
    THEN_MS,
    admitting,
    published,
    root,
    signed,
    suspend,
    targets,
)
from tests.keys.federation import DAY_MS, NOW_MS, fixed_random, log_key, log_signer, member

FOUNDED_MS, NEW_MS = (
    {
        "root": now_ms + 365 * DAY_MS,
        "targets": now_ms + 180 * DAY_MS,
        "suspend": now_ms + 365 * DAY_MS,
    }
    for now_ms in (NOW_MS, THEN_MS)
)


def told(change: Change) -> list[Effect]:
    """Return the effects but for the dates of the files."""
    return [each for each in effects(change) if each.kind is not EffectKind.ROLE_RENEWED]


def renewed(change: Change) -> list[tuple]:
    return [
        (each.subject, each.before, each.after)
        for each in effects(change)
        if each.kind is EffectKind.ROLE_RENEWED
    ]


def test_founding_names_the_federation_and_every_key() -> None:
    change = changes.found("Test", KEYS.public(), random=fixed_random("f"), now_ms=NOW_MS)
    first, *rest = told(change)
    assert (first.kind, first.subject, first.before) == (
        EffectKind.FEDERATION_FOUNDED, "Test", None,
    )  # fmt: skip
    assert first.after == fixed_random("f")(32).hex()
    for name, role in KEYS.by_role().items():
        ids = sorted(signer.public_key.keyid for signer in role.signers)
        assert [each.item for each in rest if each.subject == name] == [*ids, ""]
        assert Effect(EffectKind.ROLE_THRESHOLD, name, after=role.threshold) in rest
    assert renewed(change) == [(role, None, at_ms) for role, at_ms in FOUNDED_MS.items()]


def test_admission_tells_the_whole_record() -> None:
    record = member(
        FR,
        languages=("fr", "br"),
        hours=(OpeningHours(1, 540, 1020),),
        time_zone="Europe/Paris",
        endpoints=("https://one.invalid", "https://two.invalid"),
        agreement_until=datetime.date(2030, 12, 31),
        transfer_regime=TransferRegime.ADEQUACY,
    )
    change = changes.admit(Change(PUBLIC), record, now_ms=THEN_MS)
    key_id = log_key(FR).key_id.hex()
    fields = {
        "legal_name": record.legal_name,
        "country": "FR",
        "languages": ("fr", "br"),
        "hours": ("1 09:00-17:00",),
        "time_zone": "Europe/Paris",
        "telephone": record.telephone,
        "endpoints": ("https://one.invalid", "https://two.invalid"),
        "transfer_regime": "adequacy",
        "agreement_until": "2030-12-31",
    }
    assert told(change) == [
        Effect(EffectKind.MEMBER_ADMITTED, FR, after=record.legal_name),
        *(Effect(EffectKind.MEMBER_FIELD, FR, name, after=value) for name, value in fields.items()),
        Effect(EffectKind.LOG_KEY_ADDED, FR, key_id, after="fr.example/log/1"),
        Effect(EffectKind.LOG_KEY_BEGINS, FR, key_id, after=NOW_MS - DAY_MS),
    ]
    assert renewed(change) == [("targets", FOUNDED_MS["targets"], NEW_MS["targets"])]


def test_amended_fields_are_told_old_and_new_and_no_others() -> None:
    record = member(BE, telephone="+3225550199", endpoints=(), time_zone="Europe/Brussels")
    change = changes.amend(Change(PUBLIC), record, now_ms=THEN_MS)
    assert told(change) == [
        Effect(EffectKind.MEMBER_FIELD, BE, "time_zone", None, "Europe/Brussels"),
        Effect(EffectKind.MEMBER_FIELD, BE, "telephone", "+3225550100", "+3225550199"),
        Effect(EffectKind.MEMBER_FIELD, BE, "endpoints", ("https://be.example.invalid/",), None),
    ]


def test_planned_rotation_tells_the_end_of_the_old_key_and_the_new_one() -> None:
    old, new = log_signer(BE), log_signer("new")
    record = member(BE, log_keys=(log_key(BE, new),))
    data = make_join_request(record, new, now_ms=THEN_MS, previous=old)
    change = changes.rekey(
        Change(PUBLIC), verify_join_request(data), compromised_since_ms=None, now_ms=THEN_MS
    )
    end_ms = THEN_MS + 14 * DAY_MS
    assert told(change) == [
        Effect(EffectKind.LOG_KEY_ENDS, BE, old.key_id.hex(), None, end_ms),
        Effect(EffectKind.LOG_KEY_ADDED, BE, new.key_id.hex(), after="be.example/log/1"),
        Effect(EffectKind.LOG_KEY_BEGINS, BE, new.key_id.hex(), None, THEN_MS),
    ]


def test_rotation_after_a_theft_tells_since_when_and_the_reinstatement() -> None:
    new = log_signer("new")
    record = member(BE, log_keys=(log_key(BE, new, number=2),))
    request = verify_join_request(make_join_request(record, new, now_ms=THEN_MS))
    change = changes.rekey(Change(PUBLIC), request, compromised_since_ms=NOW_MS, now_ms=THEN_MS)
    old_id, new_id = log_key(BE).key_id.hex(), new.key_id.hex()
    assert told(change) == [
        Effect(EffectKind.LOG_KEY_COMPROMISED, BE, old_id, None, NOW_MS),
        Effect(EffectKind.LOG_KEY_ADDED, BE, new_id, after="be.example/log/2"),
        Effect(EffectKind.LOG_KEY_BEGINS, BE, new_id, None, THEN_MS),
        Effect(EffectKind.MEMBER_REINSTATED, BE, "", None, THEN_MS),
    ]


def test_revocation_suspension_and_reinstatement_are_told() -> None:
    public = Change(PUBLIC)
    revoked = changes.revoke(public, BE, compromised_since_ms=NOW_MS, now_ms=THEN_MS)
    key_id = log_key(BE).key_id.hex()
    assert told(revoked) == [
        Effect(EffectKind.LOG_KEY_COMPROMISED, BE, key_id, None, NOW_MS),
        Effect(EffectKind.MEMBER_REVOKED, BE),
    ]
    suspended = changes.suspend(public, BE, now_ms=THEN_MS)
    assert told(suspended) == [Effect(EffectKind.MEMBER_SUSPENDED, BE, "", None, THEN_MS)]
    assert renewed(suspended) == [("suspend", FOUNDED_MS["suspend"], NEW_MS["suspend"])]
    files = published(signed(suspended, suspend(2)))
    back = changes.reinstate(Change(files), BE, now_ms=THEN_MS + 1)
    assert told(back) == [Effect(EffectKind.MEMBER_REINSTATED, BE, "", None, THEN_MS + 1)]
    both = changes.suspend(back, NL, now_ms=THEN_MS + 1)
    assert told(both) == [
        Effect(EffectKind.MEMBER_REINSTATED, BE, "", None, THEN_MS + 1),
        Effect(EffectKind.MEMBER_SUSPENDED, NL, "", None, THEN_MS + 1),
    ]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (MemberStatus.SUSPENDED, EffectKind.MEMBER_SUSPENDED),
        (MemberStatus.REVOKED, EffectKind.MEMBER_REVOKED),
    ],
)
def test_status_in_a_record_is_told_whichever_way_it_came_in(status, kind) -> None:
    change = changes.amend(Change(PUBLIC), member(BE, status=status), now_ms=THEN_MS)
    assert told(change) == [Effect(kind, BE)]
    back = changes.amend(Change(published(signed(change, targets(3)))), member(BE), now_ms=THEN_MS)
    assert told(back) == [Effect(EffectKind.MEMBER_REINSTATED, BE)]
    at_once = changes.admit(Change(PUBLIC), member(FR, status=status), now_ms=THEN_MS)
    assert Effect(kind, FR) in told(at_once)


def test_keys_and_thresholds_of_roles_are_told() -> None:
    keys = KEYS.public()
    kept, gone = keys.targets.keys[:4], keys.targets.keys[4]
    new = NEXT_KEYS.targets.public().keys[0]
    change = changes.rotate_root(
        Change(PUBLIC),
        replace(keys, targets=RolePublicKeys([*kept, new], 2)),
        now_ms=THEN_MS,
    )
    assert told(change) == [
        Effect(EffectKind.ROLE_KEY_ADDED, "targets", new.keyid),
        Effect(EffectKind.ROLE_KEY_REMOVED, "targets", gone.keyid),
        Effect(EffectKind.ROLE_THRESHOLD, "targets", "", 3, 2),
    ]


def test_keys_of_the_role_suspend_are_told_though_they_stand_elsewhere() -> None:
    keys = KEYS.public()
    assert keys.suspend is not None
    fewer = RolePublicKeys(keys.suspend.keys[:2], 2)
    change = changes.rotate_root(Change(PUBLIC), replace(keys, suspend=fewer), now_ms=THEN_MS)
    assert told(change) == [
        Effect(EffectKind.ROLE_KEY_REMOVED, "suspend", keys.suspend.keys[2].keyid)
    ]


def test_renewal_tells_nothing_but_the_dates() -> None:
    change = Change(PUBLIC)
    for role in FOUNDED_MS:
        change = changes.renew(change, role, now_ms=THEN_MS)
    assert told(change) == []
    assert renewed(change) == [(role, FOUNDED_MS[role], NEW_MS[role]) for role in FOUNDED_MS]


def test_other_name_of_the_federation_is_told() -> None:
    change = changes.rotate_root(Change(PUBLIC), KEYS.public(), now_ms=THEN_MS)
    data = change.pending["2.root.json"].replace(b"Many holders", b"Holders of many")
    assert told(Change(PUBLIC, {"2.root.json": data})) == [
        Effect(EffectKind.FEDERATION_RENAMED, "Many holders", "", "Many holders", "Holders of many")
    ]


def test_effects_do_not_depend_on_the_signatures() -> None:
    assert effects(signed(admitting(), targets(3))) == effects(admitting())
    rotating = changes.rotate_root(Change(PUBLIC), KEYS.public(), now_ms=THEN_MS)
    assert effects(signed(rotating, root(2))) == effects(rotating)


def test_without_a_change_there_is_nothing_to_tell() -> None:
    assert effects(Change(PUBLIC)) == ()
