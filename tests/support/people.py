"""The people of one node, who set up passwords and sign in."""

from __future__ import annotations

import pyotp
import pytest

from node.app import Core
from node.errors import NodeError
from node.users import secrets
from node.users.accounts import Users
from node.users.secrets import Passwords
from tests.support.nodes import SettableClock
from tests.support.pages import CHEAP, PASSWORD

SECRET = b"s" * secrets.TOTP_SECRET_BYTES


class People:
    """The people of one node."""

    def __init__(self, core: Core, clock: SettableClock) -> None:
        self.core, self.clock = core, clock
        self.users = Users(core.context, Passwords(CHEAP))

    def code(self) -> str:
        return pyotp.TOTP(secrets.base32(SECRET)).at(self.clock.at_ms // 1000)

    async def enrolled(self, name: str = "Anna", role: str = "caseworker") -> list[str]:
        """Add somebody with a password; return the recovery codes."""
        token = await self.users.add(name, role, language="en", added_by="test")
        _, codes = await self.users.set_password(token, PASSWORD, totp=SECRET, code=self.code())
        self.clock.at_ms += 60_000
        return codes

    async def refused(self, name: str, password: str, code: str) -> str:
        with pytest.raises(NodeError) as refusal:
            await self.users.sign_in(name, password, code)
        return refusal.value.code
