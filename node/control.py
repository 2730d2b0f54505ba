"""Commands to a running node, over the Unix socket in its home (mode 0600).

One connection carries one command: a line of JSON in, a line of JSON out. Whoever
may open the socket is the node's owner; there is no other check.

    {"command": "case.list", "arguments": {...}}
    {"result": {...}}   or   {"error": {"kind", "code", "sentence", "hint"}}
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keys.errors import KeysError
from node.app import Core
from node.errors import ArgumentError, HomeError, NodeError, describe
from protocol import limits
from protocol.errors import PolicyRefusal

# A command may carry photos (base64).
LINE_BYTES = 64 * limits.MIB
# What a command may still take when the node ends.
STOP_SECONDS = 5.0

Report = Callable[[str, str], None]
"""Called with a command's name and the type of an error that it must not have."""


class ControlServer:
    """Listens for commands."""

    def __init__(self, core: Core, report: Report) -> None:
        """Commands run on this core."""
        self._core = core
        self._report = report
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        self._running: set[asyncio.Task[Any]] = set()

    async def start(self, path: Path) -> None:
        """Listen at `path`; the home's lock says that a socket left there is stale.

        Raises:
            HomeError: there can be no socket at this path.
        """
        _remove(path)
        try:
            self._server = await asyncio.start_unix_server(self._serve, path, limit=LINE_BYTES)
        except OSError as error:
            # Most often: a socket's path has at most about 100 bytes.
            raise HomeError(
                "no_socket",
                "the command socket cannot be made in this home",
                "use a home with a shorter path",
            ) from error
        _restrict(path)
        self._path = path

    async def stop(self) -> None:
        """Take no more commands, let the running ones end, and remove the socket."""
        if self._server is not None:
            self._server.close()
        if self._running:
            await asyncio.wait(self._running, timeout=STOP_SECONDS)
        if self._path is not None:
            _remove(self._path)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        try:
            line = await reader.readline()
            writer.write(await answer_line(self._core, line, self._report))
            await writer.drain()
        except (ConnectionError, ValueError):
            # The caller went away, or sent more than a line may hold.
            return
        finally:
            writer.close()


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _restrict(path: Path) -> None:
    path.chmod(0o600)


async def answer_line(core: Core, line: bytes, report: Report) -> bytes:
    """Run the command in a line; return the line that answers it."""
    # Not loaded before the first command: a node that starts is waited for.
    from node.commands import run_command

    name = ""
    try:
        name, arguments = _parse_call(line)
        answer = {"result": await run_command(core, name, arguments)}
    except (NodeError, KeysError, PolicyRefusal) as error:
        answer = {"error": describe(error)}
    except Exception as error:  # noqa: BLE001 - a fault of ours ends one command, not the node
        report(name, type(error).__name__)
        fault = NodeError("internal", "the node has a fault and did not do it", "see node.log")
        answer = {"error": describe(fault)}
    return json.dumps(answer).encode() + b"\n"


def _parse_call(line: bytes) -> tuple[str, dict[str, Any]]:
    try:
        call = json.loads(line)
        name, arguments = call["command"], call["arguments"]
    except (ValueError, KeyError, TypeError) as error:
        raise ArgumentError("bad_call", "this is not a command") from error
    if not isinstance(name, str) or not isinstance(arguments, dict):
        raise ArgumentError("bad_call", "this is not a command")
    return name, arguments
