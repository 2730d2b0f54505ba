"""What became of the values that the two sides of a leg told each other."""

from __future__ import annotations

from node.app import Core
from node.commands.arguments import Answer
from node.exchange.legs import LegView
from node.store import messages, taken
from protocol.pb.homeward.v1 import message_pb2


async def proposals(core: Core, view: LegView) -> dict[tuple[str, int], list[Answer]]:
    """Return by direction and step what became of the fields that it told.

    Of a note every field is told: open, taken or left. What the peer took of ours it
    does not say; of its other steps there is only what was taken here.
    """
    rows = await core.store.read(lambda db: taken.of_leg(db, view.row.leg_id))
    notes = {
        (row.direction, row.step_number): message_pb2.Message.FromString(row.payload).note
        for row in view.messages
        if row.name == "note"
    }
    other = {messages.IN: messages.OUT, messages.OUT: messages.IN}
    left = {
        (other[direction], note.replies_to, path)
        for (direction, _), note in notes.items()
        for path in note.left.paths
    }
    states: dict[tuple[str, int], list[Answer]] = {}
    for row in view.messages:
        place = (row.direction, row.step_number)
        ours = [t for t in rows if place == (messages.IN, t.step_number)]
        told = notes[place].mask.paths if place in notes else [t.path for t in ours]
        for path in dict.fromkeys(told):
            into = [t for t in ours if _covers(t.path, path)]
            is_left = any(_covers(p, path) for *where, p in left if tuple(where) == place)
            state = "taken" if into else "left" if is_left else "open"
            case_id = into[-1].case_id if into else ""
            states.setdefault(place, []).append({"path": path, "state": state, "case_id": case_id})
    return states


def _covers(path: str, other: str) -> bool:
    return path == other or other.startswith(f"{path}.")
