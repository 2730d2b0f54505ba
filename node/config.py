"""The node's settings: `homeward.toml` in the home, read once, checked strictly.

An unknown or mistyped key is an error, not a silent default. Errors name the key,
never its value.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from node.errors import ConfigError
from protocol import limits

CONFIG_NAME = "homeward.toml"

_DAY_MS = 24 * 3600 * 1000
_GRACE_DAYS = limits.DIRECTORY_GRACE_MS // _DAY_MS


class Settings(BaseModel):
    """All settings of a node.

    node_id         name in the federation; must be that of identity.key
    listen_host     address on which peers (or the proxy before the node) connect
    listen_port     its port; 0 takes a free one
    unlock_file     file with the passphrase, relative to the home; without it the
                    service manager's credential, the environment or a prompt is used
    attachment_bytes        largest attachment that is taken in; lowers the protocol's limit
    directory_refresh_seconds   how often peers are asked for a newer directory
    directory_grace_days    after the directory has expired: how long keys of members count
                    that this node has never met; lowers the protocol's limit
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    node_id: str
    listen_host: str = "127.0.0.1"
    listen_port: Annotated[int, Field(ge=0, le=65535)] = 8470
    unlock_file: str = ""
    attachment_bytes: Annotated[int, Field(ge=1, le=limits.ATTACHMENT_BYTES)] = (
        limits.ATTACHMENT_BYTES
    )
    directory_refresh_seconds: Annotated[int, Field(ge=10)] = 600
    directory_grace_days: Annotated[int, Field(ge=0, le=_GRACE_DAYS)] = _GRACE_DAYS

    @property
    def directory_grace_ms(self) -> int:
        """The time of grace in milliseconds."""
        return self.directory_grace_days * _DAY_MS


def load_settings(home: Path) -> Settings:
    """Read the settings of a home.

    Raises:
        ConfigError: the file is missing, is no TOML, or has a wrong key or value.
    """
    path = home / CONFIG_NAME
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            "no_home", f"there is no node in {home}", "make one with: homeward node init"
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError("bad_config", f"{CONFIG_NAME} cannot be read") from error
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError("bad_config", f"{CONFIG_NAME}: {key}: {first['msg'].lower()}") from error


def write_settings(home: Path, settings: Settings) -> None:
    """Write the settings of a new home."""
    lines = []
    for name, value in settings.model_dump(exclude_defaults=True).items():
        # Only strings and whole numbers occur, and TOML writes both as JSON does.
        lines.append(f"{name} = {json.dumps(value)}\n")
    (home / CONFIG_NAME).write_text("".join(lines), encoding="utf-8")
