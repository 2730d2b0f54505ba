"""A node that runs: its core, its peer server, its command socket and its jobs.

Start: lock and secrets are taken by the caller; then the stores open, the socket
and the server listen, and only then does delivery begin. Stop, in reverse: nobody
is answered any more before the stores close.
"""

from __future__ import annotations

import asyncio
import gc
import random
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from keys.identity import Identity
from node.app import Core, open_core
from node.config import Settings
from node.control import ControlServer
from node.errors import ConfigError
from node.home import Home
from node.jobs import Job, Jobs
from node.logs import Logger, open_log
from node.peer.client import HttpLink
from node.peer.server import PeerServer
from node.threads import Threads
from protocol.ids import NodeId
from protocol.training import is_training

if TYPE_CHECKING:
    from node.web.office import Pages

EPOCH_SECONDS = 3600
SWEEP_SECONDS = 60
REMINDER_SECONDS = 60
LONGEST_JITTER_SECONDS = 60.0
# What nobody may overlook in the log.
LOUD = frozenset(
    {
        "directory_expired",
        "this_node_is_not_active",
        "clock_disagrees",
        "clock_is_probably_wrong",
        "mail_failed",
        "mail_given_up",
    }
)


# Objects made before the youngest generation is looked through; Python's own 700 is
# for scripts. A batch of envelopes makes thousands that live just as long as it does.
COLLECT_AFTER_OBJECTS = 50_000


def collect_seldom() -> None:
    """Tell Python's collector that what is loaded stays, and to look seldom for the rest."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS)
    gc.enable()


async def run_node(
    home: Home, settings: Settings, identity: Identity, *, on_ready: Callable[[int], None]
) -> None:
    """Run until SIGINT or SIGTERM; `on_ready` is called with the port that is listened on.

    Raises:
        ConfigError: the address cannot be listened on.
        HomeError: the command socket cannot be made.
        StoreError, KeysError: something of the home cannot be used.
    """
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    log, close_log = open_log(home.log)

    def report(event: str, peer: NodeId, code: str) -> None:
        write = log.warning if event in LOUD else log.info
        write(event, peer=peer, code=code)

    threads, link = Threads(), HttpLink()
    try:
        core = open_core(home, identity, settings, threads=threads, link=link, report=report)
        try:
            async with _serving(core, settings, log) as port:
                log.info("ready", port=port)
                collect_seldom()
                on_ready(port)
                await stopping.wait()
        finally:
            await core.close()
    finally:
        await link.close()
        threads.close()
        log.info("stopped")
        close_log()


@asynccontextmanager
async def _serving(core: Core, settings: Settings, log: Logger) -> AsyncIterator[int]:
    """Answer peers and commands, deliver, and do what is scheduled; yield the port."""
    server = PeerServer(core.service, core.directory_refresh)
    control = ControlServer(
        core, lambda command, error: log.error("command_failed", job=command, error=error)
    )
    jobs = Jobs(
        _jobs(core, settings), lambda job, error: log.error("job_failed", job=job, error=error)
    )
    pages = _pages(core, settings, log)
    refreshing: asyncio.Task[None] | None = None
    try:
        port = await _listen(server, settings)
        await control.start(core.home.socket)
        await core.start()
        if pages is not None:
            await pages.start()
        jobs.start()
        # At once, not after an interval: it may have been away while a key was stolen.
        refreshing = asyncio.create_task(core.refresh_directory())
        yield port
    finally:
        if refreshing is not None:
            refreshing.cancel()
        jobs.stop()
        if pages is not None:
            await pages.stop()
        await server.stop()
        await control.stop()


def _pages(core: Core, settings: Settings, log: Logger) -> Pages | None:
    if not settings.pages_port:
        return None
    # Only here: a node without pages does not load them.
    from node.web.office import Pages

    return Pages(
        core, settings, lambda page, error: log.error("page_failed", job=page, error=error)
    )


async def _listen(server: PeerServer, settings: Settings) -> int:
    if is_training(NodeId(settings.node_id)):
        # Nobody may come in either; the identity was opened under this very name.
        return 0
    try:
        return await server.start(settings.listen_host, settings.listen_port)
    except OSError as error:
        raise ConfigError(
            "cannot_listen",
            f"cannot listen on {settings.listen_host} port {settings.listen_port}",
            "change listen_host or listen_port in homeward.toml",
        ) from error


def _jobs(core: Core, settings: Settings) -> list[Job]:
    async def refresh_directory() -> None:
        # Not all nodes at the same second.
        longest = min(LONGEST_JITTER_SECONDS, settings.directory_refresh_seconds / 10)
        await asyncio.sleep(random.uniform(0.0, longest))  # noqa: S311 - no secret
        await core.refresh_directory()

    return [
        Job("epochs", EPOCH_SECONDS, core.turn_epochs),
        Job("directory", settings.directory_refresh_seconds, refresh_directory),
        Job("sweep", SWEEP_SECONDS, core.sweep),
        Job("accesses", EPOCH_SECONDS, core.accesses.forget_old),
        Job("reminders", REMINDER_SECONDS, core.remind),
        # Apart: a mail server that hangs must not hold up the reminders.
        Job("mail", REMINDER_SECONDS, core.send_mail),
    ]
