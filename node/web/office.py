"""The pages of one node, from its core and its settings."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

from node.app import Core
from node.config import Settings
from node.errors import ConfigError
from node.users.accounts import Users
from node.users.passkeys import RelyingParty
from node.users.secrets import Passwords
from node.users.sessions import Sessions
from node.web.addresses import pages_origin
from node.web.rendering import Renderer
from node.web.server import PageServer
from node.web.sheets import template_globals
from node.web.visit import Office


class Pages:
    """The pages of one node."""

    def __init__(
        self,
        core: Core,
        settings: Settings,
        report: Callable[[str, str], None],
        *,
        passwords: Passwords | None = None,
    ) -> None:
        """Nothing listens yet; `report` is told of faults of ours: which page, what error."""
        origin, node_id = pages_origin(settings), settings.node_id
        host = urlsplit(origin).hostname or "localhost"
        self._settings = settings
        self.office = Office(
            core=core,
            users=Users(core.context, passwords),
            sessions=Sessions(core.context),
            public_address=settings.pages_public_address,
            public_telephone=settings.pages_public_telephone,
            party=RelyingParty(host=host, origin=origin, name=f"Homeward {node_id}"),
            renderer=Renderer(template_globals(node_id)),
        )
        self._server = PageServer(self.office, report)

    async def start(self) -> None:
        """Listen where the settings say.

        Raises:
            ConfigError: the address or the certificate cannot be used.
        """
        settings = self._settings
        try:
            await self._server.start(settings.pages_host, settings.pages_port, tls=_tls(settings))
        except OSError as error:
            raise ConfigError(
                "cannot_listen",
                f"the pages cannot listen on {settings.pages_host} port {settings.pages_port}",
                "change pages_host or pages_port in homeward.toml",
            ) from error

    async def stop(self) -> None:
        """Finish what is being answered, then close."""
        await self._server.stop()


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if not settings.pages_certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.pages_certificate, settings.pages_key or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            "bad_certificate",
            "the certificate of the pages cannot be used",
            "see pages_certificate and pages_key in homeward.toml",
        ) from error
    return context
