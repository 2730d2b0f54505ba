"""`homeward demo`: a federation of three on this machine, and one case told to its end.

Everything in it is invented. Each node is a process of its own with its own home,
they talk over HTTP on loopback, and every act is a command of this command line, as
a person would type it. A step says what it proved, and the demo checks that before
it says so; any other outcome ends it with exit code 1. What is not built yet is
left out, not played.

    scene       the invented case and people         place    folders, and the rerun
    processes   the nodes as processes               telling  commands, checks, words
    story       the steps
"""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType

import click

from node.cli.options import FOLDER


@click.command()
@click.option("--once", is_flag=True, help="End after the story, instead of running on.")
@click.option("--dir", "folder", type=FOLDER, default=".demo", show_default=True)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object at the end instead.")
def demo(once: bool, folder: Path, is_json: bool) -> None:
    """Three nodes on this machine and an invented case, step by step.

    Leaves its work in DIR: a home for each node, root.json, evidence/*.zip. A rerun
    begins anew. Exit code 1 when anything is not as it should be.
    """
    from node.cli.demo.place import Place
    from node.cli.demo.processes import Nodes
    from node.cli.demo.story import play
    from node.cli.demo.telling import Teller

    # A service manager's way to interrupt; the nodes must not outlive the demo.
    signal.signal(signal.SIGTERM, _interrupt)
    place = Place(folder)
    place.prepare()
    teller = Teller(is_silent=is_json)
    with Nodes(place) as nodes:
        play(place, nodes, teller, is_staying=not once)
        if not once:
            teller.invite(place)
            nodes.watch()
    teller.finish(is_json=is_json)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt
