"""The simulator finds what it is there to find: each bug here is planted, and caught.

A bug is caught when some seed out of a few ends with a violation that names it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

import protocol.suite
from node.app import Core
from node.exchange import checking, receiving, viewing
from node.exchange.answers import Answer
from node.exchange.directory import DirectoryRefresh
from node.exchange.logbook import LogBook
from node.exchange.spreading import Spreading
from node.peer.delivery import Delivery
from node.store import db, envelopes, messages
from node.store.blobs import BlobStore
from node.store.db import Store, _in_savepoint
from protocol.exchange.leg import Leg, _apply
from tests.simulation.machine import Machine
from tests.simulation.plan import Plan, plan_for
from tests.simulation.scenario import run_seed

SEEDS = range(200)
MOST_SEEDS = 24


def anything(plan: Plan) -> bool:
    return True


@pytest.fixture
def caught(template):
    """Play seeds with this trouble until one ends with a violation that has these words."""

    def is_caught(words: str, trouble: Callable[[Plan], object] = anything) -> bool:
        seeds = [seed for seed in SEEDS if trouble(plan_for(seed))][:MOST_SEEDS]
        return any(
            words in violation
            for seed in seeds
            for violation in run_seed(seed, template).violations
        )

    return is_caught


def test_answer_before_the_commit_is_caught(caught, monkeypatch):
    def commit_with_the_next(store, jobs):
        """Run the jobs, but leave their commit to whoever comes next."""
        database = store._reader = store._writer
        if database.conn.in_transaction:
            database.execute("COMMIT")
        database.execute("BEGIN IMMEDIATE")
        return [_in_savepoint(database, job) for job in jobs]

    monkeypatch.setattr(Store, "_transact", commit_with_the_next)
    monkeypatch.setattr(db, "_reading", lambda database, read: read())
    assert caught("which is not durable")


def test_checkpoint_before_the_commit_is_caught(caught, monkeypatch):
    append = LogBook.append

    def sign_at_once(book, db, *arguments, **options):
        """Sign as soon as the leaf is there, whether or not it will stay."""
        position = append(book, db, *arguments, **options)
        book._checkpoint(db, position + 1, options["at_ms"])
        return position

    monkeypatch.setattr(LogBook, "append", sign_at_once)
    assert caught("is not that of the log", lambda plan: plan.full_disk_rate > 0.05)


def test_duplicates_that_are_not_recognised_are_caught(caught, monkeypatch):
    monkeypatch.setattr(receiving, "_known", lambda db, header: None)
    assert caught("still waits")


def test_a_message_that_is_receipted_and_not_kept_is_caught(caught, monkeypatch):
    add = messages.add

    def add_own(db, row):
        """Keep what goes out, and forget what came in."""
        if row.direction == messages.OUT:
            add(db, row)

    monkeypatch.setattr(messages, "add", add_own)
    assert caught("and lacks it")


def test_a_restored_backup_that_goes_on_as_if_nothing_were_is_caught(caught, monkeypatch, template):
    kill = Machine.kill

    def restore(machine, why, **options):
        """Come back with the folder as it was on the first day."""
        kill(machine, why, **options)
        shutil.rmtree(machine.home.folder)
        shutil.copytree(template.home(machine.name).folder, machine.home.folder)

    monkeypatch.setattr(Machine, "kill", restore)
    assert caught("of which a proof has left", lambda plan: plan.crash_rate > 0.01)


def test_an_unsigned_refusal_that_ends_a_message_is_caught(caught, monkeypatch):
    monkeypatch.setattr(Answer, "is_final", property(lambda answer: True))
    assert caught("was refused with")


def test_a_step_that_nobody_checks_is_caught(caught, monkeypatch):
    monkeypatch.setattr(checking, "check_step", lambda pattern, known, step: None)
    assert caught("was taken in state")


def test_steps_that_each_end_takes_as_they_come_are_caught(caught, monkeypatch):
    def fold_as_they_come(pattern, steps):
        """Forget that steps may cross."""
        folded = Leg()
        for step in steps:
            folded = _apply(pattern, folded, step) or folded
        return folded

    monkeypatch.setattr(viewing, "fold", fold_as_they_come)
    assert caught("at its peer")


def test_an_envelope_outside_its_stream_is_caught(caught, monkeypatch):
    monkeypatch.setattr(envelopes, "advance_stream", lambda db, peer, seq, envelope_id: None)
    assert caught("does not follow")


def test_a_file_that_counts_before_it_is_whole_is_caught(caught, monkeypatch):
    monkeypatch.setattr(BlobStore, "is_complete", lambda store, blob_id: store.held(blob_id) > 0)
    monkeypatch.setattr(BlobStore, "finish", lambda store, blob_id, size: None)
    assert caught("is not what its name says")


def test_a_message_in_the_clear_is_caught(caught, monkeypatch):
    monkeypatch.setattr(
        protocol.suite, "seal", lambda key, info, plaintext: bytes(1136) + plaintext
    )
    assert caught("clear text in a body of /hw1/envelopes")


def test_a_queue_that_is_forgotten_at_the_start_is_caught(caught, monkeypatch):
    async def start_without_looking(self):
        self._is_running = True

    monkeypatch.setattr(Delivery, "start", start_without_looking)
    assert caught("still waits")


def test_a_directory_that_is_not_noted_after_a_crash_is_caught(caught, monkeypatch):
    note = DirectoryRefresh.note

    async def note_what_was_taken(refresh):
        """Note it when it is taken, and never again."""
        if refresh._generation:
            await note(refresh)

    monkeypatch.setattr(DirectoryRefresh, "note", note_what_was_taken)
    assert caught("is in force, and the log says", lambda plan: plan.crash_rate > 0.01)


def test_a_node_that_neither_asks_nor_is_told_is_caught(caught, monkeypatch):
    async def ask_nobody(core):
        """Be content with what there is."""

    monkeypatch.setattr(Core, "refresh_directory", ask_nobody)
    monkeypatch.setattr(Spreading, "tell", lambda spreading: None)
    monkeypatch.setattr(Spreading, "hear", lambda spreading, peer, version, **how: None)
    assert caught("is in force, and the newest is")
