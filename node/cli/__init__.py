"""The command line: `homeward GROUP COMMAND`, one module a group, loaded when used.

Voice: results on stdout; prompts, progress and errors on stderr. An error is one
lower-case sentence after `homeward: error:`, then `hint:` lines. Neither repeats
what was typed: it may be a name. With --json, stdout holds one JSON object, also
for an error.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping, Sequence

import click

from keys.errors import KeysError
from node.cli.output import tell_error
from node.errors import NodeError, describe
from protocol.errors import PolicyRefusal

EXIT_CODES = {"refused": 1, "argument": 2, "home": 3}
NO_VERDICT = 3
INTERRUPTED = 130
# Shows where an unforeseen fault happened; its message may hold what nobody should see.
TRACEBACK_VARIABLE = "HOMEWARD_TRACEBACK"

_GROUPS: Mapping[str, tuple[str, str]] = {
    "demo": ("node.cli.demo:demo", "Three nodes on this machine, an invented case, step by step."),
    "node": ("node.cli.nodes:nodes", "Make, run and look after a node."),
    "keys": ("node.cli.keys:keys", "A node's public keys and its encryption epochs."),
    "federation": ("node.cli.federation:federation", "Found a federation, change it, join it."),
    "case": ("node.cli.cases:cases", "The node's own cases."),
    "referral": ("node.cli.referrals:referrals", "Ask a peer, answer a peer."),
    "user": ("node.cli.users:users", "Who may use the pages."),
    "audit": ("node.cli.audit:audit", "The log, and evidence for others."),
}

_EPILOG = """\b
Exit codes: 0 done; 1 a rule forbids it or it is not possible now; 2 called
wrongly; 3 the home, its configuration or its keys cannot be used as they are.
`audit verify` has its own: see there. HOMEWARD_HOME is the home when --home is
not given. The passphrase is asked for, unless the settings name an unlock file,
the service manager passes it, or HOMEWARD_PASSPHRASE holds it."""


class LazyGroup(click.Group):
    """A group whose members are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _GROUPS:
            return None
        module_name, _, name = _GROUPS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module_name), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{cmd_name} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the groups without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in _GROUPS.items()])


@click.group(cls=LazyGroup, epilog=_EPILOG, context_settings={"help_option_names": ["--help"]})
def homeward() -> None:
    """A federation node for missing-children organisations."""


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code. Errors are shown, not raised."""
    # Whatever a command writes is for the owner alone.
    os.umask(0o077)
    is_json = "--json" in arguments
    try:
        code = homeward.main(list(arguments), prog_name="homeward", standalone_mode=False)
    except click.UsageError as error:
        code = _fail(_usage(error), is_json=is_json)
        # There, 2 is a verdict.
        is_verify = error.ctx is not None and error.ctx.command_path.endswith("audit verify")
        return NO_VERDICT if is_verify else code
    except (NodeError, KeysError, PolicyRefusal) as error:
        return _fail(describe(error), is_json=is_json)
    except (click.Abort, KeyboardInterrupt):
        click.echo("homeward: error: stopped before it was done", err=True)
        return INTERRUPTED
    except Exception as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        return _fail(_unforeseen(error), is_json=is_json)
    return code if isinstance(code, int) else 0


def _fail(told: Mapping[str, str], *, is_json: bool) -> int:
    tell_error(told, is_json=is_json)
    return EXIT_CODES[told["kind"]]


def _usage(error: click.UsageError) -> dict[str, str]:
    """Put click's error into our words; its own would repeat what was typed."""
    parameter = getattr(error, "param", None)
    name = parameter.opts[0] if isinstance(parameter, click.Option) else "an argument"
    if isinstance(parameter, click.Argument):
        name = parameter.human_readable_name
    if isinstance(error, click.NoSuchOption):
        sentence = "there is no such option"
    elif isinstance(error, click.MissingParameter):
        sentence = f"{name} is missing"
    elif isinstance(error, click.BadParameter):
        sentence = f"the value of {name} cannot be used"
    elif isinstance(error, click.BadOptionUsage):
        sentence = f"{error.option_name} needs a value"
    elif "command" in error.message.lower():
        sentence = "there is no such command"
    else:
        sentence = "there are too many arguments"
    path = error.ctx.command_path if error.ctx is not None else "homeward"
    hint = f"{path} --help"
    if parameter is not None and isinstance(parameter.type, click.Choice):
        hint = f"one of: {', '.join(map(str, parameter.type.choices))}\n{hint}"
    return {"kind": "argument", "code": "usage", "sentence": sentence, "hint": hint}


def _unforeseen(error: Exception) -> dict[str, str]:
    return {
        "kind": "refused",
        "code": "internal",
        "sentence": f"homeward has a fault here ({type(error).__name__})",
        "hint": f"{TRACEBACK_VARIABLE}=1 shows where; do not pass that on unread",
    }
