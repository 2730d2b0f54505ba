"""What the pages of a case say of its codes: flags, laws, what changed, who has what."""

from __future__ import annotations

from jinja2 import pass_context
from jinja2.runtime import Context

from node.commands.arguments import Answer
from node.users.policy import Action
from node.web.labels import Gettext, by_code, english_label, gettext_of
from protocol.vocabulary import label

# Beside the words, and never in their place.
_SIGNS = {
    "childs_wish": "\N{BLACK HEART SUIT}",
    "danger_to_child": "\N{WARNING SIGN}",
    "danger_to_staff": "\N{WARNING SIGN}",
    "medical_need": "\N{HEAVY GREEK CROSS}",
    "do_not_contact": "\N{HEAVY MULTIPLICATION X}",
    "may_not_know": "\N{HEAVY MULTIPLICATION X}",
    "do_not_publish": "\N{CIRCLED DIVISION SLASH}",
    "allegation_only": "?",
    "consent_expired": "!",
    "authority_hold": "\N{BLACK SQUARE}",
}


@pass_context
def flag_words(context: Context, flag: Answer) -> str:
    """Return what a flag says."""
    _ = gettext_of(context)
    words = {
        "childs_wish": _("The child's wish: who may be told where the child is"),
        "danger_to_child": _("Danger to the child"),
        "danger_to_staff": _("Danger to staff"),
        "medical_need": _("Medical need"),
        "do_not_contact": _("Do not contact"),
        "may_not_know": _("May not know that we act"),
        "do_not_publish": _("Do not publish"),
        "allegation_only": _("Allegation only"),
        "consent_expired": _("Consent is over"),
        "authority_hold": _("On hold: is not erased"),
    }
    return str(words.get(flag["kind"], flag["kind"]))


def flag_sign(flag: Answer) -> str:
    """Return the sign of a flag."""
    return _SIGNS.get(flag["kind"], "!")


@pass_context
def flag_codes(context: Context, flag: Answer) -> str:
    """Return what the codes of a flag mean."""
    language = str(context["language"])
    return ", ".join(label(flag["vocabulary"], code, language) for code in flag["codes"])


@pass_context
def tab_words(context: Context, tab: str) -> str:
    """Return the name of a tab."""
    _ = gettext_of(context)
    words = {
        "about": _("About"),
        "timeline": _("Timeline"),
        "referrals": _("Referrals"),
        "persons": _("Persons"),
        "files": _("Files"),
        "clocks": _("Legal clocks"),
        "holders": _("Who has what"),
    }
    return words[tab]


@pass_context
def law_words(context: Context, law: str) -> tuple[str, str]:
    """Return what a legal date is, and the article."""
    _ = gettext_of(context)
    words = {
        "hague_1980_art_12": (
            _("One year since the removal or retention"),
            _("Hague Convention of 1980, Art. 12"),
        ),
        "hague_1980_art_4": (
            _("16th birthday: the Convention ends to apply"),
            _("Hague Convention of 1980, Art. 4"),
        ),
        "hague_1980_art_11": (
            _("Six weeks for a decision"),
            _("Hague Convention of 1980, Art. 11"),
        ),
        "regulation_2019_1111_art_24": (
            _("Six weeks for a decision"),
            _("Regulation (EU) 2019/1111, Art. 24"),
        ),
        "full_age": (_("18th birthday"), _("Full age")),
    }
    return words.get(law, (law, ""))


@pass_context
def standing_words(context: Context, standing: str) -> str:
    """Return how a legal date stands."""
    _ = gettext_of(context)
    words = {
        "running": _("running"),
        "unsure": _("may have passed"),
        "passed": _("passed"),
        "met": _("met"),
        "no_date": _("no date is recorded"),
    }
    return words.get(standing, standing)


@by_code
def change_words(_: Gettext, what: str) -> str:
    """Return what became of a field."""
    words = {
        "added": _("added"),
        "removed": _("taken out"),
        "changed": _("changed"),
        "moved": _("put in another order"),
    }
    return words.get(what, what)


@by_code
def passed_words(_: Gettext, passage: str) -> str:
    """Return how surely something got to a peer."""
    words = {
        "delivered": _("delivered"),
        "waiting": _("not yet delivered"),
        "uncertain": _("expired without an answer: it may have arrived"),
    }
    return words.get(passage, passage)


@pass_context
def copy_words(context: Context, holding: Answer) -> str:
    """Return what is known of a copy at a peer."""
    _ = gettext_of(context)
    words = {
        "held": _("They have it."),
        "erase_asked": _("We asked them to erase it; no answer yet."),
        "kept": _("They keep it, and say why:"),
        "erased": _("They say that they erased it."),
    }
    return str(words.get(holding["copy"], holding["copy"]))


@pass_context
def kept_words(context: Context, code: str) -> str:
    """Return on which ground a peer keeps a copy."""
    language = str(context["language"])
    words = label("erase_refusal", code, language)
    return words if words != code else label("art6_basis", code, language)


@by_code
def field_words(_: Gettext, path: str) -> str:
    """Return what a field is called, with what it is a field of."""
    return " / ".join(_(english_label(step)) for step in path.split("."))


@pass_context
def act_words(context: Context, name: str) -> str:
    """Return what is done to a case, as something that one does."""
    _ = gettext_of(context)
    words = {
        "found": _("The child was found"),
        "close": _("Close or cancel the case"),
        "correct": _("Send a correction"),
        "hold": _("Hold it, or release it"),
        "erase": _("Erase the case"),
    }
    return words[name]


@pass_context
def poster_words(context: Context, name: str) -> str:
    """Return what a line of a poster is called."""
    _ = gettext_of(context)
    words = {
        "photo": _("Photo"),
        "names": _("Names"),
        "age": _("Age"),
        "sex": _("Sex"),
        "height": _("Height"),
        "build": _("Build"),
        "hair": _("Hair"),
        "hair_length": _("Hair length"),
        "eyes": _("Eyes"),
        "clothing": _("Clothes"),
        "marks": _("Marks"),
        "missing_since": _("Missing since"),
        "last_place": _("Last seen in"),
    }
    return words.get(name, name)


@pass_context
def yellow_words(context: Context, code: str) -> str:
    """Return what the police need for a Yellow Notice."""
    _ = gettext_of(context)
    words = {
        "police_record": _("A police record with its number"),
        "name": _("Family name and given name"),
        "sex": _("The sex"),
        "birth_year": _("The year of birth"),
        "looks": _("A description, a photo, or samples that the police hold"),
    }
    return words.get(code, code)


CASE_ACTS = (
    ("found", Action.END_CASE),
    ("close", Action.END_CASE),
    ("correct", Action.CHANGE_CASE),
    ("hold", Action.END_CASE),
    ("erase", Action.ERASE_CASE),
)

CASE_GLOBALS = {
    "flag_words": flag_words,
    "flag_sign": flag_sign,
    "flag_codes": flag_codes,
    "tab_words": tab_words,
    "law_words": law_words,
    "standing_words": standing_words,
    "change_words": change_words,
    "passed_words": passed_words,
    "copy_words": copy_words,
    "kept_words": kept_words,
    "field_words": field_words,
    "act_words": act_words,
    "poster_words": poster_words,
    "yellow_words": yellow_words,
    "case_acts": CASE_ACTS,
}
"""What templates of a case know besides."""
