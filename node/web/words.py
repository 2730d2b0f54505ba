"""What templates say of codes: faults, roles, the pages in the header.

Sentences stand here as arguments of `_`, so that they are collected into the catalogues.
"""

from __future__ import annotations

from jinja2 import pass_context
from jinja2.runtime import Context

from keys.errors import KeysError
from node.commands.arguments import Answer
from node.errors import NodeError
from node.users.policy import Action, Role
from node.web import referral_words
from node.web.forms import Form
from node.web.labels import Gettext, by_code, english_label, gettext_of
from node.web.refusal_words import rule_words
from node.web.visit import Visit
from protocol.errors import PolicyRefusal
from protocol.vocabulary import label


@pass_context
def pages_of(context: Context) -> tuple[tuple[str, Action, str], ...]:
    """Return the pages of the header: address, what it takes, words."""
    _ = gettext_of(context)
    return (
        ("/", Action.SEE_DESK, _("Desk")),
        ("/cases", Action.SEARCH_CASES, _("Cases")),
        ("/referrals", Action.SEE_REFERRAL, _("Referrals")),
        ("/peers", Action.SEE_PEERS, _("Peers")),
        ("/figures", Action.SEE_FIGURES, _("Figures")),
        ("/audit", Action.VERIFY_EVIDENCE, _("Audit")),
        ("/people", Action.SEE_PEOPLE, _("People")),
        ("/node", Action.SEE_NODE, _("Node")),
        ("/help", Action.SEE_HELP, _("Help")),
    )


def is_here(visit: Visit, address: str) -> bool:
    """Return whether a page belongs to this entry of the header."""
    path = visit.request.path
    return path == address if address == "/" else path == address or path.startswith(f"{address}/")


def fault_words(code: str, _: Gettext) -> str:
    """Return what a person reads of a fault; empty for a code that has no words here."""
    words = {
        "not_signed_in": _("The name, the password or the code is not right."),
        "wait": _("There were too many wrong tries. Wait a little, then try again."),
        "bad_passkey": _("The passkey could not be checked. Try again."),
        "link_over": _("This link was used already, or is too old. Ask for a new one."),
        "password_too_short": _("The password must have at least 12 characters."),
        "password_too_long": _("The password is too long."),
        "password_too_simple": _("The password repeats the same few characters."),
        "passwords_differ": _("The two passwords are not the same."),
        "wrong_code": _("The six digits are not right. Wait for the next ones, and try again."),
        "bad_user_name": _("Give a name of at most 60 characters."),
        "user_exists": _("Somebody of this name is there already."),
        "last_administrator": _("Somebody must be administrator. Add another one first."),
        "own_role": _("Nobody changes their own role. Ask a colleague."),
        "last_passkey": _("There is no other way in for you. Make another passkey first."),
        "second_person_needed": _("Another person must do this: not who asked for it."),
        "unknown_user": _("There is nobody like that here."),
        "unknown_case": _("There is no such case here."),
        "unknown_leg": _("There is no such referral here."),
        "nothing_to_tell": _("Nothing is to be told any more. Perhaps a colleague has told them."),
        "case_changed": _("A colleague has changed the case meanwhile. Look at the new version."),
        "choice_missing": _("Choose which of the two values is right."),
        "not_in_list": _("This is in no list. Begin to type, and choose one."),
        "not_a_number": _("This is no whole number."),
        "not_a_time": _("This is no date or time."),
        "not_a_date": _("There is no such date."),
        "too_long": _("This is too long."),
        "not_sure": _("Tick that you are sure."),
        "on_hold": _("This case is on hold: release it first."),
        "referrals_open": _("Referrals of this case are still open. Answer or withdraw them."),
        "pdf_missing": _("This computer makes no PDF. Print the page."),
        "pdf_timeout": _("The PDF took too long to make. Print the page."),
        "pdf_failed": _("The PDF could not be made. Print the page."),
        "photo_unreadable": _("The photo cannot be read. Save it as JPEG, and add that."),
        "photo_too_large": _("The photo is too large."),
        "photo_kind_refused": _("This is no photo. JPEG, PNG, WebP and HEIC are taken."),
        "unknown_file": _("There is no such file here."),
        "possible_duplicate": _("There may be a case of this child already. Look there first."),
        "bundle_unusable": _("This is no evidence bundle that can be read. There is no verdict."),
        "bundle_too_large": _("The file is too large for an evidence bundle."),
        "argument_missing": _("Something is missing here."),
        "argument_invalid": _("This cannot be used as it is."),
    }
    return words.get(code) or rule_words(code, _)


@pass_context
def words_of(context: Context, form: Form, name: str) -> str:
    """Return the words for a fault of a form; the node's own sentence where there are none."""
    return fault_words(form.faults[name], gettext_of(context)) or _as_sentence(
        form.sentences.get(name, form.faults[name])
    )


@pass_context
def sentence_of(context: Context, error: NodeError | KeysError | PolicyRefusal) -> str:
    """Return the words for a refusal."""
    code = str(getattr(error, "code", getattr(error, "rule", "")))
    return fault_words(code, gettext_of(context)) or _as_sentence(error.sentence)


