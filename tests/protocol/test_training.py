"""Which names are for training, and what belongs together."""

from __future__ import annotations

import pytest

from protocol.ids import NodeId
from protocol.training import TRAINING_FEDERATION, belongs, is_training, is_training_federation


@pytest.mark.parametrize("name", ["be.training", "xx.training-1", "gr.training-athens-2"])
def test_a_name_that_begins_with_training_is_for_training(name: str) -> None:
    assert is_training(NodeId(name))


@pytest.mark.parametrize("name", ["be.example", "be.trainings", "be.my-training", "be.trainer"])
def test_other_names_are_not(name: str) -> None:
    assert not is_training(NodeId(name))


def test_both_are_for_training_or_neither_is() -> None:
    in_earnest, invented = "European network", f"{TRAINING_FEDERATION}spring course"
    assert is_training_federation(invented)
    assert not is_training_federation(in_earnest)
    assert belongs(NodeId("be.training"), invented)
    assert belongs(NodeId("be.example"), in_earnest)
    assert not belongs(NodeId("be.training"), in_earnest)
    assert not belongs(NodeId("be.example"), invented)
