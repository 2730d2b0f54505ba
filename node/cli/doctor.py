"""The checks of `homeward node doctor`, each one line: ok, warn or fail.

Fail: something does not work or is not safe. Warn: it will be so if nobody looks.
No check needs the passphrase or changes anything; what only the running node knows
is asked of it, and left out when it does not run.
"""

from __future__ import annotations

import platform
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from cryptography.hazmat.backends.openssl import backend

from keys.directory import load_kept_directory
from keys.directory_files import DirectoryFolder
from keys.epochs import epoch_numbers
from keys.errors import KeysError
from keys.files import load_file
from node.cli import condition, output
from node.cli.keys import epoch_state
from node.cli.nodes import is_late
from node.cli.output import Answer
from node.cli.reach import call_running
from node.cli.standing import RENEWING, expiry_warnings, standing_warnings
from node.config import Settings, load_settings
from node.errors import NodeError
from node.exchange.standing import standing_facts
from node.home import Home
from protocol import limits, suite
from protocol.ids import NodeId
from protocol.training import is_training

OK, WARN, FAIL = "ok", "warn", "fail"
# The secretariat renews the directory every few days; less than this left is late.
DIRECTORY_NOTICE_MS = 2 * output.DAY_MS
DISK_FAIL_BYTES = 200 * limits.MIB
DISK_WARN_BYTES = 2 * limits.GIB


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    result: str
    sentence: str
    hint: str = ""

    @property
    def answer(self) -> dict[str, str]:
        """The finding as it stands in answers."""
        return {"result": self.result, "sentence": self.sentence, "hint": self.hint}


@dataclass(frozen=True, slots=True)
class Patient:
    """What the checks look at; `status` is the running node's, None when none runs."""

    home: Home
    settings: Settings
    status: dict[str, Any] | None
    now_ms: int


Check = Callable[[Patient], Iterator[Finding]]


