"""Given names by language: a line is one name, its forms, and after `/` its short forms.

A line may go on in the next one, which is indented then. Forms that only differ in
spelling or script need no place here, the sounds meet them. A short form may stand in
several lines (Саша). A name that stands here is known not to be a slip of the pen for
another one: Maria and Marina are two children.
"""

from __future__ import annotations

from node.finding.given_names.arabic import ARABIC, PERSIAN, TURKISH
from node.finding.given_names.caucasus import ARMENIAN, GEORGIAN
from node.finding.given_names.eastern import RUSSIAN, UKRAINIAN_AND_BELARUSIAN
from node.finding.given_names.greek import GREEK
from node.finding.given_names.shared import SHARED
from node.finding.given_names.southern import BULGARIAN, SERBIAN_AND_MACEDONIAN
from node.finding.given_names.western import CENTRAL, ENGLISH, GERMANIC, ROMANCE

TABLES = {
    "shared": SHARED,
    "ru": RUSSIAN,
    "uk be": UKRAINIAN_AND_BELARUSIAN,
    "bg": BULGARIAN,
    "sr hr mk": SERBIAN_AND_MACEDONIAN,
    "el": GREEK,
    "ka": GEORGIAN,
    "hy": ARMENIAN,
    "ar": ARABIC,
    "fa": PERSIAN,
    "tr az": TURKISH,
    "en": ENGLISH,
    "de nl": GERMANIC,
    "fr es it pt ro": ROMANCE,
    "pl cs hu sq": CENTRAL,
}
