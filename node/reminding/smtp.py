"""The mail server of the settings, over SMTP; the only place that speaks it.

The library is loaded when the first mail goes out. A failure is told by a code: what the
server says may repeat an address.
"""

from __future__ import annotations

import importlib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from node.config import MailSettings
from node.reminding.mailing import MailFailure

TIMEOUT_SECONDS: Final = 20.0
_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}


class SmtpServer:
    """A mail server; one connection for each mail, since they are few."""

    def __init__(self, settings: MailSettings, home: Path) -> None:
        """Files that the settings name are relative to `home`."""
        self._settings = settings
        self._home = home

    async def send(self, message: EmailMessage) -> None:
        """Hand one mail over.

        Raises:
            MailFailure: the server was not reached, or did not take it.
        """
        library = importlib.import_module("aiosmtplib")
        options = self._options()
        try:
            await library.send(message, **options)
        except (library.SMTPException, OSError, ValueError) as error:
            raise _failure(library, error) from error

    def _options(self) -> Mapping[str, Any]:
        settings = self._settings
        try:
            context = None if settings.tls == "none" else self._tls_context()
            password = self._password()
        except (OSError, ValueError) as error:
            raise MailFailure("file_unreadable", is_of_server=True) from error
        return {
            "hostname": settings.host,
            "port": settings.port or _PORTS[settings.tls],
            "use_tls": settings.tls == "tls",
            "start_tls": settings.tls == "starttls",
            "tls_context": context,
            "username": settings.user or None,
            "password": password,
            "timeout": TIMEOUT_SECONDS,
        }

    def _tls_context(self) -> ssl.SSLContext:
        name = self._settings.ca_file
        return ssl.create_default_context(cafile=self._home / name if name else None)

    def _password(self) -> str | None:
        name = self._settings.password_file
        return (self._home / name).read_text("utf-8").strip() if name else None


def _failure(library: ModuleType, error: Exception) -> MailFailure:
    """Return the failure; what the server says of one mail is not about the next."""
    if isinstance(error, library.SMTPAuthenticationError):
        return MailFailure("sign_in_refused", is_of_server=True)
    if isinstance(error, library.SMTPRecipientsRefused):
        return MailFailure("recipients_refused", is_of_server=False)
    if isinstance(error, library.SMTPSenderRefused):
        return MailFailure("sender_refused", is_of_server=True)
    if isinstance(error, library.SMTPDataError):
        return MailFailure(f"refused_{error.code}", is_of_server=False)
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return MailFailure("tls_failed", is_of_server=True)
    is_unreached = isinstance(
        error, (OSError, library.SMTPConnectError, library.SMTPServerDisconnected)
    )
    return MailFailure("unreachable" if is_unreached else "smtp_fault", is_of_server=True)
