"""Training: what is invented says so in the name by which everybody else knows it.

A training node's name is "training", or begins with "training-": `be.training-1`. The
name stands in the sealed identity, in the origin of the log that signs everything the
node sends, and in the directory; so the mark cannot be taken off by a change of
settings. A training federation's name begins with "Training: " and stands in its root.
Neither takes part with what is in earnest: see `belongs`.
"""

from __future__ import annotations

from typing import Final

from protocol.ids import NodeId

TRAINING_NAME: Final = "training"
TRAINING_FEDERATION: Final = "Training: "


def is_training(node_id: NodeId) -> bool:
    """Return whether a node has invented cases only."""
    _, _, name = node_id.partition(".")
    return name == TRAINING_NAME or name.startswith(TRAINING_NAME + "-")


def is_training_federation(name: str) -> bool:
    """Return whether a federation is one of training nodes."""
    return name.startswith(TRAINING_FEDERATION)


def belongs(node_id: NodeId, federation_name: str) -> bool:
    """Return whether a node may be a member of a federation: both invented, or both not."""
    return is_training(node_id) == is_training_federation(federation_name)
