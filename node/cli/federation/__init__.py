"""`homeward federation`: found one, change it, sign for it, publish, join, look at it.

    founding   key, create                       (holders, secretariat)
    changing   admit, amend, suspend, reinstate, revoke, rotate-root, renew
    signing    sign, collect, pending, discard, publish
    joining    join-request, join                (an organisation's node)
    showing    show
    wording    what a change does, in plain words
    keyring    key files and their passphrases

The people here are no engineers, and work under pressure: every step says what it did,
what is missing, and what comes next. Nothing needs the network.
"""

from __future__ import annotations

import click

from node.cli.federation import changing, founding, joining, showing, signing


@click.group()
def federation() -> None:
    """Found a federation, admit and suspend members, sign and publish, join."""


for command in (
    founding.key,
    founding.create,
    changing.admit,
    changing.amend,
    changing.suspend,
    changing.reinstate,
    changing.revoke,
    changing.rotate_root,
    changing.renew,
    signing.sign,
    signing.collect,
    signing.pending,
    signing.discard,
    signing.publish,
    joining.join_request,
    joining.join,
    showing.show,
):
    federation.add_command(command)
