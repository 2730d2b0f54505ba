"""In which order the fields of a case are asked, and what is said beside the hard ones.

The data dictionary has every field; a form shows first those that matter first, under short
headings, and keeps the rest one click away. A message that is not named here shows its
fields as the dictionary has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

Gettext = Callable[[str], str]

# By message: groups of fields that are seen at once; all else is behind "More".
FIRST: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = MappingProxyType(
    {
        "Case": (
            ("what", ("category", "status", "urgency", "runaway_from")),
            ("where", ("cross_border", "countries_from", "countries_to")),
            ("when", ("reported_missing_at", "last_known_alive_at")),
            ("who", ("reported_by", "local_case_number")),
        ),
        "ChildWishes": (("", ("child_id", "whereabouts_may_be_told_to", "wants_withheld")),),
        "Child": (
            ("", ("sex", "date_of_birth", "age_years", "status")),
            ("from", ("nationalities", "languages", "interpreter_needed")),
        ),
        "PersonName": (("", ("given", "family", "type")),),
        "Description": (
            ("", ("height_cm", "build", "hair_colours", "hair_length", "eye_colours")),
        ),
        "Vulnerability": (("", ("kind", "medicine", "needed_by", "text")),),
        "IdentityDocument": (("", ("type", "number", "issuing_country", "valid_until")),),
        "ContactPoint": (("", ("kind", "value", "service")),),
        "Circumstances": (("", ("missing_from", "text")),),
        "Sighting": (("", ("seen", "seen_by", "text")),),
        "Place": (("", ("country", "locality", "name")),),
        "Journey": (("", ("means", "travelled", "service")),),
        "Person": (
            ("", ("roles", "sex", "date_of_birth")),
            ("careful", ("danger_to_child", "danger_to_staff", "may_not_know_we_act")),
        ),
        "Authority": (("", ("kind", "country", "office", "contact_name")),),
        "Reference": (("", ("kind", "number")),),
        "CaseFile": (("", ("kind", "child_ids", "may_publish", "may_publish_until")),),
        "Removal": (("", ("child_ids", "kind", "happened_on", "from_country", "to_country")),),
        "Application": (("", ("kind", "status", "filed_on", "court_seised_on")),),
        "Consent": (("", ("answer", "given_by", "child_ids", "purposes", "expires_on")),),
    }
)


def group_words(name: str, _: Gettext) -> str:
    """Return the heading of a group; empty for one that needs none."""
    words = {
        "what": _("What it is"),
        "where": _("Countries"),
        "when": _("When"),
        "who": _("Who told us"),
        "from": _("Where the child is from"),
        "careful": _("What to be careful about"),
    }
    return words.get(name, "")


def help_words(message: str, field: str, _: Gettext) -> str:
    """Return what is said beside a field; empty for what explains itself."""
    words = {
        "Case.category": _("The main one. Others go under further categories."),
        "Case.urgency": _("1 is for a life at risk. Clocks and reminders follow from it."),
        "Case.reported_missing_at": _("When the police or somebody else was told first."),
        "Case.last_known_alive_at": _("The last time that somebody surely saw or heard the child."),
        "Case.exploitation": _("Only what somebody has said; it is data on sex life or offences."),
        "Case.local_case_number": _("Of your own files; it never leaves this node."),
        "ChildWishes.whereabouts_may_be_told_to": _("Nothing ticked means nobody."),
        "ChildWishes.wants_withheld": _("What the child does not want known, in its own words."),
        "ChildWishes.child_id": _("The short name of the child: c1 is child 1."),
        "Child.date_of_birth": _("As much as is known: a year alone is fine."),
        "Child.age_years": _("Only where there is no date of birth: 12, or from 12 to 14."),
        "Child.languages": _("Begin to type the name of the language."),
        "PersonName.given": _("As it is written there, in its own script. No transliteration."),
        "PersonName.script": _("Another spelling is another name: add one."),
        "PersonName.full": _("Only where it cannot be told what is given and what is family name."),
        "Vulnerability.needed_by": _("By when the child must have the medicine."),
        "Vulnerability.source": _("Who says so. A suspicion is not a fact."),
        "Place.name": _("Of the station, the school, the shop, the house."),
        "Coordinates": _("Two decimals: about one kilometre."),
        "Person.may_not_know_we_act": _(
            "Yes, when it puts the child in danger if they hear of it."
        ),
        "Allegation.status": _("What an authority says; not what is said about somebody."),
        "CaseFile.may_publish": _("Yes, when who may decide it has agreed to posters and media."),
        "CaseFile.child_ids": _("Short names of the children on it (c1). None: all of them."),
        "Removal.happened_on": _("Of a retention: when the child should have been back."),
        "Application.court_seised_on": _("The six weeks for a decision run from here."),
        "Consent.expires_on": _("The last day on which it counts."),
        "Consent.recipients": _("Names of nodes. Who is not named is not covered."),
        "Reference.number": _("Leave it empty for an alert in the Schengen system."),
    }
    return words.get(f"{message}.{field}", "")


def part_words(part: str, _: Gettext) -> str:
    """Return what an input of a value that has several is called."""
    words = {
        "text": "",
        "language": _("Language of this text"),
        "day": _("Day"),
        "month": _("Month"),
        "year": _("Year"),
        "precision": _("How sure"),
        "date": _("Date"),
        "time": _("Time"),
        "earliest_date": _("From, date"),
        "earliest_time": _("From, time"),
        "latest_date": _("To, date"),
        "latest_time": _("To, time"),
        "at_least": _("From"),
        "at_most": _("To"),
        "certainty": _("How sure"),
        "latitude": _("Latitude"),
        "longitude": _("Longitude"),
    }
    return words[part]
