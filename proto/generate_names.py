"""Generate the names of countries and languages, or check that they are up to date.

Run from anywhere:  python proto/generate_names.py [--check]

Names come from Unicode CLDR, through Babel, which only this script needs: what it
writes to protocol/vocabularies/names is committed, so that a node depends on no
locale data and all nodes of a version call a country the same. The exact version of
Babel decides what CLDR says; another one is refused.

What CLDR does not have, or does not tell apart, is below. The codes are below too:
to add one, write it here and run this; the list's version goes up then (see
protocol/vocabularies/changes.py).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import babel
from babel import Locale
from babel.core import get_global

BABEL = "2.18.0"
REPOSITORY = Path(__file__).resolve().parent.parent
OUT = REPOSITORY / "protocol" / "vocabularies" / "names"
LICENCE = "LICENSE.unicode"

# ISO 3166-1 alpha-2, and XK, which Europe uses for Kosovo.
COUNTRIES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA
ZM ZW
"""
# Languages that children and families speak: ISO 639-3, and sgn for signing. A
# selection; any other code of the standard may be used and is shown as it is.
LANGUAGES = """
afr aka amh apc ara ary arz aze bam bel ben bod bos bul cat ces ckb cym dan deu dzo ell eng
est eus ewe fas fil fin fra fuc ful gla gle glg guj hat hau heb hin hrv hun hye ibo ind isl
ita jpn kab kan kat kaz khm kin kir kmr kon kor kur lao lav lin lit ltz lug mal man mar men
mkd mlg mlt mon msa mya nep nld nob nor nya orm pan pol por prs pus rif rom ron run rus sgn
shi sin slk slv sna som spa sqi srp sus swa swe tam tat tel tem tgk tgl tha tir tuk tur twi
tzm uig ukr urd uzb vie wol xho yid yor yue zho zul
"""
# Module, name of the language, and locale of CLDR, where `pt` is Brazil's.
MODULES = {
    "bulgarian": ("Bulgarian", "bg"),
    "dutch": ("Dutch", "nl"),
    "english": ("English", "en"),
    "french": ("French", "fr"),
    "german": ("German", "de"),
    "greek": ("Greek", "el"),
    "hungarian": ("Hungarian", "hu"),
    "italian": ("Italian", "it"),
    "polish": ("Polish", "pl"),
    "portuguese": ("Portuguese", "pt_PT"),
    "romanian": ("Romanian", "ro"),
    "serbian": ("Serbian", "sr"),
    "spanish": ("Spanish", "es"),
    "ukrainian": ("Ukrainian", "uk"),
}
# Absent from CLDR in some languages.
ABSENT = {
    "apc": {
        "bg": "левантийски арабски",
        "de": "Levantinisches Arabisch",
        "el": "Αραβικά του Λεβάντε",
        "en": "Levantine Arabic",
        "es": "árabe levantino",
        "fr": "arabe levantin",
        "it": "arabo levantino",
        "pl": "arabski lewantyński",
        "pt_PT": "árabe levantino",
        "ro": "arabă levantină",
        "sr": "левантски арапски",
        "uk": "левантійська арабська",
    },
    "ary": {
        "bg": "марокански арабски",
        "el": "Αραβικά του Μαρόκου",
        "es": "árabe marroquí",
        "hu": "marokkói arab",
        "pt_PT": "árabe marroquino",
        "ro": "arabă marocană",
        "sr": "марокански арапски",
        "uk": "марокканська арабська",
    },
    "arz": {
        "bg": "египетски арабски",
        "el": "Αραβικά της Αιγύπτου",
        "es": "árabe egipcio",
        "hu": "egyiptomi arab",
        "pt_PT": "árabe egípcio",
        "ro": "arabă egipteană",
        "sr": "египатски арапски",
        "uk": "єгипетська арабська",
    },
    "rif": {
        "bg": "рифски",
        "el": "Ριφιανά",
        "es": "rifeño",
        "hu": "rifi",
        "pt_PT": "rifenho",
        "ro": "rifană",
        "sr": "рифски",
        "uk": "рифська",
    },
    "sgn": {
        "bg": "жестов език",
        "de": "Gebärdensprache",
        "el": "Νοηματική γλώσσα",
        "en": "Sign language",
        "es": "lengua de signos",
        "fr": "langue des signes",
        "hu": "jelnyelv",
        "it": "lingua dei segni",
        "nl": "Gebarentaal",
        "pl": "język migowy",
        "pt_PT": "língua gestual",
        "ro": "limba semnelor",
        "sr": "знаковни језик",
        "uk": "жестова мова",
    },
}
# One with another language in CLDR (ful, kur, fil, aka), but not for who looks for an interpreter.
TOLD_APART = {
    "fuc": {
        "bg": "пулаар",
        "de": "Pulaar",
        "el": "Πουλάαρ",
        "en": "Pulaar",
        "es": "pulaar",
        "fr": "pulaar",
        "hu": "pulár",
        "it": "pulaar",
        "nl": "Pulaar",
        "pl": "pulaar",
        "pt_PT": "pulaar",
        "ro": "pulaar",
        "sr": "пулар",
        "uk": "пулаар",
    },
    "kmr": {
        "bg": "курманджи",
        "de": "Kurmandschi",
        "el": "Κουρμαντζί",
        "en": "Kurmanji Kurdish",
        "es": "kurmanyi",
        "fr": "kurmandji",
        "hu": "kurmandzsi",
        "it": "kurmanji",
        "nl": "Kurmanci",
        "pl": "kurmandżi",
        "pt_PT": "curmânji",
        "ro": "kurmanji",
        "sr": "курманџи",
        "uk": "курманджі",
    },
    "tgl": {
        "bg": "тагалог",
        "de": "Tagalog",
        "el": "Ταγκαλόγκ",
        "en": "Tagalog",
        "es": "tagalo",
        "fr": "tagalog",
        "hu": "tagalog",
        "it": "tagalog",
        "nl": "Tagalog",
        "pl": "tagalski",
        "pt_PT": "tagalo",
        "ro": "tagalog",
        "sr": "тагалог",
        "uk": "тагалог",
    },
    "twi": {
        "bg": "туи",
        "de": "Twi",
        "el": "Τούι",
        "en": "Twi",
        "es": "twi",
        "fr": "twi",
        "hu": "twi",
        "it": "twi",
        "nl": "Twi",
        "pl": "twi",
        "pt_PT": "twi",
        "ro": "twi",
        "sr": "тви",
        "uk": "тві",
    },
}


