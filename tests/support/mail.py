"""A mail server on loopback that keeps what it is given, or refuses as it is told to."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Mailbox:
    """A handler of aiosmtpd."""

    mails: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    """Recipients and content of what was taken."""
    tls_used: list[bool] = field(default_factory=list)
    answer: str = "250 OK"
    password: str = ""

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - the library's
        if self.answer.startswith("250"):
            content = envelope.content.decode("ascii")
            self.mails.append((tuple(envelope.rcpt_tos), content))
            self.tls_used.append(session.ssl is not None)
        return self.answer

    def authenticate(self, server, session, envelope, mechanism, data) -> AuthResult:
        return AuthResult(success=data.password.decode() == self.password, handled=False)


@dataclass
class MailServer:
    """One that listens on a port of its own."""

    server: asyncio.Server
    port: int
    mailbox: Mailbox

    @classmethod
    async def start(
        cls, mailbox: Mailbox, *, port: int = 0, certificate: Path | None = None,
        is_implicit: bool = False,
    ) -> MailServer:  # fmt: skip
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        options = {
            "tls_context": None if is_implicit else context,
            "authenticator": mailbox.authenticate if mailbox.password else None,
            "auth_require_tls": context is not None and not is_implicit,
        }
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(mailbox, hostname="mail.invalid", **options),
            "127.0.0.1",
            port,
            ssl=context if is_implicit else None,
        )
        return cls(server, server.sockets[0].getsockname()[1], mailbox)

    async def stop(self) -> None:
        self.server.close()
        await self.server.wait_closed()


def make_certificate(path: Path) -> Path:
    """Write a certificate for this machine with its key, and return the path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path
