"""Options that say why a part of a case may go: codes for a step, reasons in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from node.cli.options import F, long_text

_SENSITIVE = click.option(
    "--sensitive-reason", default="", help="Why sensitive fields go; a second person approves it."
)
_OVERRIDE = click.option(
    "--override-reason", default="", help="Why it goes over a rule, to protect vital interests."
)
_AT_ONCE = click.option(
    "--at-once-reason", default="", help="Why a U1 look-out has more than the minimal set."
)
STEP_GROUNDS = (
    click.option("--purpose", default=None, help="With a field: purpose; else the referral's."),
    click.option("--art6", default=None, help="Likewise: code of art6_basis."),
    click.option("--art9", default=None, help="Likewise: code of art9_condition."),
    click.option("--art10", default=None, help="Likewise: code of art10_basis."),
    click.option("--derogation", default=None, help="Likewise: code of art49_derogation."),
    click.option("--police-informed", default=None, help="Likewise: code of police_informed."),
    _SENSITIVE,
    _OVERRIDE,
)
"""For a step that takes a part of a case along."""

_NAMES = ("sensitive_reason", "override_reason", "at_once_reason")


def reason_options(function: F) -> F:
    """Add the reasons that a referral may need."""
    return _SENSITIVE(_OVERRIDE(_AT_ONCE(function)))


def long_reasons(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the reasons among some options; "-" reads one from stdin."""
    return {
        name: long_text("--" + name.replace("_", "-"), str(given[name]))
        for name in _NAMES
        if given.get(name)
    }
