"""Open the secrets of a home: little to load, so that a node can do so while it loads the rest."""

from __future__ import annotations

from keys.identity import Identity, load_identity
from node.errors import HomeError
from node.home import Home
from protocol import suite


def open_identity(home: Home, passphrase: bytes) -> Identity:
    """Open the secrets of a home; refuse to go on without the needed algorithms.

    Raises:
        HomeError: the linked OpenSSL lacks an algorithm.
        KeysError: wrong passphrase, damaged or missing key file.
    """
    missing = suite.missing_algorithms()
    if missing:
        raise HomeError(
            "no_algorithms",
            f"the installed cryptography library lacks {', '.join(missing)}",
            "install cryptography 50 or newer from its own wheel",
        )
    return load_identity(home.identity, passphrase)
