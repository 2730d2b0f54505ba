"""How the demo acts and speaks: a command as typed, what it showed, what that proves.

A claim is checked before it is printed. Commands run in this process through the
same entry point as the installed program; what they would ask a person is answered
by their options.
"""

from __future__ import annotations

import contextlib
import io
import json
import shlex
from collections.abc import Sequence
from typing import Any

import click

from node.cli.demo.place import Place
from node.errors import NodeError

Answer = dict[str, Any]


class Teller:
    """Runs commands and tells the story."""

    def __init__(self, *, is_silent: bool) -> None:
        """`is_silent`: tell nothing, only collect what was proven."""
        self._is_silent = is_silent
        self._proven: list[str] = []

    # --- words

    def heading(self, text: str) -> None:
        """Begin a step."""
        self.say("")
        self._print(click.style(text, bold=True))

    def say(self, text: str) -> None:
        """Tell something."""
        self._print(text)

    def quote(self, lines: Sequence[str]) -> None:
        """Show lines as they stand on somebody's screen."""
        for line in lines:
            self._print(f"    | {line}")

    def proven(self, sentence: str, *checks: bool) -> None:
        """State what the step has proven.

        Raises:
            NodeError: a check does not hold.
        """
        if not all(checks):
            raise NodeError("demo_not_proven", f"this did not hold: {sentence}")
        self._proven.append(sentence)
        self._print(click.style("  proven: ", fg="green") + sentence)

    def invite(self, place: Place) -> None:
        """Say what a person can try while the nodes run."""
        folder = place.folder
        self.heading("The three nodes go on running. Try, in another terminal:")
        for line in (
            f"homeward referral list --home {folder}/gr",
            f"homeward case list --home {folder}/be",
            f"homeward node status --home {folder}/ua",
            f"homeward audit log --home {folder}/be",
            f"homeward node doctor --home {folder}/gr",
        ):
            self.say(f"  {line}")
        self.say("Ctrl-C ends them.")

    def finish(self, *, is_json: bool) -> None:
        """Say that all went well."""
        if is_json:
            click.echo(json.dumps({"proven": self._proven}, indent=2))
        else:
            self.say("")
            self.say(f"All {len(self._proven)} claims were checked and hold.")

    # --- commands

    def run(self, *arguments: str, is_shown: bool = True) -> Answer:
        """Run a command; return its answer.

        Raises:
            NodeError: it did not end with exit code 0.
        """
        if is_shown:
            self._print(click.style(f"  $ homeward {_typed(arguments)}", dim=True))
        code, out, errors = _call([*arguments, "--json"])
        if code:
            sentence = errors.splitlines()[-1] if errors else "no reason was given"
            raise NodeError("demo_command", f"a command ended with exit code {code}: {sentence}")
        answer: Answer = json.loads(out)
        return answer

    def read(self, *arguments: str) -> list[str]:
        """Run a command; return the lines that a person sees."""
        _, out, errors = _call(arguments)
        return (out + errors).splitlines()

    def exit_code(self, *arguments: str) -> int:
        """Run a command; return its exit code."""
        return _call(arguments)[0]

    def _print(self, line: str) -> None:
        if not self._is_silent:
            click.echo(line)


def _call(arguments: Sequence[str]) -> tuple[int, str, str]:
    from node.cli import run

    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        code = run(arguments)
    return code, out.getvalue(), errors.getvalue()


def _typed(arguments: Sequence[str]) -> str:
    return " ".join(shlex.quote(argument) for argument in arguments)
