"""One run: nodes, network, time and trouble, all from one seed.

The world decides who dies when, keeps what was found wrong, and at the end opens
every node's books and checks them against each other.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

from keys.members import LogKeyRecord
from node.store import directories, outbox
from protocol import limits
from tests.simulation import (
    check_bundles,
    check_directory,
    check_evidence,
    check_exchange,
    check_log,
    check_secrecy,
)
from tests.simulation.books import LOG_NUMBER, Books, open_database
from tests.simulation.clocks import Fault, NodeClock, SimulatedTime
from tests.simulation.dangers import Danger, Dangers, full_disk_error
from tests.simulation.life import (
    FAULTS,
    OF_CLOCKS,
    OWNER,
    Call,
    Life,
    SimulatedCrash,
    owned_task,
)
from tests.simulation.machine import Machine
from tests.simulation.network import Network
from tests.simulation.office import Office
from tests.simulation.plan import Plan, stream
from tests.simulation.trace import Trace
from tests.support.nodes import NOW_MS, Federation, endpoint_of

T = TypeVar("T")

MOST_VIOLATIONS = 20


class World:
    """Everything in one run."""

    def __init__(self, plan: Plan, federation: Federation, folder: Path, trace: Trace) -> None:
        """Copy the homes of `federation` into `folder`; the running loop becomes the world's."""
        loop = asyncio.get_running_loop()
        loop.set_task_factory(owned_task)
        loop.set_exception_handler(self._on_unheard)
        self.plan = plan
        self.trace = trace
        self.violations: list[str] = []
        self.time = SimulatedTime(NOW_MS + plan.start_ms)
        self.draw = stream(plan.seed, "world")
        self.network = Network(
            self,
            plan.weather,
            draw=stream(plan.seed, "network"),
            trace=self.trace,
            violate=self.violate,
        )
        self.machines: dict[str, Machine] = {}
        self._clock_faults = {name: Fault() for name in plan.names}
        is_wrong = self._has_wrong_clocks
        self.faults = FAULTS - {"answer_refused"} if is_wrong else FAULTS | OF_CLOCKS
        self._dangers = Dangers(plan, stream(plan.seed, "dangers"))
        self._tasks: set[asyncio.Task[Any]] = set()
        for name in plan.names:
            shutil.copytree(federation.home(name).folder, folder / name / "0")
            self.machines[name] = Machine(
                name, federation.identities[name], folder / name, seed=plan.seed, around=self
            )
        self.office = Office(
            federation, self.machines, self.time, seed=plan.seed, violate=self.violate
        )

    # --- what the parts ask of the world

    def spawn(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task that belongs to no node."""
        token = OWNER.set(None)
        task = asyncio.get_running_loop().create_task(coroutine)
        OWNER.reset(token)
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)
        return task

    def _task_ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.violate(f"the simulation itself failed: {task.exception()!r}")

    def _on_unheard(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Take an exception that nobody waited for: those of the dead are no news."""
        error = context.get("exception")
        if not isinstance(error, SimulatedCrash):
            self.violate(f"nobody heard: {context['message']}: {error!r}")

    def note(self, event: str, what: str) -> None:
        """Write down what happened."""
        self.trace.note(event, what)

    def violate(self, what: str) -> None:
        """Write down what is wrong."""
        self.trace.note("VIOLATION", what)
        if len(self.violations) < MOST_VIOLATIONS:
            self.violations.append(what)

    @property
    def _has_wrong_clocks(self) -> bool:
        return self.plan.clock_fault_rate > 0

    def clock_of(self, name: str, life_number: int) -> NodeClock:
        """Return the clock of one life of a node."""
        number = life_number if self.plan.is_skew_changing else 1
        longest = self.plan.longest_skew_ms
        skew_ms = stream(self.plan.seed, name, number, "skew").randint(-longest, longest)
        return NodeClock(self.time, skew_ms, self._clock_faults[name])

    def life_at(self, endpoint: str) -> Life | None:
        """Return the life that answers at an endpoint."""
        for name, machine in self.machines.items():
            if endpoint_of(name) == endpoint:
                life = machine.life
                return life if life is not None and life.is_serving else None
        return None

    async def call(self, life: Life, call: Call) -> bytes | None:
        """Carry a life's call."""
        return await self.network.call(life, call)

    def at_durable(self, life: Life, stage: str) -> None:
        """Let a node come to a point where something becomes durable; it may die there."""
        self.trace.counts[f"at {stage}"] += 1
        machine = self.machines[life.name]
        danger = self._dangers.at(stage) if machine.life is life else None
        if danger is Danger.CRASH:
            # Only bytes that were not flushed can be torn.
            torn = self._dangers.torn_bytes() if stage == "blob_bytes:before" else b""
            machine.kill(stage, torn=torn)
            self.restart_later(machine)
        elif danger is Danger.FULL_DISK:
            self.note("disk full", f"{life.name} {stage}")
            raise full_disk_error(stage)

    # --- trouble

    def restart_later(self, machine: Machine) -> None:
        """Somebody, or the service manager, will start the node again."""
        self.spawn(self._restart(machine, self._dangers.restart_seconds()))

    async def _restart(self, machine: Machine, after_seconds: float) -> None:
        await asyncio.sleep(after_seconds)
        await machine.start()

    def jump(self, ms: int) -> None:
        """Let time go by; each node notices sooner or later."""
        self.note("jump", f"{ms} ms")
        self.time.jump(ms)
        for machine in self.machines.values():
            machine.do_chores(self.draw.uniform(0.0, 60.0))

    def set_clock(self, name: str, fault_ms: int) -> None:
        """Set a computer's clock wrong, or right again; the node notices sooner or later.

        One at a time: two that are wrong alike cannot be told from two that are right.
        """
        for other, fault in self._clock_faults.items():
            if fault.ms and other != name:
                self.set_clock(other, 0)
        self.note("clock", f"{name} {fault_ms} ms")
        self._clock_faults[name].ms = fault_ms
        self.machines[name].do_chores(self.draw.uniform(0.0, 60.0))

    async def calm_down(self) -> None:
        """End all trouble, and bring every node up."""
        self.note("calm", "")
        self._dangers.calm_down()
        self.network.calm_down()
        for name, fault in self._clock_faults.items():
            if fault.ms:
                self.set_clock(name, 0)
        for machine in self.machines.values():
            await machine.start()

    async def is_quiet(self) -> bool:
        """Whether nothing is due at any node, and all go by the newest directory."""
        for machine in self.machines.values():
            if machine.life is None or await machine.life.core.store.read(outbox.peers):
                return False
            entry = await machine.life.core.store.read(
                lambda db: directories.latest(db, LOG_NUMBER)
            )
            if entry is None or entry.version != self.office.version:
                return False
        return True

    async def end(self) -> None:
        """Stop every node, and wait for what is still on its way."""
        for machine in self.machines.values():
            await machine.stop()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    # --- checks

    def books_of(self, life: Life) -> Books:
        """Return what a node has committed while it runs."""
        machine = self.machines[life.name]
        return Books(life.name, machine.home, life.committed, self._key_of(machine))

    def look_into(self, life: Life) -> None:
        """Check what a node finds when it starts: nothing half done, nothing taken back."""
        books = self.books_of(life)
        seen = self.network.wiretap.seen[life.name]
        for what in (
            *check_log.tables_have_leaves(books, is_said_twice=self._has_wrong_clocks),
            *check_log.what_was_shown_is_there(books, seen),
            *check_exchange.messages_took_effect_once(books),
            *check_exchange.streams_have_no_gap(books),
            *check_secrecy.nothing_lies_in_the_clear(books.home.folder),
        ):
            self.violate(f"at start: {what}")

    async def check_bundles(self) -> None:
        """Check that each node can prove what was exchanged: where clocks agree it must."""
        if self._has_wrong_clocks:
            return
        latest_ms = self.time.now_ms() + limits.CLOCK_SKEW_MS
        for machine in self.machines.values():
            if machine.life is not None:
                books = self.books_of(machine.life)
                async for fault in check_bundles.judge_all(books, machine.life, at_ms=latest_ms):
                    self.trace.counts["bundle"] += 1
                    if fault:
                        self.violate(fault)

    async def views(self) -> check_exchange.Views:
        """Return all legs as each node shows them."""
        found = {}
        for name, machine in self.machines.items():
            if machine.life is not None:
                views = await machine.life.core.legs.list()
                found[name] = {view.row.leg_id: view for view in views}
        return found

    def check_books(self, views: check_exchange.Views) -> None:
        """Check all invariants on what the stopped nodes have stored."""
        all_books = {
            name: Books(
                name,
                machine.home,
                open_database(machine.home, machine.identity),
                self._key_of(machine),
            )
            for name, machine in self.machines.items()
        }
        for what in self._faults(all_books, views):
            self.violate(what)
        for books in all_books.values():
            books.db.conn.close()

    def _faults(self, all_books: dict[str, Books], views: check_exchange.Views) -> Iterator[str]:
        for name, books in all_books.items():
            seen = self.network.wiretap.seen[name]
            yield from check_log.tables_have_leaves(books, is_said_twice=self._has_wrong_clocks)
            yield from check_log.what_was_shown_is_there(books, seen)
            yield from check_log.checkpoints_are_of_one_tree(books, seen)
            yield from check_exchange.messages_took_effect_once(books)
            yield from check_exchange.everything_is_settled(books, all_books)
            yield from check_exchange.nothing_is_given_up_early(books, self.time.now_ms())
            yield from check_exchange.streams_have_no_gap(books)
            yield from check_evidence.receipts_are_kept(books)
            yield from check_evidence.receipts_are_dated(books)
            yield from check_secrecy.nothing_lies_in_the_clear(books.home.folder)
            yield from check_directory.the_newest_is_in_force_and_noted(books, self.office.version)
        yield from check_exchange.nothing_accepted_is_lost(all_books)
        yield from check_exchange.nothing_is_invented(all_books)
        yield from check_exchange.both_sides_agree(all_books, views)
        yield from check_evidence.accepted_envelopes_are_proven(all_books)
        yield from check_evidence.attachments_are_complete(all_books, self.time.now_ms())
        keys = {name: each.identity.database_key for name, each in self.machines.items()}
        yield from check_secrecy.what_was_erased_is_gone(all_books, keys)

    def _key_of(self, machine: Machine) -> LogKeyRecord:
        signer = machine.identity.log_signer()
        return LogKeyRecord(
            origin=machine.identity.origin,
            ed25519=signer.ed25519_public,
            mldsa44=signer.mldsa44_public,
            valid_from_ms=0,
        )