def country_name(locale: Locale, code: str) -> str:
    """Return what CLDR calls a country."""
    return str(locale.territories[code])


def language_name(locale: Locale, code: str) -> str:
    """Return what CLDR calls a language, under its code or its shorter one."""
    if code in TOLD_APART:
        return TOLD_APART[code][str(locale)]
    shorter = get_global("language_aliases").get(code, code)
    name = locale.languages.get(code) or locale.languages.get(shorter)
    if name is None:
        return ABSENT[code][str(locale)]
    if str(locale) in ABSENT.get(code, {}):
        sys.exit(f"proto/generate_names.py: error: CLDR has a name for {code} in {locale} now")
    return str(name)


def table(name: str, rows: dict[str, str]) -> str:
    """Return one list as it stands in the module."""
    # CLDR writes the apostrophe in three ways; people look for one.
    tidy = {code: row.replace("'", "’").replace("ʼ", "’") for code, row in rows.items()}
    lines = [f'        "{code}": "{row}",\n' for code, row in tidy.items()]
    return f'    "{name}": {{\n{"".join(lines)}    }},\n'


def module_text(language: str, locale: Locale) -> str:
    """Return the module of one language."""
    countries = {code: country_name(locale, code) for code in COUNTRIES.split()}
    languages = {code: language_name(locale, code) for code in LANGUAGES.split()}
    return (
        f'"""{language} names, from Unicode CLDR by proto/generate_names.py. Never edit."""\n\n'
        "from __future__ import annotations\n\n"
        "from protocol.vocabularies.terms import LabelTable\n\n"
        "NAMES: LabelTable = {\n"
        f"{table('country', countries)}{table('language', languages)}}}\n"
    )


def wanted_files() -> dict[str, str]:
    """Return what the folder must hold, by name."""
    files = {
        f"{module}.py": module_text(language, Locale.parse(locale))
        for module, (language, locale) in MODULES.items()
    }
    licence = Path(babel.__file__).parent / "locale-data" / LICENCE
    files[LICENCE] = licence.read_text(encoding="utf-8")
    return files


def main() -> int:
    """Generate, or check with --check."""
    parser = argparse.ArgumentParser(description="Generate protocol/vocabularies/names.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    is_check = parser.parse_args().check
    if babel.__version__ != BABEL:
        sys.exit(f"proto/generate_names.py: error: this needs Babel {BABEL}")
    different = []
    for name, text in wanted_files().items():
        path = OUT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            different.append(name)
            if not is_check:
                path.write_text(text, encoding="utf-8")
    if is_check and different:
        print("protocol/vocabularies/names is not what CLDR gives:", *different, file=sys.stderr)
    return 1 if is_check and different else 0


if __name__ == "__main__":
    sys.exit(main())
