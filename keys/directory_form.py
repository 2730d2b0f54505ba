"""The form of a metadata file, before python-tuf reads it and anything in it counts.

python-tuf reads leniently: of a name that stands twice it takes the last, `true` is a
version 1 to it, and it signs for what it has understood rather than for what stands in
the file. Two programs must never read two things from the same bytes, so here

- no name stands twice, and a number is an integer (true and false are none);
- versions have at most nine digits, as they have in the names of the files;
- dates and versions of the specification are written in the one way there is;
- what python-tuf would verify is what stands in the file, as canonical JSON.

Whose signature counts, and every rule between files, is decided after this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from securesystemslib.exceptions import FormatError
from securesystemslib.formats import encode_canonical
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata

# Strings that are read as a point in time or compared as a version.
_EXPIRES: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_SPEC_VERSION: Final = re.compile(r"1\.\d+(\.\d+)?", re.ASCII)

_LAST_VERSION: Final = 999_999_999

# What JSON of another shape than expected ends in.
_BROKEN: Final = (ValueError, KeyError, TypeError, AttributeError, RecursionError, FormatError)


def check_form(untrusted_data: bytes) -> None:
    """Refuse a metadata file that is not written in the one way to be read.

    Raises:
        RepositoryError: it is not; the caller says `directory_file_malformed`.
    """
    try:
        whole = json.loads(
            untrusted_data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
        signed = whole["signed"]
        _check_signed(signed)
        written = (encode_canonical(signed) or "").encode("utf-8")
        # This takes `whole` apart.
        understood = Metadata.from_dict(whole).signed_bytes
    except _BROKEN as error:
        raise RepositoryError("not a well-formed metadata file") from error
    if written != understood:
        raise RepositoryError("a metadata file that says more than is understood")


def _check_signed(signed: Mapping[str, object]) -> None:
    _check_version(signed)
    _check_text(signed, "expires", _EXPIRES)
    _check_text(signed, "spec_version", _SPEC_VERSION)
    if "consistent_snapshot" in signed:
        _require(isinstance(signed["consistent_snapshot"], bool))
    for role in _objects(signed.get("roles", {})):
        _check_role(role)
    for info in _objects(signed.get("meta", {})):
        _check_version(info)
        _check_number(info, "length", is_optional=True)
    for info in _objects(signed.get("targets", {})):
        _check_number(info, "length")
    if "delegations" in signed:
        _check_delegations(signed["delegations"])


def _check_delegations(delegations: object) -> None:
    roles = _object(delegations).get("roles", [])
    if not isinstance(roles, list):
        raise TypeError("no list where one is expected")
    for role in map(_object, roles):
        _require(isinstance(role["name"], str) and isinstance(role["terminating"], bool))
        _check_role(role)


def _check_role(role: Mapping[str, object]) -> None:
    _check_number(role, "threshold")
    key_ids = role["keyids"]
    _require(isinstance(key_ids, list) and all(isinstance(each, str) for each in key_ids))


def _objects(value: object) -> list[Mapping[str, object]]:
    """Return the values of an object of objects."""
    return [_object(each) for each in _object(value).values()]


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError("no object where one is expected")
    return value


def _check_version(holder: Mapping[str, object]) -> None:
    version = holder["version"]
    # bool is an int to Python.
    _require(type(version) is int and 1 <= version <= _LAST_VERSION)


def _check_number(holder: Mapping[str, object], name: str, *, is_optional: bool = False) -> None:
    _require(type(holder.get(name, 0) if is_optional else holder[name]) is int)


def _check_text(holder: Mapping[str, object], name: str, pattern: re.Pattern[str]) -> None:
    value = holder[name]
    _require(isinstance(value, str) and pattern.fullmatch(value))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    _require(len(dict(pairs)) == len(pairs))
    return dict(pairs)


def _no_number(text: str) -> None:
    raise ValueError(f"not an integer: {text[:20]}")


def _require(condition: object) -> None:
    if not condition:
        raise ValueError("a field that is not of its form")
