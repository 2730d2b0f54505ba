"""Where the directory meets python-tuf: roots, targets, and its errors as ours.

Small functions that reading (`directory`) and publishing share. They state how a
federation stands in TUF metadata: its id and name in a field of the root file, one
target file a member, and only composite keys. At most one role is delegated to, which
may suspend members and do nothing else; whatever else a targets file delegates is
refused, since ignoring it could mean ignoring that somebody must not be trusted.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator
from typing import Final

from tuf.api import exceptions as tuf_errors
from tuf.api.metadata import Root, TargetFile, Targets  # type: ignore[attr-defined]

from keys.directory_files import file_limit
from keys.errors import DirectoryError, DirectoryFault
from keys.suspension import SUSPEND_ROLE, SUSPENDED_SUFFIX
from keys.tuf_keys import CompositeKey
from protocol.errors import PeerError

FEDERATION_FIELD: Final = "x-homeward-federation"
MEMBER_SUFFIX: Final = ".member"
SUSPENDED_PATHS: Final = "*" + SUSPENDED_SUFFIX

_SHA256_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_FEDERATION_NAME_CHARACTERS: Final = 200


def member_file_name(target: TargetFile) -> str:
    """Return the name of the file that holds a member's record.

    Raises:
        DirectoryError: MALFORMED, it is not named as a member, or without SHA-256.
    """
    return _target_file_name(target, MEMBER_SUFFIX)


def suspension_file_name(target: TargetFile) -> str:
    """Return the name of the file that holds a suspension.

    Raises:
        DirectoryError: MALFORMED, it is not named as a suspension, or without SHA-256.
    """
    return _target_file_name(target, SUSPENDED_SUFFIX)


def _target_file_name(target: TargetFile, suffix: str) -> str:
    digest = target.hashes.get("sha256", "")
    name = f"{digest}.{target.path}"
    is_named = target.path.endswith(suffix) and file_limit(name) is not None
    if _SHA256_HEX.fullmatch(digest) is None or not is_named:
        raise DirectoryError(DirectoryFault.MALFORMED, "target")
    return name


def federation_of(root: Root) -> tuple[bytes, str]:
    """Return id and name of the federation that a root file is for.

    Raises:
        DirectoryError: FEDERATION, the root names none.
    """
    value = root.unrecognized_fields.get(FEDERATION_FIELD)
    federation_hex = value.get("id") if isinstance(value, dict) else None
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(federation_hex, str) or not isinstance(name, str):
        raise DirectoryError(DirectoryFault.FEDERATION, "no federation in the root")
    is_well_formed = _SHA256_HEX.fullmatch(federation_hex) is not None
    if not is_well_formed or not 0 < len(name) <= _FEDERATION_NAME_CHARACTERS:
        raise DirectoryError(DirectoryFault.FEDERATION, "malformed federation in the root")
    return bytes.fromhex(federation_hex), name


def check_root(root: Root) -> None:
    """Refuse a root file under which a later file could be signed more weakly.

    Raises:
        DirectoryError: UNSUPPORTED or KEY_TYPE.
    """
    if not root.consistent_snapshot:
        raise DirectoryError(DirectoryFault.UNSUPPORTED, "no consistent snapshots")
    if not all(isinstance(key, CompositeKey) for key in root.keys.values()):
        raise DirectoryError(DirectoryFault.KEY_TYPE)


def has_suspend_role(targets: Targets) -> bool:
    """Return whether the membership role has given the role suspend its keys.

    Raises:
        DirectoryError: UNSUPPORTED or KEY_TYPE, it delegates anything else, or otherwise.
    """
    delegations = targets.delegations
    if delegations is None:
        return False
    roles = list((delegations.roles or {}).values())
    is_plain = [role.name for role in roles] == [SUSPEND_ROLE] and all(
        role.terminating and role.paths == [SUSPENDED_PATHS] for role in roles
    )
    if not is_plain:
        raise DirectoryError(DirectoryFault.UNSUPPORTED, "delegations")
    if not all(isinstance(key, CompositeKey) for key in delegations.keys.values()):
        raise DirectoryError(DirectoryFault.KEY_TYPE)
    return True


@contextlib.contextmanager
def refusals() -> Generator[None]:
    """Turn what python-tuf and the member reader raise into one family of errors."""
    try:
        yield
    except tuf_errors.ExpiredMetadataError as error:
        raise DirectoryError(DirectoryFault.EXPIRED, str(error)) from error
    except tuf_errors.BadVersionNumberError as error:
        raise DirectoryError(DirectoryFault.VERSION, str(error)) from error
    except tuf_errors.LengthOrHashMismatchError as error:
        raise DirectoryError(DirectoryFault.CHANGED, str(error)) from error
    except tuf_errors.UnsignedMetadataError as error:
        raise DirectoryError(DirectoryFault.SIGNATURE, str(error)) from error
    except tuf_errors.RepositoryError as error:
        raise DirectoryError(DirectoryFault.MALFORMED, str(error)) from error
    except PeerError as error:
        raise DirectoryError(DirectoryFault.MEMBER, str(error)) from error
