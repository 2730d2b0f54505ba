"""The Merkle tree against published vectors and reference roots."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from protocol import log
from tests.support.vectors import vector_folder

# The leaves and roots that the tests of certificate-transparency use.
REFERENCE_LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
REFERENCE_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def read_cases(name: str) -> list[dict[str, Any]]:
    document = json.loads((vector_folder() / name).read_text())
    return list(document["cases"])


def unpack(encoded: str) -> bytes:
    return base64.b64decode(encoded)


def path_of(case: dict[str, Any]) -> list[bytes]:
    return [unpack(node) for node in case["proof"] or []]


def reference_reader() -> log.NodeReader:
    nodes: dict[tuple[int, int], bytes] = {}

    def read(level: int, index: int) -> bytes:
        return nodes[level, index]

    for size, leaf in enumerate(REFERENCE_LEAVES):
        for level, index, node in log.nodes_added(size, log.leaf_hash(bytes.fromhex(leaf)), read):
            nodes[level, index] = node
    return read


def test_every_published_inclusion_case_has_the_published_outcome() -> None:
    cases = read_cases("merkle_inclusion.json")
    disagreements = [
        case["name"]
        for case in cases
        if log.verify_inclusion(
            case["leafIdx"],
            case["treeSize"],
            unpack(case["leafHash"]),
            path_of(case),
            unpack(case["root"]),
        )
        == case["wantErr"]
    ]
    assert len(cases) >= 90
    assert disagreements == []


def test_every_published_consistency_case_has_the_published_outcome() -> None:
    cases = read_cases("merkle_consistency.json")
    disagreements = [
        case["name"]
        for case in cases
        if log.verify_consistency(
            case["size1"],
            case["size2"],
            unpack(case["root1"]),
            unpack(case["root2"]),
            path_of(case),
        )
        == case["wantErr"]
    ]
    assert len(cases) >= 90
    assert disagreements == []


@pytest.mark.parametrize("size", range(len(REFERENCE_ROOTS)))
def test_reference_leaves_give_the_reference_root(size: int) -> None:
    assert log.root(size, reference_reader()).hex() == REFERENCE_ROOTS[size]


def test_published_paths_are_the_paths_we_make() -> None:
    read = reference_reader()
    made = [
        log.inclusion_path(case["leafIdx"], case["treeSize"], read) == path_of(case)
        for case in read_cases("merkle_inclusion.json")
        if not case["wantErr"] and case["root"] in published_roots()
    ]
    assert len(made) >= 5
    assert all(made)


def test_published_consistency_proofs_are_the_proofs_we_make() -> None:
    read = reference_reader()
    made = [
        log.consistency_path(case["size1"], case["size2"], read) == path_of(case)
        for case in read_cases("merkle_consistency.json")
        if not case["wantErr"] and case["root2"] in published_roots()
    ]
    assert len(made) >= 5
    assert all(made)


def published_roots() -> list[str]:
    return [base64.b64encode(bytes.fromhex(root)).decode() for root in REFERENCE_ROOTS]
