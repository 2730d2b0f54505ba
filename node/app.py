"""The one place that builds a node from its parts and connects them.

`Core` is the node without threads, sockets or files of its own choosing: the
simulator builds it with a seeded clock and a bad network. `open_home` builds the
real one. Opening order matters: lock, then secrets, then the database.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from keys.directory import NO_DIRECTORY, Directory, load_kept_directory
from keys.directory_files import DirectoryFolder
from keys.epochs import EpochStore
from keys.errors import KeysError
from keys.files import load_file
from keys.identity import Identity
from node.audit.accesses import Accesses
from node.audit.evidence import Evidence
from node.cases.approvals import Approvals
from node.cases.cases import Cases
from node.cases.taking import Taking
from node.config import Settings
from node.erasing.endings import Endings
from node.erasing.erasing import Erasing
from node.erasing.notices import Notices
from node.errors import DeliveryError, HomeError
from node.exchange.answers import Answers
from node.exchange.attachments import AttachmentSending
from node.exchange.briefs import Briefs
from node.exchange.clocks import PeerClocks
from node.exchange.closed import link_of
from node.exchange.context import Clock, Context, PeerLink, Randomness
from node.exchange.descriptors import Descriptors
from node.exchange.directory import OTHER_KIND, DirectoryRefresh
from node.exchange.legs import Legs
from node.exchange.logbook import Begin, LogBook
from node.exchange.reach import Reach
from node.exchange.requests import Requests
from node.exchange.sending import Sending
from node.exchange.service import PeerService
from node.exchange.spreading import Spreading
from node.exchange.standing import Watch
from node.exchange.trust import Trust
from node.figures.figures import Figures
from node.finding.finding import Finding
from node.home import Home
from node.peer.delivery import Delivery, Report
from node.reminding.digest import queue_digest_mail
from node.reminding.mailing import Addresses, Mailing, MailServer
from node.reminding.reminding import Reminding
from node.reminding.rules import Rules
from node.reminding.setting import mail_of, rules_of
from node.store.blobs import BlobStore
from node.store.db import Runner, Store, no_hook
from node.threads import Threads
from protocol import limits
from protocol.ids import NodeId
from protocol.training import belongs, is_training

NO_PEER = NodeId("")
"""In a report: whoever it was has not proven it."""


class SystemClock:
    """The computer's clock."""

    def now_ms(self) -> int:
        """Return milliseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything a core takes from the outside."""

    clock: Clock
    random: Randomness
    link: PeerLink
    run_writes: Runner
    run_reads: Runner
    compute: Runner
    disk: Runner
    begin: Begin
    report: Report
    on_durable: Callable[[str], None]
    directory_grace_ms: int = limits.DIRECTORY_GRACE_MS
    retention_days: Mapping[str, int] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    mail: tuple[MailServer, Addresses] | None = None


