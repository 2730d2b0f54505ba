"""The homes that every run of the simulator begins with."""

from __future__ import annotations

import pytest

from tests.simulation.scenario import make_template
from tests.support.nodes import Federation


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    """A federation of four nodes that have not run yet; runs copy it."""
    return make_template(tmp_path_factory.mktemp("template"))