@pass_context
def role_words(context: Context, role: Role | str) -> str:
    """Return what a role is called."""
    return _roles(gettext_of(context))[Role(role)]


@pass_context
def roles_offered(context: Context) -> list[tuple[str, str]]:
    """Return the roles to choose from."""
    return [(role.value, words) for role, words in _roles(gettext_of(context)).items()]


def _roles(_: Gettext) -> dict[Role, str]:
    return {
        Role.OPERATOR: _("Operator (takes calls, claims, writes notes)"),
        Role.CASEWORKER: _("Caseworker (refers and answers)"),
        Role.SUPERVISOR: _("Supervisor (approves, sees all that is overdue)"),
        Role.AUDITOR: _("Data protection auditor (no case content)"),
        Role.ADMINISTRATOR: _("IT administrator (no case content)"),
    }


def visible(text: str) -> str:
    """Return text with the marks that turn the direction of writing made visible."""
    if _TURNING.isdisjoint(text):
        return text
    return "".join(f"<U+{ord(each):04X}>" if each in _TURNING else each for each in text)


_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def _as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else text


@pass_context
def code_words(context: Context, vocabulary: str, code: str) -> str:
    """Return what a code of a coded list means."""
    return label(vocabulary, code, str(context["language"])) if code else ""


@pass_context
def kind_words(context: Context, kind: str) -> str:
    """Return what a kind of referral is called."""
    return label("referral_kind", kind, str(context["language"]))


@pass_context
def urgency_mark(context: Context, urgency: int) -> str:
    """Return an urgency in words, with a sign before the two that cannot wait."""
    words = label("urgency", str(urgency), str(context["language"]))
    return f"{_URGENT_SIGNS.get(int(urgency), '')}{words}"


_URGENT_SIGNS = {1: "\N{DOUBLE EXCLAMATION MARK} ", 2: "! "}


@by_code
def state_words(_: Gettext, state: str) -> str:
    """Return where a referral stands."""
    words = {
        "queued": _("not yet delivered"),
        "delivered": _("delivered, nobody has opened it yet"),
        "received": _("opened by a person"),
        "accepted": _("accepted"),
        "in_progress": _("being worked on"),
        "info_needed": _("waits for an answer to a question"),
        "handed_over": _("file handed over"),
        "outcome_reported": _("outcome reported, to be confirmed"),
        "cancel_requested": _("cancelled, to be confirmed"),
        "closed": _("closed"),
        "declined": _("declined"),
        "redirected": _("redirected"),
        "withdrawn": _("withdrawn"),
        "cancel_confirmed": _("cancelled"),
        "entered_in_error": _("entered in error"),
        "expired": _("expired"),
        "undeliverable": _("something could not be delivered"),
    }
    return words.get(state, state)


@by_code
def step_words(_: Gettext, step: str) -> str:
    """Return what a step is called, as something that one does."""
    words = {
        "referral": _("Refer"),
        "claim": _("Claim it: I answer for it"),
        "accept": _("Accept"),
        "decline": _("Decline"),
        "redirect": _("Redirect"),
        "ask": _("Ask a question"),
        "answer": _("Answer a question"),
        "note": _("Write a note to them"),
        "outcome": _("Report the outcome"),
        "confirm": _("Confirm the outcome"),
        "dispute": _("Dispute the outcome"),
        "withdraw": _("Withdraw"),
        "confirm_cancel": _("Confirm the cancellation"),
        "acknowledge": _("Acknowledge"),
        "disposition": _("Say what became of it"),
        "hand_over": _("Hand over the file"),
        "custody_taken": _("Confirm that we have the file"),
    }
    return words.get(step, step)


@by_code
def argument_words(_: Gettext, name: str) -> str:
    """Return what a field of a step is called."""
    words = {
        "contact": _("Who can be called"),
        "contact_name": _("Who can be called"),
        "telephone": _("Telephone"),
        "contact_telephone": _("Telephone"),
        "case_number": _("Our case number"),
        "local_case_number": _("Case number there"),
        "next_answer_by_ms": _("Next answer by"),
        "reason": _("Reason"),
        "text": _("Text"),
        "to": _("Organisation"),
        "target": _("Organisation"),
        "suggested_peer": _("Who may be able to help"),
        "question": _("Question"),
        "outcome": _("Outcome"),
        "code": _("Outcome"),
        "disposition": _("What became of it"),
        "happened_at_ms": _("When"),
        "found_by": _("Found by"),
        "condition": _("How the child is"),
        "authority_told": _("Was the authority told?"),
        "told_to": _("Who may be told where the child is"),
        "whereabouts_may_be_told_to": _("Who may be told where the child is"),
        "copy": _("What was done with our copy"),
        "kept_basis": _("Why it may be kept"),
        "purpose": _("Purpose"),
        "art6_basis": _("Legal basis (Art. 6 GDPR)"),
        "art9_condition": _("For health and other special data (Art. 9)"),
        "art10_basis": _("For data on offences (Art. 10)"),
        "police_informed": _("Do the police know?"),
        "transfer_basis": _("Ground for the transfer"),
        "art49_derogation": _("For a country without adequate protection (Art. 49)"),
        "sensitive_reason": _("Why sensitive fields are in it"),
        "decided_by_count": _("Decided by so many people"),
        "overridden_rules": _("Goes over the rules"),
        "override_reason": _("Why it goes over a rule"),
        "at_once_reason": _("Why it begins with more than the minimal set"),
        "consent_given_by": _("Who has consented"),
        "consent_purposes": _("What the consent is for"),
        "consent_expires_at_ms": _("The consent ends"),
        "suggest": _("Who may be able to help"),
        "reply_by_ms": _("Reply by"),
        "expires_at_ms": _("Expires"),
    }
    return words.get(name) or _(english_label(name))


