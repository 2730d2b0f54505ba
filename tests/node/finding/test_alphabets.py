"""Comparison forms: each country's spelling of one name sounds the same."""

from __future__ import annotations

import pytest

from node.finding import letters
from node.finding.alphabets import UNVOWELLED, form
from node.finding.sounds import alikeness
from node.finding.writing import Script, written_words

TABLES = {
    Script.GREEK: letters.GREEK,
    Script.CYRILLIC: letters.CYRILLIC,
    Script.GEORGIAN: letters.GEORGIAN,
    Script.ARMENIAN: letters.ARMENIAN,
    Script.ARABIC: letters.ARABIC,
    Script.HEBREW: letters.HEBREW,
    Script.LATIN: letters.LATIN,
}
SIGNS = set("aeioujNpbfvtdTDszcSZCJkghlrmn123456789%GKBFHX#AVWYUQE0~")

# One name, as passports, papers and offices of other countries write it.
SPELLINGS = """
Щербаков Shcherbakov Szczerbakow Chtcherbakov Schtscherbakow Ščerbakov
Чернышёв Chernyshev Chernyshyov Tschernyschow Tchernychev Czernyszow Černyšëv
Жуков Zhukov Joukov Schukow Żukow Žukov
Юрий Yuri Iurii Juri Jurij Youri
Хрущёв Khrushchev Chruschtschow Khrouchtchev Chruszczow
Євген Yevhen Evhen Ievhen
Щастя Shchastia Schtschastja
Първанов Parvanov Purvanov Părvanov
Георгиев Georgiev Gueorguiev
Ђорђевић Đorđević Djordjevic
Љиљана Ljiljana Lyilyana
Џамбазовски Džambazovski Dzhambazovski Djambazovski
Ќирил Kjiril
Παπαδόπουλος Papadopoulos Papadopulos
Γιώργος Giorgos Yorgos Yiorgos
Μπουγάτσας Bougatsas Mpougatsas Bugatsas
Ντόρα Ntora Dora
Γκίκας Gkikas Gikas
Αγγελής Angelis Aggelis
Ευάγγελος Evangelos Efangelos Evagelos
Αυγουστής Avgoustis Avgustis
Χρήστος Christos Hristos Xristos
Ελένη Eleni
Μάιος Maios
Καλαϊτζής Kalaitzis
კვარაცხელია Kvaratskhelia Кварацхелия
ჯავახიშვილი Javakhishvili Dzhavakhishvili Джавахишвили
ჭავჭავაძე Chavchavadze Tschawtschawadse Чавчавадзе
Խաչատրյան Khachatryan Khachatrian Хачатрян Chatschatrjan
Հարությունյան Harutyunyan Haroutiounian
Երևան Yerevan
יוסף Yosef Yousef
שמעון Shimon
محمد Mohammed Muhammad Mohamed
حسين Hussein Husayn Houssein
خديجة Khadija Khadidja
یاسمین Yasmin Yasmine
چنگیز Changiz Chengiz
پرویز Parviz Parwiz
Łukasz Lukasz
Çelik Celik
Şahin Sahin Shahin
Müller Mueller Muller
Jørgensen Joergensen Jorgensen
Țepeș Tepes
Dvořák Dvorak
Õunapuu Ounapuu
Nguyễn Nguyen
ሰላም Selam
""".strip().splitlines()


@pytest.mark.parametrize("line", SPELLINGS, ids=lambda line: line.split()[-1])
def test_spellings_of_one_name_sound_alike(line: str) -> None:
    first, *others = (written_words(text)[0] for text in line.split())
    for other in others:
        is_unvowelled = first.script in UNVOWELLED
        heard = alikeness(form(first).sounds, form(other).sounds, is_unvowelled=is_unvowelled)
        assert heard >= 0.84, other.text


@pytest.mark.parametrize(
    ("written", "latin"),
    [
        ("Ολυμπία", "olympia"),
        ("Γκούμας", "gkoumas"),
        ("Щукин", "shchukin"),
        ("ღვინიაშვილი", "ghviniashvili"),
        ("Յակոբ", "hakob"),
        ("شریفی", "shryfy"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
    ],
)
def test_the_latin_form_is_what_passports_use(written: str, latin: str) -> None:
    assert form(written_words(written)[0]).latin == latin


@pytest.mark.parametrize("script", TABLES)
def test_tables_hold_known_signs_and_each_letter_once(script: Script) -> None:
    rows = [row.split() for line in TABLES[script].strip().splitlines() for row in line.split("|")]
    keys = [row[0] for row in rows]
    assert len(keys) == len(set(keys)), [key for key in keys if keys.count(key) > 1]
    for row in rows:
        assert set(row[-1]) <= SIGNS | {"-"}, row
        assert script is Script.LATIN or len(row) == 3, row
