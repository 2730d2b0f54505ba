"""Why a part of a case may not go, in words, and at which field of a form that is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from node.commands.arguments import Answer
from node.web.forms import Form
from node.web.labels import Gettext

# At which field of the forms of referring a rule is told; others concern the whole.
FIELD_OF: Mapping[str, str] = MappingProxyType(
    {
        "agreement_ended": "to",
        "art10_basis_missing": "art10",
        "art6_basis_missing": "art6",
        "art9_condition_missing": "art9",
        "ask_missing": "ask",
        "ask_too_long": "ask",
        "at_once_reason_missing": "at_once_reason",
        "at_once_reason_not_needed": "at_once_reason",
        "consent_expired": "art6",
        "consent_missing": "art6",
        "consent_not_explicit": "art9",
        "consent_not_for_child": "art6",
        "consent_not_for_purpose": "purpose",
        "consent_not_for_recipient": "to",
        "consent_withdrawn": "art6",
        "derogation_needed": "derogation",
        "derogation_not_needed": "derogation",
        "expiry_range": "expires_days",
        "not_to_one": "kind",
        "onward_sharing": "field",
        "override_not_needed": "override_reason",
        "override_not_possible": "art6",
        "police_informed_missing": "police_informed",
        "purpose_missing": "purpose",
        "reply_by_range": "reply_by",
        "sensitive_reason_missing": "sensitive_reason",
        "sensitive_reason_not_needed": "sensitive_reason",
        "staged_disclosure": "field",
        "transfer_not_accepted": "field",
        "unknown_art10_basis": "art10",
        "unknown_art9_condition": "art9",
        "unknown_derogation": "derogation",
        "unknown_kind": "kind",
        "unknown_peer": "to",
    }
)


def put_at_field(form: Form) -> None:
    """Move a fault of the whole form to the field that its rule is about."""
    code = form.faults.get("", "")
    name = FIELD_OF.get(code, "")
    if name:
        del form.faults[""]
        form.refuse(code, name, form.sentences.pop("", ""))


def refuse_together(form: Form, unmet: Sequence[Answer]) -> list[Answer]:
    """Note at its field what stands against all peers; return what is against some alone.

    Each of `unmet` is a peer with the rules that are not met for it.
    """
    against = [{rule["code"] for rule in each["rules"]} for each in unmet]
    common = set.intersection(*against)
    for each in unmet:
        for rule in each["rules"]:
            if rule["code"] in common:
                form.refuse(rule["code"], FIELD_OF.get(rule["code"], ""), rule["sentence"])
    return [
        {"peer": each["peer"]["node_id"], **rule}
        for each in unmet
        for rule in each["rules"]
        if rule["code"] not in common
    ]


def rule_words(code: str, _: Gettext) -> str:
    """Return what a person reads of a rule that is not met; empty for another code."""
    return {**_consent(_), **_grounds(_), **_stages(_), **_decisions(_)}.get(code, "")


def _consent(_: Gettext) -> dict[str, str]:
    return {
        "consent_missing": _("The legal basis is consent, but the case holds no consent."),
        "consent_not_for_child": _("The consent in the case does not name every child in it."),
        "consent_not_for_purpose": _("The consent in the case was not given for this purpose."),
        "consent_not_for_recipient": _("The consent in the case does not name this organisation."),
        "consent_not_explicit": _("For special data the consent must be explicit. It is not."),
        "consent_withdrawn": _("The consent in the case was withdrawn."),
        "consent_expired": _("The consent in the case has ended."),
    }


def _grounds(_: Gettext) -> dict[str, str]:
    return {
        "art9_condition_missing": _(
            "There is health or other special data in it. Say under Art. 9 why it may go."
        ),
        "art10_basis_missing": _(
            "There is data on offences in it. Say under Art. 10 why it may go."
        ),
        "derogation_needed": _(
            "This country has no adequate protection of data. Say under Art. 49 why it may go."
        ),
        "derogation_not_needed": _("Art. 49 is not needed for this country. Leave it empty."),
        "agreement_ended": _(
            "The agreement with this organisation has ended. "
            "Only what protects vital interests may go."
        ),
        "sensitive_reason_missing": _(
            "There are sensitive fields in it. Say why they must know; a second person decides."
        ),
        "sensitive_reason_not_needed": _("No sensitive field is ticked. Leave the reason empty."),
        "override_not_possible": _(
            "Only what protects vital interests may go over a rule. "
            "If a life or health is at stake, choose vital interests as the legal basis."
        ),
        "override_not_needed": _("Every rule is met. Leave this empty."),
        "reason_too_long": _("The reason is too long."),
    }


def _stages(_: Gettext) -> dict[str, str]:
    return {
        "staged_disclosure": _(
            "Only a look-out of urgency U1 may begin with more than the minimal set, "
            "or with a file. Send the rest to those who answer."
        ),
        "at_once_reason_missing": _(
            "This look-out begins with more than the minimal set. Say why that must be."
        ),
        "at_once_reason_not_needed": _("No more than the minimal set goes. Leave this empty."),
        "transfer_not_accepted": _(
            "Until they accept, a transfer offers only the minimal set and no files. "
            "The rest goes when you hand over the file."
        ),
        "onward_sharing": _(
            "Another organisation told us some of this. It may only go back there: "
            "ask that organisation, or leave it out."
        ),
        "reply_by_range": _("This must be in the future, and before the referral ends."),
        "expiry_range": _("A referral ends within two years."),
        "ask_missing": _("Say in one sentence what you ask."),
        "ask_too_long": _("This is too long."),
        "nothing_ticked": _("Tick at least one field."),
        "unknown_peer": _("There is no such organisation."),
        "attachments_excluded": _("Files cannot go with this step."),
    }


def _decisions(_: Gettext) -> dict[str, str]:
    return {
        "choice_changed": _("This was changed in another window. Look at it again."),
        "same_person": _("You asked for it, so another person must decide."),
        "already_decided": _("Somebody has decided this already."),
        "approval_over": _("Its time is over. Ask again."),
        "disclosure_changed": _("What would go has changed since. Reject it, and ask again."),
        "unknown_approval": _("There is no such draft here."),
        "illegal_step": _("This cannot be done any more. Look at what happened meanwhile."),
        "value_exists": _("The case has other values. Tick whose value is right."),
        "kept_basis_not_needed": _("Nothing is kept. Leave this empty."),
        "two_are_one": _("Two of their children cannot be one of ours."),
        "nothing_new": _("The case has all of this already."),
        "copy_over": _("This was taken back, or its time is over."),
        "still_coming": _("A file has not arrived yet. Try again later."),
        "too_large": _("This file is too large to be shown here. Save it with the command line."),
        "nothing_asked": _("They did not ask to erase this."),
        "nothing_to_erase": _("Nothing of this referral is here any more."),
        "not_ended": _("It has not ended yet. Withdraw it first, or wait."),
    }