class Core:
    """A node's use cases over its stores; `start` and `stop` run its delivery."""

    def __init__(
        self, home: Home, identity: Identity, surroundings: Surroundings, *, now_ms: int
    ) -> None:
        """Open the stores of a home and connect the parts.

        Raises:
            StoreError, KeysError: something of the home cannot be used.
        """
        self.home = home
        self.identity = identity
        self.context = _open_context(home, identity, surroundings, now_ms)
        self.store = self.context.store
        self._report = surroundings.report
        self.descriptors = Descriptors(self.context)
        self.sending = Sending(self.context, self.descriptors)
        self.answers = Answers(self.context)
        self.legs = Legs(self.context, self.sending)
        self._connect_use_cases(surroundings)
        self._connect_peers()

    def _connect_use_cases(self, surroundings: Surroundings) -> None:
        """Connect what people ask of the node, and what it reminds them of."""
        self.erasing = Erasing(self.context, self.legs, self.home.erasures)
        self.legs.erasing = self.erasing
        self.notices = Notices(self.context, self.legs, surroundings.retention_days)
        self.endings = Endings(self.context, self.erasing)
        self.cases = Cases(self.context)
        self.taking = Taking(self.context, self.cases)
        self.approvals = Approvals(self.context, self.cases, self.legs)
        self.finding = Finding(self.store)
        self.accesses = Accesses(self.context)
        self.briefs = Briefs(self.context)
        self.figures = Figures(self.context)
        self.evidence = Evidence(self.context, self.home.directory)
        self.reminding = Reminding(self.context, self.legs, surroundings.rules, self._report)
        # What is invented wakes nobody up.
        mail = None if is_training(self.identity.node_id) else surroundings.mail
        self._mailing = mail and Mailing(self.context, *mail, self._report)

    def _connect_peers(self) -> None:
        """Connect what goes out to peers, and what answers them."""
        requests = Requests(self.context, self.descriptors)
        self.directory_refresh = DirectoryRefresh(
            self.context,
            self.home.directory,
            self.home.root,
            on_taken=self._look_anew,
            report=self._report,
        )
        self.spreading = Spreading(
            self.context,
            requests,
            refresh_from=self.directory_refresh.refresh_from,
            report=self._report,
        )
        self._watch = Watch(self.context, self._report)
        self.delivery = Delivery(
            self.context,
            sending=self.sending,
            answers=self.answers,
            descriptors=self.descriptors,
            attachment_sending=AttachmentSending(self.context, requests),
            report=self._report,
        )
        self.descriptors.on_newer = self.delivery.renewed
        self.service = PeerService(
            self.context,
            descriptors=self.descriptors,
            requests=requests,
            spreading=self.spreading,
            on_contact=self.delivery.contact,
            on_refusal=lambda code: self._report("refused", NO_PEER, code.name.lower()),
        )

    async def start(self) -> None:
        """Publish the descriptor if it is due, and start delivering."""
        await self.context.trust.met.load(self.store)
        await self.erasing.recover()
        await self.turn_epochs()
        await self.directory_refresh.note()
        self._watch.look()
        self.spreading.start()
        await self.delivery.start()

    async def refresh_directory(self) -> None:
        """Ask all peers for a newer directory, and tell them of it if that was not done yet."""
        await self.directory_refresh.note()
        try:
            await self.directory_refresh.refresh()
        except DeliveryError:
            # Nobody answered: the next run asks again, and delivery goes on meanwhile.
            pass
        except KeysError as error:
            self._report("directory_fault", self.context.node_id, type(error).__name__)
        self.spreading.tell()

    def _look_anew(self) -> None:
        """Another directory is in force: tell of it, and see what may go out now."""
        self.spreading.tell()
        self.delivery.look_again()
        self._watch.look()

    async def turn_epochs(self) -> None:
        """Make the epochs that are due, publish them, destroy the old ones."""
        now_ms, epochs = self.context.clock.now_ms(), self.context.trust.epochs
        try:
            await self.context.disk(lambda: epochs.ensure(now_ms))
            # If we crash here the epochs are there, and the next start publishes them.
            if self.context.trust.directory.is_member(self.context.node_id):
                await self.descriptors.publish()
        finally:
            # Also on a full disk: destroying takes no room, and is promised.
            await self.context.disk(lambda: epochs.destroy_expired(now_ms))

    async def sweep(self) -> None:
        """Give up on messages whose own time is over, and look after every queue."""
        self._watch.look()
        await self.directory_refresh.note()
        await self.context.trust.met.keep(self.store, self.context.clock.now_ms())
        await self.delivery.start()
        is_in_doubt = self.reminding.is_time_in_doubt or self.endings.is_time_in_doubt
        await self.descriptors.compare_clocks(
            is_in_doubt=is_in_doubt or await self.answers.is_time_in_doubt()
        )
        await self.answers.expire()
        await self.endings.look()
        await self.approvals.end_over()

    async def remind(self) -> None:
        """Tell people what is due, and confirm what nobody has answered."""
        await self.reminding.look()
        for peer in await self.reminding.confirm_unanswered():
            self.delivery.wake(peer)
        await queue_digest_mail(self.context, self.reminding)

    async def send_mail(self) -> None:
        """Send the mail that waits; what is not taken is tried again later."""
        if self._mailing is not None:
            await self._mailing.send_due()

    @property
    def has_mail(self) -> bool:
        """Whether a mail server is named."""
        return self._mailing is not None

    async def close(self) -> None:
        """Stop delivering and close the database."""
        await self.spreading.stop()
        await self.delivery.stop()
        await self.store.close()


def open_core(
    home: Home,
    identity: Identity,
    settings: Settings,
    *,
    threads: Threads,
    link: PeerLink,
    report: Report,
) -> Core:
    """Build a real node's core; the home's lock must be held."""
    clock = SystemClock()
    surroundings = Surroundings(
        clock=clock,
        random=os.urandom,
        link=link,
        run_writes=threads.runner("writes"),
        run_reads=threads.runner("reads"),
        compute=threads.runner("compute"),
        disk=threads.runner("disk"),
        begin=threads.begin,
        report=report,
        on_durable=no_hook,
        directory_grace_ms=settings.directory_grace_ms,
        retention_days=settings.retention_days,
        rules=rules_of(settings),
        mail=mail_of(settings, home.folder),
    )
    return Core(home, identity, surroundings, now_ms=clock.now_ms())


def _open_context(home: Home, identity: Identity, outside: Surroundings, now_ms: int) -> Context:
    """Open what lies in the home, and put it beside what comes from the outside."""
    store = Store(
        home.database,
        identity.database_key,
        run_writes=outside.run_writes,
        run_reads=outside.run_reads,
        on_durable=outside.on_durable,
    )
    logbook = LogBook(
        store=store,
        signer=identity.log_signer(),
        origin=identity.origin,
        number=identity.origin_number,
        begin=outside.begin,
    )
    epochs = EpochStore(home.epochs, identity.epoch_wrapping_key, outside.random)
    epochs.ensure(now_ms)
    return Context(
        node_id=identity.node_id,
        transport_seed=identity.transport_seed,
        clock=outside.clock,
        random=outside.random,
        store=store,
        blobs=BlobStore(home.blobs, outside.on_durable),
        logbook=logbook,
        trust=Trust(_load_directory(home, identity.node_id), epochs, outside.directory_grace_ms),
        link=Reach(link_of(identity.node_id, outside.link)),
        clocks=PeerClocks(outside.report),
        compute=outside.compute,
        disk=outside.disk,
    )


def _load_directory(home: Home, node_id: NodeId) -> Directory:
    """Load the directory in force, or an empty one before the node has joined.

    Raises:
        HomeError: a training node was given the files of a federation in earnest, or the
            other way round.
        KeysError: it cannot be loaded.
    """
    if not home.root.exists():
        return NO_DIRECTORY
    root = load_file(home.root, limits.DIRECTORY_ROOT_BYTES)
    directory = load_kept_directory(DirectoryFolder(home.directory).load(), root)
    if not belongs(node_id, directory.federation_name):
        raise HomeError("other_kind", *OTHER_KIND)
    return directory
