"""Invented people. Given names are common; every family name says that it is invented.

The family names mean "example", "sample", "trial" or "made up" in their language, so that
nobody takes a case on a screen, a print-out or a photograph of either for a real one.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

FEMALE, MALE = "female", "male"


@dataclass(frozen=True, slots=True)
class Language:
    """Names of one language, and a country and places where it is spoken.

    `code` is that of the list of languages. A family name is one word, or a man's and a
    woman's form with a slash between.
    """

    code: str
    script: str
    country: str
    places: tuple[str, ...]
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    families: tuple[str, ...]
    telephone: str


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person."""

    language: Language
    sex: str
    given: str
    family_forms: str
    latin: tuple[str, str] | None
    """Given and family name as a passport has them, where the script is another."""

    @property
    def family(self) -> str:
        """The family name in the form for this person."""
        return form_of(self.family_forms, self.sex)


def invent(
    language: Language,
    sex: str,
    chance: random.Random,
    *,
    family: str = "",
    others: Collection[str] = (),
) -> Person:
    """Return a person; of a given family, if it is named, and not called as `others` are."""
    given_names = language.girls if sex == FEMALE else language.boys
    given = chance.choice([name for name in given_names if _own(name) not in others])
    forms = family or chance.choice(language.families)
    latin = None
    if language.script != "Latn":
        latin = (_latin(given), _latin(form_of(forms, sex)))
    return Person(language, sex, _own(given), _own(forms), latin)


def form_of(forms: str, sex: str) -> str:
    """Return the form of a family name for one sex."""
    male, _, female = forms.partition("/")
    return female if female and sex == FEMALE else male


def _own(text: str) -> str:
    return "/".join(form.partition("=")[0] for form in text.split("/"))


def _latin(text: str) -> str:
    own, _, latin = text.partition("=")
    return latin or own


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


def _language(code: str, script: str, country: str, telephone: str, *lists: str) -> Language:
    places, girls, boys, families = map(_words, lists)
    return Language(code, script, country, places, girls, boys, families, telephone)


