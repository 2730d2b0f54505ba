"""The words of the coded lists, in all languages: complete, in their script, without slips."""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from pathlib import Path

import pytest

from protocol.vocabularies.serbian import SERBIAN, latin
from protocol.vocabularies.terms import NO_ANSWER
from protocol.vocabularies.translations import ENGLISH, TRANSLATIONS
from protocol.vocabulary import LABEL_LANGUAGES, VOCABULARIES, is_reviewed

REPOSITORY = Path(__file__).resolve().parents[2]
FIRST_WAVE = "en fr de nl es it pt pl el hu ro bg uk sr"
OTHERS = [tag for tag in LABEL_LANGUAGES if tag != "en"]
# Proper names, whose words come from CLDR.
NAMES = ("country", "language")
# What fits beside a tick on a telephone, and into one line of the table.
LONGEST = 80
LAW = ("art6_basis", "art9_condition", "transfer_basis", "art49_derogation")
LATIN = "abcdefghijklmnopqrstuvwxyz"
CYRILLIC_OF_ALL = "абвгджзклмнопрстуфхцчше"
LETTERS = {
    "en": LATIN,
    "fr": LATIN + "àâçéèêëîïôœùûü",
    "de": LATIN + "äöüß",
    "nl": LATIN + "éèëïöü",
    "es": LATIN + "áéíóúüñ",
    "it": LATIN + "àèéìòù",
    "pt": LATIN + "áâãàçéêíóôõúº",
    "pl": LATIN + "ąćęłńóśźż",
    "el": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
    "hu": LATIN + "áéíóöőúüű",
    "ro": LATIN + "ăâîșț",
    "bg": CYRILLIC_OF_ALL + "ийщъьюя",
    "uk": CYRILLIC_OF_ALL + "ґєиіїйщьюя",
    "sr": CYRILLIC_OF_ALL + "ђијљњћџ",
    "sr-Latn": LATIN + "čćđšž",
}
# Latin in any script: names, what is written on a notice, points of the law (a) to (j).
LATIN_NAMES = re.compile(
    r"\b(?:U[1-4]|GDPR|SIRENE|INHOPE|INTERPOL|Yellow Notice|Amber Alert|Child Alert)\b"
    r"|\((?:grooming|piercing|[a-j])\)"
)
# Words that are the same in English.
SAME_AS_ENGLISH = {
    "fr": "U2 – urgent|U3 – normal|Police|Parent A|Parent B|Possible|Parent|Institution|Port|Train|"
    "Ferry|Alias|Devanagari|Bengali|Gurmukhi|Tifinagh|Visa|Piercing|Orange|Beige|Photo|"
    "Protection|Radicalisation|LGBTQI|Document",
    "de": "U3 – normal|Grooming|Website|Devanagari|Gurmukhi|Tifinagh|Messenger|Blond|Piercing|Arm|"
    "Hand|Orange|Gold|Beige|LGBTQI",
    "nl": "Grooming|Open|School|Camera|Station|Online|Website|Media|Alias|Devanagari|Gurmukhi|"
    "Tamil|Tifinagh|E-mail|Blond|Piercing|Arm|Hand|Beige|Informant|"
    "Online grooming|LGBTQI|Document",
    "es": "U3 – normal|No|Hospital|Alias|Devanagari|Gurmukhi|Tamil|Tifinagh|Piercing|Pelvis|LGBTQI",
    "it": "No|Social media|Alias|Devanagari|Gurmukhi|Tamil|Tifinagh|E-mail|Piercing|Beige|LGBTQI",
    "pt": "U3 – normal|Hospital|Bengali|Gurmukhi|Piercing|LGBTQI",
    "pl": "Port|Media|Gurmukhi|Tifinagh|E-mail|Blond|LGBTQI",
    "hu": "Latin|Tamil|Thai|E-mail|LGBTQI",
    "ro": "U2 – urgent|U3 – normal|Port|Alias|Devanagari|Gurmukhi|Tifinagh|E-mail|Blond|Piercing|"
    "Mediator|Autism|LGBTQI|Document|Electronic",
    "sr-Latn": "Devanagari",
}
# None of these is a word of the language, but for those beside it.
ENGLISH_WORDS = {"the", "of", "and", "with", "not", "from", "by", "or", "other", "their", "child"}
OWN_WORDS = {"nl": {"of"}, "pl": {"by"}}