def examine(folder: Path) -> list[Finding]:
    """Run all checks on a home."""
    findings = [*_algorithms(), *_packages()]
    home = Home(folder)
    try:
        settings = load_settings(folder)
        status = call_running(home.socket, "node.status", {})
    except NodeError as error:
        return [*findings, Finding(FAIL, error.sentence, error.hint)]
    patient = Patient(home, settings, status, time.time_ns() // 1_000_000)
    for check in _CHECKS:
        findings += check(patient)
    return findings


def _algorithms() -> Iterator[Finding]:
    version = f"python {platform.python_version()}, {backend.openssl_version_text()}"
    missing = suite.missing_algorithms()
    if missing:
        sentence = f"{version} lacks {', '.join(missing)}"
        yield Finding(FAIL, sentence, "install cryptography 50 or newer from its own wheel")
    else:
        yield Finding(OK, f"{version} with all algorithms")


def _packages() -> Iterator[Finding]:
    places = {Path(str(import_module(name).__file__)).parent.parent for name in _PACKAGES}
    if len(places) == 1:
        yield Finding(OK, f"{', '.join(_PACKAGES)} are loaded from {places.pop()}")
    else:
        listed = ", ".join(sorted(map(str, places)))
        yield Finding(FAIL, f"the packages come from different places: {listed}", "reinstall")


_PACKAGES = ("node", "keys", "protocol")


def _training(patient: Patient) -> Iterator[Finding]:
    if is_training(NodeId(patient.settings.node_id)):
        yield Finding(WARN, output.TRAINING_LINE, "nothing leaves it; work in another home")


def _lock(patient: Patient) -> Iterator[Finding]:
    if patient.status is not None:
        yield Finding(OK, f"{patient.settings.node_id} runs")
        return
    try:
        patient.home.take()
    except NodeError:
        yield Finding(WARN, "a process uses this home but does not answer", "is it starting?")
    else:
        patient.home.release()
        yield Finding(WARN, f"{patient.settings.node_id} does not run", "homeward node run")


def _permissions(patient: Patient) -> Iterator[Finding]:
    folder = patient.home.folder
    open_to_others = [
        path
        for path in (folder, *folder.rglob("*"))
        if stat.S_IMODE(path.lstat().st_mode) & 0o077 and not path.is_symlink()
    ]
    if open_to_others:
        sentence = f"others may read {output.counted(len(open_to_others), 'file')} of the home"
        yield Finding(FAIL, sentence, f"chmod -R go= {folder}")
    else:
        yield Finding(OK, "only the owner may read the home")


def _identity(patient: Patient) -> Iterator[Finding]:
    if patient.home.identity.is_file():
        yield Finding(OK, "identity.key is there")
    else:
        yield Finding(FAIL, "identity.key is missing", "restore it from the backup")


def _directory(patient: Patient) -> Iterator[Finding]:
    home = patient.home
    if not home.root.exists():
        yield Finding(WARN, "the node has not joined a federation", "homeward federation join")
        return
    try:
        root = load_file(home.root, limits.DIRECTORY_ROOT_BYTES)
        files = DirectoryFolder(home.directory).load()
        directory = load_kept_directory(files, root)
    except (KeysError, OSError) as error:
        sentence = getattr(error, "sentence", "the directory cannot be read")
        hint = "take it from the secretariat again: homeward federation join"
        yield Finding(FAIL, sentence, hint)
        return
    facts = standing_facts(
        directory,
        NodeId(patient.settings.node_id),
        now_ms=patient.now_ms,
        grace_ms=patient.settings.directory_grace_ms,
    )
    facts["now_ms"] = patient.now_ms
    yield from _expiry(facts)
    not_active = [Finding(FAIL, *warning) for warning in standing_warnings(facts)]
    yield from not_active or [Finding(OK, "the directory names this node as an active member")]


def _expiry(facts: Answer) -> Iterator[Finding]:
    left_ms = facts["directory_expires_at_ms"] - facts["now_ms"]
    version, left = facts["directory_version"], output.span(left_ms)
    if left_ms <= 0:
        yield from (Finding(FAIL, *warning) for warning in expiry_warnings(facts))
    elif left_ms < DIRECTORY_NOTICE_MS:
        yield Finding(WARN, f"directory {version} expires in {left}", RENEWING)
    else:
        yield Finding(OK, f"directory {version} is good for {left}")


def _epochs(patient: Patient) -> Iterator[Finding]:
    now_ms = patient.now_ms
    states = [epoch_state(number, now_ms) for number in epoch_numbers(patient.home.epochs)]
    if "in_use" not in states:
        yield Finding(WARN, "there is no encryption key for this week", "it is made when it runs")
    else:
        ahead = output.counted(states.count("ahead"), "week")
        yield Finding(OK, f"encryption keys for this week and {ahead} ahead")
    if overdue := states.count("overdue"):
        sentence = f"{output.counted(overdue, 'old encryption key')} should be destroyed"
        yield Finding(WARN, sentence, "the running node does that, within the hour")
    if far := states.count("far_ahead"):
        sentence = f"{output.counted(far, 'encryption key')} of weeks far ahead"
        yield Finding(WARN, sentence, "the clock was ahead; they are destroyed in their own time")


def _disk(patient: Patient) -> Iterator[Finding]:
    free = shutil.disk_usage(patient.home.folder).free
    sentence = f"{free // limits.MIB} MiB free"
    if free < DISK_FAIL_BYTES:
        yield Finding(FAIL, sentence, "peers' messages are refused when the disk is full")
    else:
        yield Finding(WARN if free < DISK_WARN_BYTES else OK, sentence)


def _condition(patient: Patient) -> Iterator[Finding]:
    """Say what keeps the running node from the exchange."""
    status = patient.status
    if status is None or not status["federation"]:
        return
    found = (*condition.key_warnings(status), *condition.descriptor_warnings(status))
    yield from (Finding(FAIL, *warning) for warning in found)
    softer = (*condition.reach_warnings(status), *condition.mail_warnings(status))
    yield from (Finding(WARN, *warning) for warning in softer)


def _clock(patient: Patient) -> Iterator[Finding]:
    """Compare the clock with those of the peers; if none is known, with what was written."""
    status = patient.status or {"peers": [], "clock_ahead_ms": None, "clocks_agreeing": 0}
    own = [Finding(FAIL, *warning) for warning in condition.clock_warnings(status)]
    told = [condition.peer_clock_warning(peer) for peer in status["peers"]]
    yield from own
    yield from (Finding(WARN, sentence, condition.WHOSE_CLOCK) for sentence in told if sentence)
    if status["clocks_agreeing"] and not own:
        peers = output.counted(status["clocks_agreeing"], "peer")
        yield Finding(OK, f"the clock agrees with that of {peers}")
    elif not own:
        yield from _clock_by_files(patient)


def _clock_by_files(patient: Patient) -> Iterator[Finding]:
    folder = patient.home.folder
    written = [int(p.stat().st_mtime * 1000) for p in folder.glob("node.*") if p.is_file()]
    peers = patient.status["peers"] if patient.status is not None else []
    heard = [peer["last_exchange_ms"] for peer in peers if peer["last_exchange_ms"]]
    latest = max([*written, *heard], default=0)
    if latest > patient.now_ms + limits.CLOCK_SKEW_MS:
        behind = output.span(latest - patient.now_ms)
        yield Finding(FAIL, f"the clock is {behind} behind what was written", "set the clock")
    else:
        yield Finding(OK, "the clock is not behind what was written")


def _peers(patient: Patient) -> Iterator[Finding]:
    if patient.status is None:
        return
    for peer in patient.status["peers"]:
        late = [
            message
            for message in peer["waiting"]
            if is_late(patient.now_ms - message["queued_at_ms"], message["urgency"])
        ]
        if late:
            count = output.counted(len(late), "message")
            hint = f"phone {peer['telephone']}"
            yield Finding(WARN, f"{count} not delivered to {peer['node_id']}", hint)


_CHECKS: tuple[Check, ...] = (
    _training, _lock, _permissions, _identity, _directory, _epochs, _condition, _disk, _clock,
    _peers,
)  # fmt: skip
