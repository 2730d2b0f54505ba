"""The command socket: whatever comes in, one line goes out, and the node goes on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from node import commands
from node.cli.reach import call_running
from node.control import ControlServer, answer_line
from node.errors import NodeError

REPORTS: list = []


async def answer(line: bytes) -> dict:
    return json.loads(await answer_line(None, line, lambda *event: REPORTS.append(event)))


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"{}\n", b"[]\n", b"7\n", b"\xff\n", b'{"command": 1, "arguments": {}}\n',
     b'{"command": "case.list", "arguments": []}\n'],
)  # fmt: skip
async def test_what_is_no_command_is_answered_as_such(line: bytes) -> None:
    assert (await answer(line))["error"]["code"] == "bad_call"


async def test_an_unknown_command_is_refused() -> None:
    told = (await answer(b'{"command": "case.burn", "arguments": {}}'))["error"]
    assert (told["kind"], told["code"]) == ("refused", "unknown_command")


async def test_a_fault_of_ours_is_told_without_its_message(monkeypatch) -> None:
    async def fault(*arguments):
        raise LookupError("Testina Fictiva")

    monkeypatch.setattr(commands, "run_command", fault)
    REPORTS.clear()
    text = json.dumps(await answer(b'{"command": "case.list", "arguments": {}}'))
    assert "internal" in text
    assert "Testina" not in text
    assert REPORTS == [("case.list", "LookupError")]


async def test_commands_that_run_end_before_the_node_does(tmp_path: Path, monkeypatch) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(*arguments):
        begun.set()
        await may_end.wait()
        return {"done": True}

    monkeypatch.setattr(commands, "run_command", slow)
    server = ControlServer(None, lambda *event: None)
    path = tmp_path / "node.sock"
    await server.start(path)
    assert path.stat().st_mode & 0o077 == 0
    caller = asyncio.create_task(asyncio.to_thread(call_running, path, "case.list", {}))
    await begun.wait()
    stopping = asyncio.create_task(server.stop())
    may_end.set()
    await stopping
    assert await caller == {"done": True}
    assert not path.exists()
    assert call_running(path, "case.list", {}) is None


async def test_a_caller_learns_that_the_node_ended_without_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "node.sock"
    server = await asyncio.start_unix_server(lambda reader, writer: writer.close(), path)
    with pytest.raises(NodeError, match="ended before it answered"):
        await asyncio.to_thread(call_running, path, "case.list", {})
    server.close()
