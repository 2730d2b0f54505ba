"""The node's settings: `homeward.toml` in the home, read once, checked strictly.

An unknown or mistyped key is an error, not a silent default. Errors name the key,
never its value.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from node.errors import ConfigError
from protocol import limits

CONFIG_NAME = "homeward.toml"

_DAY_MS = 24 * 3600 * 1000
# Form only, and nothing that could end a header line.
_ADDRESS = r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}$"
_ALLOWANCE = r"^[1-9][0-9]{0,3}[mhdw]$"
_REMINDER = r"^([1-9][0-9]?(/[1-9][0-9]?)?|[0-9]d|weekly)$"
# No query and no name of anybody: the same address for all.
_PUBLIC = r"^(https://[a-z0-9.-]+(/[A-Za-z0-9._~/-]*)?)?$"
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_GRACE_DAYS = limits.DIRECTORY_GRACE_MS // _DAY_MS


class MailSettings(BaseModel):
    """How mail without content goes out; without `[mail]` none does.

    host, port      the mail server; port 587, or 465 with tls = "tls"
    tls             "starttls", "tls", or "none": only for a server on this machine
    ca_file         certificates that vouch for the server, if not those of this machine
    user, password_file     for a server that asks for them; the file relative to the home
    sender          address that the mails come from
    staff           addresses that are told first
    supervisors     addresses that are told when it is overdue; none: staff is
    digest          times of day, by the clock of this member, for mails with counts only
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str = ""
    user: str = ""
    password_file: str = ""
    sender: Annotated[str, Field(pattern=_ADDRESS)]
    staff: Annotated[tuple[Annotated[str, Field(pattern=_ADDRESS)], ...], Field(min_length=1)]
    supervisors: tuple[Annotated[str, Field(pattern=_ADDRESS)], ...] = ()
    digest: tuple[Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")], ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.tls == "none" and self.host not in _THIS_MACHINE:
            raise ValueError('tls = "none" is only for a server on this machine')
        if bool(self.user) != bool(self.password_file):
            raise ValueError("user and password_file belong together")
        return self


class UrgencySettings(BaseModel):
    """What is otherwise at one urgency: `[urgency.1]` to `[urgency.4]`.

    claim, answer   until when: 30m, 2h, 3d (working days), 4w
    clock           "always", or "hours": those of whoever is waited for
    staff, supervisor, phone    when they are told: "1/2" of that time, "1d" (the working day
                    before), "0d" (on the day), "weekly" (after it)
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    claim: Annotated[str, Field(pattern=_ALLOWANCE)] = ""
    answer: Annotated[str, Field(pattern=_ALLOWANCE)] = ""
    clock: Literal["always", "hours", ""] = ""
    staff: tuple[Annotated[str, Field(pattern=_REMINDER)], ...] | None = None
    supervisor: tuple[Annotated[str, Field(pattern=_REMINDER)], ...] | None = None
    phone: tuple[Annotated[str, Field(pattern=_REMINDER)], ...] | None = None


class Settings(BaseModel):
    """All settings of a node.

    node_id         name in the federation; must be that of identity.key
    listen_host     address on which peers (or the proxy before the node) connect
    listen_port     its port; 0 takes a free one
    pages_port      port of the pages; 0: this node has none
    pages_host      address on which the pages listen: this machine's own, or the office's
    pages_origin    by which address browsers reach the pages ("https://desk.example");
                    empty: http://localhost and the port
    pages_public_address    the hotline's own page for everybody ("https://hotline.example"):
                    it stands on posters, as a code that telephones read; empty: none does
    pages_public_telephone  the number for everybody ("116 000"), as it stands on posters;
                    empty: the one in the member record, which is meant for peers
    pages_certificate, pages_key    files for HTTPS, where no proxy does it
    unlock_file     file with the passphrase, relative to the home; without it the
                    service manager's credential, the environment or a prompt is used
    directory_refresh_seconds   how often peers are asked for a newer directory
    mail            the table [mail]: see MailSettings
    urgency         the tables [urgency.1] to [urgency.4]: see UrgencySettings
    directory_grace_days    after the directory has expired: how long keys of members count
                    that this node has never met; lowers the protocol's limit
    retention_days  for how many days a case is kept after its end, where that shall not be
                    as in node/erasing/retention.py: by category, outcome or category/outcome
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    node_id: str
    listen_host: str = "127.0.0.1"
    listen_port: Annotated[int, Field(ge=0, le=65535)] = 8470
    pages_port: Annotated[int, Field(ge=0, le=65535)] = 0
    pages_host: str = "127.0.0.1"
    pages_origin: Annotated[str, Field(pattern=r"^(https?://[a-z0-9.-]+(:[0-9]{1,5})?)?$")] = ""
    pages_public_address: Annotated[str, Field(max_length=200, pattern=_PUBLIC)] = ""
    pages_public_telephone: Annotated[str, Field(pattern=r"^(\+?[0-9][0-9 ]{1,24})?$")] = ""
    pages_certificate: str = ""
    pages_key: str = ""
    unlock_file: str = ""
    directory_refresh_seconds: Annotated[int, Field(ge=10)] = 600
    directory_grace_days: Annotated[int, Field(ge=0, le=_GRACE_DAYS)] = _GRACE_DAYS
    mail: MailSettings | None = None
    urgency: Mapping[Literal["1", "2", "3", "4"], UrgencySettings] = {}

    retention_days: dict[str, Annotated[int, Field(ge=1, le=36500)]] = Field(default_factory=dict)

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
