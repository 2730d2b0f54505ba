"""Reach a home: ask its running node, or do the work here under the home's lock.

Either way the same command runs on the same kind of core, and gives the same
answer. Heavy modules are imported only when the work is done here.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from node.cli.options import made_by
from node.errors import ArgumentError, HomeError, NodeError
from node.home import Home, find_passphrase, normalised

if TYPE_CHECKING:
    from keys.identity import Identity
    from node.config import Settings

Answer = dict[str, Any]

ANSWER_SECONDS = 300.0
# A node that starts holds the lock before it listens; another command ends soon.
LOCK_SECONDS = 10.0
POLL_SECONDS = 0.05

_ERRORS: Mapping[str, type[NodeError]] = {"argument": ArgumentError, "home": HomeError}


@dataclass(frozen=True, slots=True)
class Reached:
    """An answer, and whether the running node gave it."""

    answer: Answer
    is_running: bool

    @property
    def delivery_words(self) -> str:
        """What becomes of a message that was just queued."""
        return "queued" if self.is_running else "queued; it goes out when the node runs"


def take_lock(home: Home) -> None:
    """Take the home's lock; wait for a command that has it, but not for a node.

    Raises:
        HomeError: a node runs in this home, or the lock was not given back in time.
    """
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            home.take()
        except HomeError as error:
            is_over = time.monotonic() >= deadline or _is_answering(home.socket)
            if error.code != "home_in_use" or is_over:
                raise
        else:
            return
        time.sleep(POLL_SECONDS)


class Door:
    """The way into one home; opens its secrets at most once, so that nobody types twice."""

    def __init__(self, folder: Path) -> None:
        """Open nothing yet."""
        self._home = Home(folder)
        self._identity: Identity | None = None

    def ask(self, command: str, arguments: Mapping[str, Any]) -> Reached:
        """Run a command on the home.

        Raises:
            NodeError, KeysError, PolicyRefusal: why it was not done.
        """
        arguments = {"made_by": made_by(), **arguments}
        answer = call_running(self._home.socket, command, arguments)
        if answer is None:
            try:
                return Reached(self._run_here(command, arguments), is_running=False)
            except HomeError as error:
                if error.code != "home_in_use":
                    raise
            # A node had the lock and was about to listen; now it does, or it has ended.
            answer = call_running(self._home.socket, command, arguments)
        if answer is None:
            raise HomeError("home_in_use", "the node in this home does not answer", "try again")
        return Reached(answer, is_running=True)

    def _run_here(self, command: str, arguments: Mapping[str, Any]) -> Answer:
        from node.config import load_settings

        settings = load_settings(self._home.folder)
        take_lock(self._home)
        try:
            self._identity = self._identity or open_locked(self._home, settings)
            return asyncio.run(
                _run_on_core(self._home, self._identity, settings, command, arguments)
            )
        finally:
            self._home.release()


def ask(folder: Path, command: str, arguments: Mapping[str, Any]) -> Reached:
    """Run one command on a home.

    Raises:
        NodeError, KeysError, PolicyRefusal: why it was not done.
    """
    return Door(folder).ask(command, arguments)


def call_running(path: Path, command: str, arguments: Mapping[str, Any]) -> Answer | None:
    """Run a command in the running node; None when no node runs.

    Raises:
        NodeError: what the command answered with.
    """
    if not path.exists():
        return None
    line = json.dumps({"command": command, "arguments": arguments}).encode() + b"\n"
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError as error:
            raise HomeError("socket", "the node's command socket cannot be used") from error
        try:
            connection.sendall(line)
            with connection.makefile("rb") as answers:
                answer = json.loads(answers.readline())
        except (OSError, ValueError) as error:
            raise HomeError(
                "no_answer",
                "the node ended before it answered",
                "whether it was done is not known; look before you repeat it",
            ) from error
    if "error" in answer:
        told = answer["error"]
        raise _ERRORS.get(told["kind"], NodeError)(told["code"], told["sentence"], told["hint"])
    result: Answer = answer["result"]
    return result


def passphrase_for(folder: Path, unlock_file: str) -> bytes:
    """Return the passphrase from where a service finds it, else ask the person.

    Raises:
        HomeError: there is none, and nobody to ask.
    """
    return find_passphrase(folder, unlock_file) or ask_passphrase()


def ask_passphrase(*, is_new: bool = False, of: str = "") -> bytes:
    """Ask at the terminal, without showing what is typed; a new one twice.

    `of` says which one is meant, where there may be several.

    Raises:
        HomeError: there is no terminal.
    """
    if not sys.stdin.isatty():
        raise HomeError(
            "no_passphrase",
            "the passphrase is needed, and there is no terminal to ask on",
            "name an unlock file (in homeward.toml, or with --unlock-file where there is one), "
            "or set HOMEWARD_PASSPHRASE",
        )
    prompt = f"passphrase of {of}" if of else "passphrase"
    text = click.prompt(prompt, hide_input=True, confirmation_prompt=is_new, err=True)
    return normalised(str(text).encode())


def open_secrets(home: Home, settings: Settings) -> Identity:
    """Open the identity of a home with its passphrase.

    Raises:
        KeysError, HomeError: it does not open, or is another node's.
    """
    return _opened(home, settings, passphrase_for(home.folder, settings.unlock_file))


def open_locked(home: Home, settings: Settings, passphrase: bytes | None = None) -> Identity:
    """Do so holding the home's lock; a change of keys whose time has come is done first.

    Without a passphrase it is found, or asked for.

    Raises:
        KeysError, NodeError: as `open_secrets`, or the change cannot be done.
    """
    if passphrase is None:
        passphrase = passphrase_for(home.folder, settings.unlock_file)
    identity = _opened(home, settings, passphrase)
    from node import rotation

    return rotation.finish(home, identity, passphrase, now_ms=time.time_ns() // 1_000_000)


def _opened(home: Home, settings: Settings, passphrase: bytes) -> Identity:
    from node.opening import open_identity

    identity = open_identity(home, passphrase)
    if identity.node_id != settings.node_id:
        raise HomeError(
            "other_identity",
            "identity.key and homeward.toml are of two different nodes",
            "restore both from the same backup",
        )
    return identity


def _is_answering(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True


async def _run_on_core(
    home: Home,
    identity: Identity,
    settings: Settings,
    command: str,
    arguments: Mapping[str, Any],
) -> Answer:
    from node.app import open_core
    from node.commands import run_command
    from node.peer.client import HttpLink
    from node.threads import Threads

    threads, link = Threads(), HttpLink()
    try:
        core = open_core(home, identity, settings, threads=threads, link=link, report=_no_report)
        try:
            return await run_command(core, command, arguments)
        finally:
            await core.close()
    finally:
        await link.close()
        threads.close()


def _no_report(event: str, peer: str, code: str) -> None:
    """Say nothing: what goes wrong with a command is its answer."""
