"""How offices of different countries write a name in Latin letters: a system is a table.

Written after the published systems (passport rules, national laws, library and press
usage), on their own: not by the tables of node/finding, which are tested with them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping


def _letters(letters: Iterable[str], latin: str) -> dict[str, str]:
    return dict(zip(letters, latin.split(), strict=True))


# Letters that all systems of a language write the same.
_CYRILLIC = _letters(
    "абвгдезийклмнопрстуф",
    "a b v g d e z i y k l m n o p r s t u f",
)


def _table(base: Mapping[str, str], changes: str) -> dict[str, str]:
    table = dict(base)
    for change in changes.split():
        letters, _, latin = change.partition("=")
        table[letters] = latin
    return table


_RUSSIAN = _table(_CYRILLIC, "ь= ъ= ы=y э=e ё=e")
_UKRAINIAN = _table(_CYRILLIC, "и=y і=i ї=i й=i є=ie г=h ґ=g ь=")
_GREEK = _letters(
    "αβγδεζηθικλμνξοπρσςτυφχψω",
    "a v g d e z i th i k l m n x o p r s s t y f ch ps o",
)
_GEORGIAN = _letters(
    "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h",
)
_ARMENIAN = _letters(
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
    "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f ev",
)

SYSTEMS: dict[str, dict[str, dict[str, str]]] = {
    "ru": {
        "passport": _table(_RUSSIAN, "ж=zh х=kh ц=ts ч=ch ш=sh щ=shch й=i ю=iu я=ia ъ=ie ё=e"),
        "press": _table(
            _RUSSIAN, "ж=zh х=kh ц=ts ч=ch ш=sh щ=shch й=y ю=yu я=ya ё=yo ^е=ye ий=y ье=ye"
        ),
        "french": _table(
            _RUSSIAN, "ж=j х=kh ц=ts ч=tch ш=ch щ=chtch й=ï ю=iou я=ia у=ou ё=io ин$=ine"
        ),
        "german": _table(
            _RUSSIAN,
            "ж=sch х=ch ц=z ч=tsch ш=sch щ=schtsch й=j ю=ju я=ja в=w з=s ё=jo ^е=je",
        ),
        "library": _table(_RUSSIAN, "ж=ž х=h ц=c ч=č ш=š щ=šč й=j ю=ju я=ja ё=ë"),
        "polish": _table(
            _RUSSIAN, "ж=ż х=ch ц=c ч=cz ш=sz щ=szcz й=j ю=ju я=ja в=w ё=jo ^е=je л=ł ле=le ли=li"
        ),
    },
    "uk": {
        "passport": _table(
            _UKRAINIAN,
            "ж=zh х=kh ц=ts ч=ch ш=sh щ=shch ю=iu я=ia ^є=ye ^ї=yi ^й=y ^ю=yu ^я=ya зг=zgh",
        ),
        "press": _table(
            _UKRAINIAN, "ж=zh х=kh ц=ts ч=ch ш=sh щ=shch ю=yu я=ya є=ye ї=yi й=y ий=yi"
        ),
        "german": _table(
            _UKRAINIAN, "ж=sch х=ch ц=z ч=tsch ш=sch щ=schtsch ю=ju я=ja є=je ї=ji й=j в=w"
        ),
        "polish": _table(_UKRAINIAN, "ж=ż х=ch ц=c ч=cz ш=sz щ=szcz ю=ju я=ja є=je ї=ji й=j в=w"),
    },
    "bg": {
        "passport": _table(_CYRILLIC, "ж=zh х=h ц=ts ч=ch ш=sh щ=sht ъ=a ь=y ю=yu я=ya ия$=ia"),
        "french": _table(_CYRILLIC, "ж=j х=h ц=tz ч=tch ш=ch щ=cht ъ=a ь= ю=iou я=ia у=ou й=i"),
        "library": _table(_CYRILLIC, "ж=ž х=h ц=c ч=č ш=š щ=št ъ=ă ь= ю=ju я=ja й=j"),
        "old": _table(_CYRILLIC, "ж=j х=h ц=tz ч=tch ш=sh щ=sht ъ=u ь= ю=iu я=ia й=i"),
    },
    "sr": {
        "latin": _table(_CYRILLIC, "ђ=đ ж=ž ј=j љ=lj њ=nj ћ=ć х=h ц=c ч=č џ=dž ш=š"),
        "passport": _table(_CYRILLIC, "ђ=dj ж=z ј=j љ=lj њ=nj ћ=c х=h ц=c ч=c џ=dz ш=s"),
        "english": _table(_CYRILLIC, "ђ=dj ж=zh ј=y љ=ly њ=ny ћ=ch х=h ц=ts ч=ch џ=dzh ш=sh"),
    },
    "el": {
        "passport": _table(
            _GREEK,
            "ου=ou ^μπ=b ^ντ=nt γγ=ng γξ=nx γχ=nch αυ=av ευ=ev ηυ=iv ^γκ=gk",
        ),
        "heard": _table(
            _GREEK,
            "ου=u μπ=b ντ=d γκ=g γγ=g αυ=av ευ=ev υ=i ει=i οι=i αι=e χ=h τζ=dz για=ya γιω=yo",
        ),
        "french": _table(_GREEK, "ου=ou ^μπ=b ^ντ=d γγ=ng γκ=gu αυ=av ευ=ev φ=ph η=i υ=y χ=kh"),
        "german": _table(_GREEK, "ου=u ^μπ=b ^ντ=d γγ=ng γκ=g αυ=av ευ=ev β=w φ=ph χ=ch υ=y"),
    },
    "ka": {
        "passport": _GEORGIAN,
        "russian": _table(_GEORGIAN, "ჯ=dzh ფ=f ყ=k ღ=g"),
        "german": _table(_GEORGIAN, "შ=sch ჩ=tsch ჭ=tsch ხ=ch ჟ=sch ჯ=dsch ვ=w ც=z წ=z ფ=p"),
        "library": _table(_GEORGIAN, "შ=š ჩ=č ჭ=č ხ=x ჟ=ž ჯ=j ც=c წ=c ღ=ḡ"),
    },
    "hy": {
        "passport": _table(_ARMENIAN, "ու=u ^ո=vo ^ե=ye ^և=yev իա=ia"),
        "library": _table(_ARMENIAN, "ու=u ^ո=o ժ=ž խ=x ծ=c ձ=j ճ=č շ=š չ=č ջ=ǰ ց=c յ=y ղ=ł"),
        "western": _table(
            _ARMENIAN, "ու=ou ^ո=vo ^ե=ye բ=p պ=b գ=k կ=g դ=t տ=d ճ=j ջ=ch յան$=ian ձ=ts ծ=dz"
        ),
        "russian": _table(_ARMENIAN, "ու=u ^ո=o ^ե=e հ=g ջ=dzh յան$=yan ^հա=a ^հո=o"),
    },
}


def romanised(name: str, language: str, system: str) -> str:
    """Return a name of one or more words in Latin letters, capitalised."""
    table = SYSTEMS[language][system]
    return " ".join(_word(word, table) for word in name.split())


def without_marks(text: str) -> str:
    """Return text as an office without the keys for it would type it."""
    for letter, plain in zip("łŁđĐıøØ", "lLdDioO", strict=True):
        text = text.replace(letter, plain)
    decomposed = unicodedata.normalize("NFD", text.replace("ß", "ss").replace("œ", "oe"))
    return unicodedata.normalize(
        "NFC", "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
    )


def with_umlauts_spelled(text: str) -> str:
    """Return ä, ö, ü, å, ø as German and Nordic offices write them without the key."""
    for letters, plain in (
        ("äæ", "ae"), ("öø", "oe"), ("ü", "ue"), ("å", "aa"),
        ("Ä", "Ae"), ("ÖØ", "Oe"), ("Ü", "Ue"),
    ):  # fmt: skip
        for letter in letters:
            text = text.replace(letter, plain)
    return text


def _word(word: str, table: Mapping[str, str]) -> str:
    text = word.lower()
    if any("α" <= c <= "ω" or c in "άέήίόύώϊϋΐΰς" for c in text):
        text = without_marks(text)
    latin = ""
    place = 0
    while place < len(text):
        size, written = _match(text, place, table)
        latin += written
        place += size
    return latin[:1].upper() + latin[1:]


def _match(text: str, place: int, table: Mapping[str, str]) -> tuple[int, str]:
    for size in (3, 2, 1):
        piece = text[place : place + size]
        if len(piece) < size:
            continue
        keys = [piece]
        if place == 0:
            keys.insert(0, "^" + piece)
        if place + size == len(text):
            keys.insert(0, piece + "$")
        for key in keys:
            if key in table:
                return size, table[key]
    return 1, text[place]