@pass_context
def passage_words(context: Context, step: Answer, referral: Answer) -> str:
    """Return how a step got across, in words."""
    _ = gettext_of(context)
    passage, peer = step["passage"], referral["peer_name"]
    if not step["is_ours"]:
        return _("Received and logged here.")
    if passage["settled"] == "received":
        return _("Delivered: their node's receipt is here.")
    if passage["settled"] == "refused":
        return _("Their node refused it.")
    if passage["settled"] == "expired":
        never = _("Never delivered.")
        # Nobody shall ring again about what they were told.
        call = _("Telephone them:")
        is_to_tell = referral.get("undelivered", True)
        return f"{never} {call} {referral['telephone']}" if is_to_tell else never
    waits = _("Not yet delivered.")
    if passage["tries"]:
        tried = _("Tried so often:")
        waits = f"{waits} {tried} {passage['tries']}. {peer}: {referral['telephone']}."
    return waits


@pass_context
def pile_words(context: Context, pile: str) -> str:
    """Return the name of one of the desk's piles."""
    _ = gettext_of(context)
    words = {
        "overdue": _("Overdue, or life at risk"),
        "unclaimed": _("New: nobody here has claimed them"),
        "waits_for_us": _("Waiting for my answer"),
        "waits_for_them": _("Waiting for them"),
        "to_confirm": _("Outcomes to confirm"),
    }
    return words.get(pile, pile)


@pass_context
def wait_words(context: Context, what: str, is_ours: object) -> str:
    """Return what is waited for, and for whom."""
    _ = gettext_of(context)
    words = {
        "delivery": _("to be delivered"),
        "claim": _("to be claimed"),
        "notice": _("to be acknowledged"),
        "answer": _("for an answer"),
        "reply": _("for the answer to a question"),
        "outcome": _("for the outcome"),
        "confirmation": _("for the outcome to be confirmed"),
        "acknowledgement": _("to be acknowledged"),
        "file": _("for the file"),
        "custody": _("for the file to be taken over"),
        "cancellation": _("for the withdrawal to be seen"),
        "erasure": _("for an answer to a request to erase"),
    }
    if what == "telephone":
        return _("Could not be delivered: telephone")
    whose = _("It waits for us") if is_ours else _("It waits for them")
    return f"{whose} {words.get(what, what)}"


@pass_context
def ending_words(context: Context, what: str) -> str:
    """Return what is soon over."""
    _ = gettext_of(context)
    words = {
        "referral": _("Referral"),
        "consent": _("Consent"),
        "agreement": _("Agreement of a member"),
        "adequacy": _("Adequacy decision"),
    }
    return words.get(what, what)


@pass_context
def section_words(context: Context, section: str) -> str:
    """Return the name of a part of a case."""
    return gettext_of(context)(english_label(section))


@pass_context
def page_words(context: Context, path: str) -> str:
    """Return what a page with a form is for."""
    _ = gettext_of(context)
    words = {
        "new-case": _("Open a case"),
        "edit": _("Change a case"),
        "refer": _("Refer a case"),
        "refer-what": _("Refer a case: what to share"),
        "approvals": _("Look at what a colleague asks for"),
        "referrals": _("A step of a referral"),
        "people": _("People"),
    }
    return words.get(path.strip("/").partition("/")[0], _("A form"))


GLOBALS = {
    **referral_words.GLOBALS,
    "page_words": page_words,
    "section_words": section_words,
    "visible": visible,
    "code_words": code_words,
    "kind_words": kind_words,
    "urgency_mark": urgency_mark,
    "state_words": state_words,
    "step_words": step_words,
    "argument_words": argument_words,
    "passage_words": passage_words,
    "pile_words": pile_words,
    "wait_words": wait_words,
    "ending_words": ending_words,
    "basis_lists": {
        "purpose": "purpose",
        "art6_basis": "art6_basis",
        "art9_condition": "art9_condition",
        "art10_basis": "art10_basis",
        "police_informed": "police_informed",
        "transfer_basis": "transfer_basis",
        "art49_derogation": "art49_derogation",
    },
    "pages_of": pages_of,
    "is_here": is_here,
    "words_of": words_of,
    "sentence_of": sentence_of,
    "role_words": role_words,
    "roles_offered": roles_offered,
}
"""What `Renderer` lets every template know."""
