"""Where the shared test vectors lie, for tests that check against other people's work.

They are not part of this repository: the folder is `../shared/vectors` beside it,
or what HOMEWARD_VECTORS names. A test that needs a vector is skipped with a
sentence that says where it was looked for; it never passes without having run.
Both functions may be called while a test module is read: then all of it is skipped.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def vector_folder() -> Path:
    """Return the folder of the vectors, or skip the test that asks."""
    named = os.environ.get("HOMEWARD_VECTORS")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "vectors"
    if not folder.is_dir():
        pytest.skip(
            "no shared test vectors: HOMEWARD_VECTORS names no folder"
            if named
            else "no shared test vectors in ../shared/vectors; HOMEWARD_VECTORS may name them",
            allow_module_level=True,
        )
    return folder


def load_vectors(name: str) -> Any:
    """Return the parsed JSON file `name` of the vectors, or skip the test that asks."""
    path = vector_folder() / name
    if not path.is_file():
        pytest.skip(f"no {name} among the shared test vectors", allow_module_level=True)
    return json.loads(path.read_bytes())
