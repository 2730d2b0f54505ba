"""Templates in the reader's language.

One environment for each language, made when it is first needed; catalogues are read as
they are edited (.po), so that nothing has to be compiled before the pages can be tried. A
value that is missing in a template is an error, not an empty place.
"""

from __future__ import annotations

import datetime
import gettext
import hashlib
import io
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
LOCALE = FOLDER / "locale"
SOURCE_LANGUAGE = "en"
MINUTE_MS, MOMENTS = 60_000, 4096
# More than there are in all templates.
SENTENCES = 4096
# In the order in which they are offered; the names are the languages' own.
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "fr": "Français",
    "de": "Deutsch",
    "nl": "Nederlands",
    "el": "Ελληνικά",
    "uk": "Українська",
}

_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9])")
_MOMENT = rf"{_DAY.pattern}(?: [0-9:]{{5}} (?:UTC|[+-][0-9:]{{5}}))?"
_DATED = re.compile(rf"{_MOMENT}(?: –(?: {_MOMENT})?)?(?: \(.+\))?|– {_MOMENT}")


class Renderer:
    """Renders templates."""

    def __init__(self, globals_: Mapping[str, Any]) -> None:
        """`globals_` are known to every template."""
        self._globals = dict(globals_)
        self._environments: dict[str, Environment] = {}

    def render(self, template: str, language: str, /, **values: object) -> str:
        """Return a template filled in, in one of `LANGUAGES`."""
        if language not in self._environments:
            self._environments[language] = self._environment(language)
        return self._environments[language].get_template(template).render(**values)

    def _environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        words = catalogue(language)
        environment.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
        locale = Locale.parse(language)
        environment.globals.update(
            self._globals,
            _=_sentences(words),
            plain_gettext=words.gettext,
            language=language,
            languages=LANGUAGES,
            direction=locale.text_direction,
            static=static_address,
            is_reviewed=is_reviewed(language),
        )
        environment.filters.update(moment_filters(locale))
        return environment


def _sentences(words: gettext.NullTranslations) -> Callable[..., Markup]:
    """Return what templates call `_`: as Jinja's own, but a sentence is looked up once."""

    @lru_cache(maxsize=SENTENCES)
    def sentence(text: str) -> Markup:
        return Markup(words.gettext(text))  # noqa: S704  our catalogues are part of the templates

    @lru_cache(maxsize=SENTENCES)
    def whole(text: str) -> Markup:
        return sentence(text) % {}

    def told(text: str, /, **variables: object) -> Markup:
        return sentence(text) % variables if variables else whole(text)

    return told


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the words of a language; the source language needs none."""
    path = LOCALE / language / "pages.po"
    if language == SOURCE_LANGUAGE or not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def is_reviewed(language: str) -> bool:
    """Return whether a native speaker has read a language's catalogue."""
    path = LOCALE / language / "pages.po"
    if language == SOURCE_LANGUAGE:
        return True
    if not path.exists():
        return False
    head = path.read_text(encoding="utf-8")[:4000]
    return "X-Reviewed: yes" in head


@cache
def static_address(name: str) -> str:
    """Return the address of a file that never changes under that address."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{digest[:16]}/{name}"


def moment_filters(locale: Locale) -> dict[str, Any]:
    """Return filters that show times (milliseconds since 1970-01-01 UTC) to a reader."""

    def at(ms: int) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(ms / 1000, tz=datetime.UTC)

    def moment(ms: int | None, zone: datetime.tzinfo | None = None) -> str:
        if not ms:
            return ""
        return to_the_minute(ms // MINUTE_MS, zone)

    # A desk shows hundreds, and shows them again each quarter of a minute.
    @lru_cache(maxsize=MOMENTS)
    def to_the_minute(minute: int, zone: datetime.tzinfo | None) -> str:
        local = at(minute * MINUTE_MS).astimezone(zone)
        return format_datetime(local, "d MMM y HH:mm", locale=locale)

    def day(when: int | str | None) -> str:
        """Return a day; that of a moment, or one that is told as a date ("2027-01-16")."""
        if not when:
            return ""
        if isinstance(when, str):
            return format_date(datetime.date.fromisoformat(when), "d MMM y", locale=locale)
        return format_date(at(when).astimezone().date(), "d MMM y", locale=locale)

    def span(ms: int, *, is_relative: bool = False) -> str:
        delta = datetime.timedelta(milliseconds=ms)
        return format_timedelta(delta, locale=locale, add_direction=is_relative, threshold=1.2)

    def machine(ms: int) -> str:
        return at(ms).isoformat()

    return {
        "moment": moment,
        "day": day,
        "span": span,
        "machine": machine,
        "readable": partial(_readable, day=day),
    }


def _readable(text: str, language: str = "", *, day: Callable[[str], str]) -> str:
    """Return what a field says; one that says a day or a moment, as the reader writes it.

    With a language as who reads in that writes it.
    """
    if _DATED.fullmatch(text) is None:
        return text
    if language:
        day = moment_filters(_locale_of(language))["day"]
    return _DAY.sub(lambda found: day(found[0]), text)


@lru_cache(maxsize=64)
def _locale_of(language: str) -> Locale:
    """Return the locale of a peer's language; English for one that nobody has described."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(SOURCE_LANGUAGE)
