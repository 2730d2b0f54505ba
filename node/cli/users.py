"""`homeward user`: who may use the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from node.cli import output, reach
from node.cli.options import home_option, json_option, made_by
from node.cli.output import Answer

ROLES = ("operator", "caseworker", "supervisor", "auditor", "administrator")


@click.group("user")
def users() -> None:
    """The people who use this node's pages."""


@users.command()
@home_option
@json_option
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--language", default="en", show_default=True, help="In which the pages speak.")
def add(*, home: Path, is_json: bool, name: str, role: str, language: str) -> None:
    """Add somebody, and print the one-time link by which they set up how they sign in.

    Whoever opens the link first is that person: hand it over yourself.
    """
    values = {"name": name, "role": role, "language": language, "made_by": made_by()}
    answer = reach.ask(home, "user.add", values).answer
    _show_with_link(home, answer, is_json=is_json)


@users.command("list")
@home_option
@json_option
def list_(home: Path, is_json: bool) -> None:
    """List everybody, with role and how they sign in."""
    output.show(reach.ask(home, "user.list", {}).answer, is_json=is_json, lines=_list_lines)


@users.command()
@home_option
@json_option
@click.argument("name")
def reset(home: Path, is_json: bool, name: str) -> None:
    """Let somebody set up anew how they sign in: one person asks for it, another grants it.

    Who you are is your account on this machine; on the pages a supervisor or an
    administrator can do either part.
    """
    answer = reach.ask(home, "user.reset", {"name": name, "made_by": made_by()}).answer
    _show_with_link(home, answer, is_json=is_json)


def _show_with_link(home: Path, answer: Answer, *, is_json: bool) -> None:
    from node.config import load_settings
    from node.web.addresses import pages_origin

    token = answer.pop("token")
    origin = pages_origin(load_settings(home))
    answer["link"] = f"{origin}/welcome/{token}" if token else ""
    output.show(answer, is_json=is_json, lines=_link_lines)


def _link_lines(answer: Answer) -> Iterator[str]:
    if answer["link"]:
        yield f"{output.visible(answer['name'])}, {answer['role']}"
        yield f"one-time link, good for 24 hours: {answer['link']}"
    else:
        yield f"asked for a reset of {output.visible(answer['name'])}: another person must grant it"


def _list_lines(answer: Answer) -> Iterator[str]:
    rows = [(output.visible(user["name"]), user["role"], _means(user)) for user in answer["users"]]
    yield from output.table(rows) or ["nobody yet: homeward user add"]


def _means(user: Answer) -> str:
    if not user["is_active"]:
        return "has left"
    if user["reset_asked_by"]:
        return f"reset asked for by {output.visible(user['reset_asked_by'])}"
    if not user["can_sign_in"]:
        return "has not signed in yet"
    means = [*(["passkey"] if user["passkeys"] else []), *(["password"] * user["has_password"])]
    return ", ".join(means)