_ROWS: Final[Sequence[Language]] = (
    _language(
        "bul", "Cyrl", "BG", "+359255501", "София Пловдив Варна",
        "Мария=Maria Елена=Elena Виктория=Viktoria Цветелина=Tsvetelina Ралица=Ralitsa",
        "Георги=Georgi Димитър=Dimitar Христо=Hristo Калоян=Kaloyan Иван=Ivan",
        "Измислен=Izmislen/Измислена=Izmislena Примеров=Primerov/Примерова=Primerova "
        "Учебен=Ucheben/Учебна=Uchebna Пробин=Probin/Пробина=Probina",
    ),
    _language(
        "rus", "Cyrl", "EE", "+372255501", "Нарва Таллин",
        "Ольга=Olga Екатерина=Ekaterina Юлия=Yuliya Дарья=Darya Ксения=Kseniya",
        "Алексей=Aleksei Юрий=Yury Дмитрий=Dmitry Фёдор=Fyodor Егор=Egor",
        "Примеров=Primerov/Примерова=Primerova Вымыслов=Vymyslov/Вымыслова=Vymyslova "
        "Учебников=Uchebnikov/Учебникова=Uchebnikova Пробный=Probny/Пробная=Probnaya",
    ),
    _language(
        "srp", "Cyrl", "RS", "+381115550", "Београд Ниш Суботица",
        "Јелена=Jelena Милица=Milica Љубица=Ljubica Теодора=Teodora Ђурђа=Đurđa",
        "Никола=Nikola Стефан=Stefan Ђорђе=Đorđe Лука=Luka Жарко=Žarko",
        "Примерић=Primerić Измишљеновић=Izmišljenović Вежбић=Vežbić Огледић=Ogledić",
    ),
    _language(
        "ukr", "Cyrl", "UA", "+380445550", "Київ Львів Одеса",
        "Оксана=Oksana Юлія=Yuliia Соломія=Solomiia Ганна=Hanna Злата=Zlata",
        "Андрій=Andrii Олексій=Oleksii Богдан=Bohdan Євген=Yevhen Тарас=Taras",
        "Прикладний=Prykladnyi/Прикладна=Prykladna Вигаданий=Vyhadanyi/Вигадана=Vyhadana "
        "Зразкевич=Zrazkevych Навчальний=Navchalnyi/Навчальна=Navchalna",
    ),
    _language(
        "ell", "Grek", "GR", "+302105550", "Αθήνα Θεσσαλονίκη Πάτρα",
        "Μαρία=Maria Ελένη=Eleni Αικατερίνη=Aikaterini Χρυσούλα=Chrysoula Ζωή=Zoi",
        "Γεώργιος=Georgios Ιωάννης=Ioannis Νικόλαος=Nikolaos Χρήστος=Christos Ηλίας=Ilias",
        "Παραδειγματίδης=Paradeigmatidis/Παραδειγματίδου=Paradeigmatidou "
        "Φανταστικός=Fantastikos/Φανταστικού=Fantastikou "
        "Δοκιμαστίδης=Dokimastidis/Δοκιμαστίδου=Dokimastidou",
    ),
    _language(
        "kat", "Geor", "GE", "+995322555", "თბილისი ბათუმი ქუთაისი",
        "ნინო=Nino თამარი=Tamari ქეთევანი=Ketevani ელენე=Elene",
        "გიორგი=Giorgi დავითი=Daviti ლუკა=Luka ნიკოლოზი=Nikolozi",
        "მაგალითიძე=Magalitidze გამოგონილიშვილი=Gamogonilishvili სანიმუშოძე=Sanimushodze",
    ),
    _language(
        "hye", "Armn", "AM", "+374105550", "Երևան Գյումրի",
        "Անի=Ani Մարիամ=Mariam Լուսինե=Lusine Գայանե=Gayane",
        "Արմեն=Armen Հայկ=Hayk Դավիթ=Davit Գևորգ=Gevorg",
        "Օրինակյան=Orinakyan Հորինվածյան=Horinvatsyan Փորձյան=Pordzyan",
    ),
    _language(
        "ara", "Arab", "DE", "+493055501", "Berlin Hamburg",
        "فاطمة=Fatima مريم=Maryam نور=Nour ياسمين=Yasmin",
        "محمد=Mohammed يوسف=Youssef أحمد=Ahmad خالد=Khaled",
        "المثالي=Al-Mithali الخيالي=Al-Khayali التجريبي=Al-Tajribi النموذجي=Al-Namudhaji",
    ),
    _language(
        "eng", "Latn", "IE", "+353155501", "Dublin Cork",
        "Emily Grace Aoife Sophie", "Jack Conor Oliver Sean",
        "Sample Madeup Testerton Fakenham",
    ),
    _language(
        "fra", "Latn", "FR", "+33155501", "Lyon Marseille Lille",
        "Chloé Léa Inès Zoé", "Hugo Théo Noël François",
        "Exemple Fictif Inventé Dessai",
    ),
    _language(
        "deu", "Latn", "DE", "+493055502", "Köln München Görlitz",
        "Jürgena Mia Käthe Lena", "Jörg Lukas Björn Felix",
        "Mustermann/Musterfrau Beispiel Erfunden Übungsmann/Übungsfrau",
    ),
    _language(
        "nld", "Latn", "BE", "+3225550", "Gent Antwerpen Leuven",
        "Fleur Noor Anouk Lotte", "Daan Bram Jeroen Sander",
        "van_Voorbeeld Verzonnen de_Proef ten_Teste",
    ),
    _language(
        "spa", "Latn", "ES", "+34915550", "Sevilla Málaga Cádiz",
        "María_José Lucía Begoña Inés", "Íñigo José_Luis Álvaro Pablo",
        "Ejemplo Ficticio/Ficticia de_la_Prueba Inventado/Inventada",
    ),
    _language(
        "ita", "Latn", "IT", "+39065550", "Torino Bari Genova",
        "Giulia Chiara Sofia Nicolò", "Matteo Niccolò Andrea Luca",
        "Esempio Fittizio Inventati Di_Prova",
    ),
    _language(
        "por", "Latn", "PT", "+351215550", "Porto Évora Lisboa",
        "Inês Conceição Beatriz", "João Gonçalo Tomás",
        "Exemplo Fictício/Fictícia da_Amostra",
    ),
    _language(
        "pol", "Latn", "PL", "+48225550", "Łódź Kraków Gdańsk",
        "Zofia Małgorzata Bożena Agnieszka", "Łukasz Paweł Stanisław Michał",
        "Przykładowski/Przykładowska Zmyślony/Zmyślona Próbny/Próbna",
    ),
    _language(
        "hun", "Latn", "HU", "+3615550", "Győr Szeged Pécs",
        "Zsófia Eszter Boglárka", "Gergő István Zoltán",
        "Minta Kitalált Próba",
    ),
    _language(
        "ron", "Latn", "RO", "+40215550", "Iași Cluj-Napoca Brașov",
        "Ștefania Ioana Mălina", "Ștefan Andrei Răzvan",
        "Exemplescu Inventatu Mostreanu",
    ),
    _language(
        "tur", "Latn", "CY", "+357225550", "Lefkoşa Mağusa",
        "Ayşe Zeynep Işıl", "Oğuz Şahin İlker",
        "Örnek Uydurma Deneme",
    ),
)  # fmt: skip
LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType({row.code: row for row in _ROWS})
