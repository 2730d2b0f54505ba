"""Settings that every test shares: how Hypothesis searches, where vectors lie."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.vectors import vector_folder

# No deadline and no "too slow": a shared machine may stall for reasons of its own.
PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("local", max_examples=50, **PATIENT)
# The same examples on every run, so that a red build is red for a reason in the change.
settings.register_profile("ci", max_examples=100, derandomize=True, database=None, **PATIENT)
settings.load_profile("ci" if os.environ.get("CI") else "local")


# A shell that started the tests in the background has them ignore Ctrl-C, and so would every
# program that they start; the demo ends by it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of the shared test vectors; skips the test when it is not there."""
    return vector_folder()