def labels(tag: str, *, is_named: bool = False) -> list[tuple[str, str, str]]:
    """Return list, code and label of all that a reader of the language can see."""
    return [
        (name, code, term.labels[tag])
        for name, vocabulary in VOCABULARIES.items()
        if is_named or name not in NAMES
        for code, term in vocabulary.codes.items()
    ]


def test_the_languages_are_those_of_the_first_wave_and_serbian_in_both_scripts() -> None:
    assert [*FIRST_WAVE.split(), "sr-Latn"] == list(LABEL_LANGUAGES)
    assert set(LETTERS) == set(LABEL_LANGUAGES)


@pytest.mark.parametrize("tag", LABEL_LANGUAGES)
def test_every_code_of_every_list_has_a_label(tag) -> None:
    missing = [
        (name, code)
        for name, vocabulary in VOCABULARIES.items()
        for code, term in vocabulary.codes.items()
        if not term.labels.get(tag)
    ]
    assert missing == []


@pytest.mark.parametrize("tag", OTHERS)
def test_no_label_is_for_a_list_or_a_code_that_does_not_exist(tag) -> None:
    for name, translated in TRANSLATIONS[tag].labels.items():
        assert set(translated) <= set(ENGLISH[name])


@pytest.mark.parametrize("tag", LABEL_LANGUAGES)
def test_no_two_codes_of_a_list_read_the_same(tag) -> None:
    for name, vocabulary in VOCABULARIES.items():
        read = [term.labels[tag].casefold() for term in vocabulary.codes.values()]
        assert len(set(read)) == len(read), name


@pytest.mark.parametrize("tag", OTHERS)
def test_no_label_was_left_in_english(tag) -> None:
    same = dict.fromkeys(text for name, code, text in labels(tag) if text == ENGLISH[name][code])
    assert "|".join(same) == SAME_AS_ENGLISH.get(tag, "")
    for _, _, text in labels(tag):
        words = set(re.findall(r"\w+", LATIN_NAMES.sub("", text).lower()))
        assert words & (ENGLISH_WORDS - OWN_WORDS.get(tag, set())) == set(), text


@pytest.mark.parametrize("tag", LABEL_LANGUAGES)
def test_labels_are_in_the_letters_of_the_language(tag) -> None:
    for _, _, text in labels(tag):
        words = re.sub(r"[\d\W_]|΄", "", LATIN_NAMES.sub("", text))
        assert set(words.lower()) - set(LETTERS[tag]) == set(), text


@pytest.mark.parametrize("tag", LABEL_LANGUAGES)
def test_no_word_mixes_scripts(tag) -> None:
    # "а" and "a" look alike, and are found by no search for the other.
    for _, _, text in labels(tag, is_named=True):
        for word in re.findall(r"[^\W\d_]+", text):
            scripts = {unicodedata.name(letter).split()[0] for letter in word} - {"MASCULINE"}
            assert len(scripts) <= 1, text


@pytest.mark.parametrize("tag", LABEL_LANGUAGES)
def test_labels_are_short_and_tidy(tag) -> None:
    for _, _, text in labels(tag, is_named=True):
        assert 0 < len(text) <= LONGEST
        assert text == text.strip()
        assert not re.search(r"\s\s", text), text
        assert text == unicodedata.normalize("NFC", text)
        assert all(unicodedata.category(letter)[0] != "C" for letter in text), text
        # No placeholders, no typewriter quotes, no dots that stand for what is missing.
        assert not re.search(r"""[{}<>%$"'`*\\…]|\.\.|TODO|XXX|\?""", text), text


@pytest.mark.parametrize("tag", LABEL_LANGUAGES)
def test_labels_begin_like_a_sentence_and_end_without_a_full_stop(tag) -> None:
    for name, code, text in labels(tag):
        assert text[0].isupper() or text[0].isdigit() or text[0] == "„", (name, code)
        assert not text.endswith((",", ";", ":"))
        # The Hungarian abbreviation of "paragraph".
        assert not text.endswith(".") or text.endswith(" bek.")


@pytest.mark.parametrize("tag", OTHERS)
def test_labels_have_the_numbers_of_the_english_ones(tag) -> None:
    for name, code, text in labels(tag):
        assert re.findall(r"\d+", text) == re.findall(r"\d+", ENGLISH[name][code]), (name, code)


def test_french_has_a_space_that_does_not_break_before_a_colon() -> None:
    with_colon = [text for _, _, text in labels("fr") if ":" in text]
    assert len(with_colon) >= 4
    assert all("\u00a0:" in text for text in with_colon)


POINTS = "abcdefghij"
GREEK_POINTS = ("α", "β", "γ", "δ", "ε", "στ", "ζ", "η", "θ", "ι")
REFERENCE = {
    "en": lambda point: f"({point})",
    "fr": lambda point: f", {point}) RGPD",
    "de": lambda point: f" lit. {point} DSGVO",
    "nl": lambda point: f", punt {point}), AVG",
    "es": lambda point: f".{point}) RGPD",
    "it": lambda point: f", lett. {point}), GDPR",
    "pt": lambda point: f", al. {point}), RGPD",
    "pl": lambda point: f" lit. {point} RODO",
    "el": lambda point: f" στοιχ. {GREEK_POINTS[POINTS.index(point)]}΄ ΓΚΠΔ",
    "hu": lambda point: f" bek. {point}) pont",
    "ro": lambda point: f" lit. ({point}) RGPD",
    "bg": lambda point: f", буква {'абвгдежзий'[POINTS.index(point)]}) ОРЗД",
    "uk": lambda point: f"({point}) GDPR",
    "sr": lambda point: f"({point}) GDPR",
    "sr-Latn": lambda point: f"({point}) GDPR",
}


@pytest.mark.parametrize("tag", LABEL_LANGUAGES)
def test_references_to_the_law_name_its_points_as_the_language_does(tag) -> None:
    found = 0
    for name in LAW:
        for code, term in VOCABULARIES[name].codes.items():
            point = re.search(r"\(([a-j])\)$", term.labels["en"])
            if point is not None:
                assert term.labels[tag].endswith(REFERENCE[tag](point[1])), (name, code)
                found += 1
    assert found == 6 + 10 + 7


@pytest.mark.parametrize("tag", LABEL_LANGUAGES)
def test_no_answer_reads_the_same_in_every_list(tag) -> None:
    for vocabulary in VOCABULARIES.values():
        for code in NO_ANSWER.keys() & vocabulary.codes.keys():
            shared = VOCABULARIES["yes_no"].codes[code].labels
            assert vocabulary.codes[code].labels[tag] == shared[tag]


def test_no_language_but_english_was_read_by_a_native_speaker_yet() -> None:
    # To change with the language's REVIEWED, and not before.
    assert [tag for tag in LABEL_LANGUAGES if is_reviewed(tag)] == ["en"]


def test_serbian_in_latin_letters_is_the_cyrillic_one() -> None:
    assert latin("Љубав, Његош и џеп: ИНТЕРПОЛ-а (grooming)") == (
        "Ljubav, Njegoš i džep: INTERPOL-a (grooming)"
    )
    for table in SERBIAN.values():
        for text in table.values():
            # "LJ" and "Lj" would be a guess in a word of capitals.
            assert not re.search(r"[ЉЊЏ](?=[А-ЯЂЈЉЊЋЏ])", text)


def test_names_are_those_of_cldr() -> None:
    pytest.importorskip("babel")
    path = REPOSITORY / "proto" / "generate_names.py"
    spec = importlib.util.spec_from_file_location("generate_names", path)
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    for name, text in generator.wanted_files().items():
        assert (generator.OUT / name).read_text(encoding="utf-8") == text
