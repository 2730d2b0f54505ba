"""What the audit pages say of entries, looks, claims and reasons."""

from __future__ import annotations

from node.commands.arguments import Answer
from node.web.labels import Gettext

_PREVIEWS = (
    "referral.preview",
    "referral.previews",
    "referral.step_preview",
    "referral.step_unmet",
    "referral.unmet",
)


def leaf_words(leaf: Answer, _: Gettext) -> str:
    """Return what an entry of the log is about."""
    words = {
        "sent": _("We sent a message"),
        "received": _("We received a message"),
        "refused": _("We refused a message"),
        "attachments": _("All files of a message are here"),
        "descriptor": _("We published encryption keys"),
        "directory": _("From here on by a newer directory"),
        "erased": _("Content was erased"),
        "access": _("Somebody looked at content"),
        "export": _("Content was exported"),
        "padding": _("Filler, so that the number of entries says less"),
        "seen": _("We saw another node's log"),
    }
    text = words.get(str(leaf["kind"]), str(leaf["kind"]))
    if leaf["directory_version"] is not None:
        return f"{text}: {leaf['directory_version']}"
    return f"{text}: {leaf['refusal']}" if leaf["refusal"] else text


def look_words(action: str, _: Gettext) -> str:
    """Return in which way somebody has seen something."""
    words = {
        "audit.evidence": _("evidence with content"),
        "case.edit": _("case opened to be changed"),
        "case.export": _("case written to a file"),
        "case.file": _("picture of a case shown"),
        "case.flags": _("dangers and wishes of a case"),
        "case.hague": _("Hague request made"),
        "case.history": _("versions of a case"),
        "case.holders": _("who has what of a case"),
        "case.list": _("list of cases"),
        "case.poster": _("poster made"),
        "case.retention": _("cases whose time is soon over"),
        "case.search": _("found in a search, with names"),
        "case.show": _("case opened"),
        "case.take_preview": _("preview of what to take into a case"),
        "case.yellow": _("readiness for a Yellow Notice"),
        "node.digest": _("what happened in a shift"),
        "referral.approval": _("what waits for a second person"),
        "referral.approvals": _("list of what waits for a second person"),
        "referral.due": _("desk"),
        "referral.file": _("received file shown"),
        "referral.files": _("received files opened"),
        "referral.list": _("list of referrals"),
        **dict.fromkeys(_PREVIEWS, _("preview of what to share")),
        "referral.show": _("referral opened"),
        "referral.told": _("said that the other side was told"),
    }
    return words.get(action, action)


def list_words(look: Answer, _: Gettext) -> str:
    """Return which list somebody has seen."""
    words = {"name": _("search for a name"), "number": _("search for a number or an address")}
    return words.get(look["what"]) or look_words(look["action"], _)


def verdict_words(verdict: str, _: Gettext) -> str:
    """Return a verdict, with a sign before it."""
    words = {
        "proven": "\N{CHECK MARK} " + _("proven"),
        "contradicted": "\N{BALLOT X} " + _("contradicted"),
        "not_proven": "? " + _("not proven"),
        "not_included": "\N{EN DASH} " + _("not included"),
    }
    return words.get(verdict, verdict)


def whole_words(verdict: str, _: Gettext) -> str:
    """Return what a verdict on the whole bundle means."""
    words = {
        "proven": _("Proven: the message was sent and received as the bundle says."),
        "contradicted": _("Contradicted: something in this bundle is wrong or was changed."),
        "not_proven": _("Not proven: nothing is wrong in it, but something is missing."),
    }
    return words.get(verdict, verdict)


def claim_words(finding: Answer, _: Gettext) -> str:
    """Return why a claim holds, or does not."""
    if finding["verdict"] == "proven":
        return _claims(_).get(str(finding["claim"]), str(finding["sentence"]))
    words = _reasons(_).get(finding["code"])
    return words if words is not None else f"{finding['sentence'].capitalize()}."


def _claims(_: Gettext) -> dict[str, str]:
    return {
        "sent": _("The sender's log holds this message."),
        "received": _("The recipient's log says that it has arrived."),
        "attachments": _("The recipient's log says that all its files have arrived."),
        "sealed_to_recipient": _("It was encrypted to a key that the recipient had published."),
        "sender_descriptor": _("The sender's log holds the keys that it had published then."),
        "content": _("The content is what was sent."),
    }


def claim_names(claim: str, _: Gettext) -> str:
    """Return what a claim is called."""
    words = {
        "sent": _("Sent"),
        "received": _("Received"),
        "attachments": _("Files"),
        "sealed_to_recipient": _("Encrypted for them alone"),
        "sender_descriptor": _("Keys of the sender"),
        "content": _("Content"),
    }
    return words.get(claim, claim)


def _reasons(_: Gettext) -> dict[str, str]:
    return {
        "wrong_federation": _("The message belongs to another federation."),
        "wrong_log": _("The proof is from another log than it should be."),
        "leaf_mismatch": _("The entry in the log is about something else."),
        "inclusion_failed": _("The log does not hold the entry."),
        "checkpoint_malformed": _("The log's checkpoint can be read in two ways."),
        "signature_invalid": _("A signature is wrong."),
        "refused": _("The recipient's log says that it refused the message."),
        "descriptor_mismatch": _("The published keys are those of another node."),
        "epoch_not_published": _("The recipient had not published this encryption key."),
        "commitment_mismatch": _("The content is not what was sent."),
        "no_receipt": _("The bundle holds no answer of the recipient."),
        "no_attachments_receipt": _("The bundle holds no receipt for the files."),
        "no_descriptor": _("The bundle does not hold the recipient's published keys."),
        "unknown_log_key": _("The directory knows no key of this log that was good then."),
        "not_dated": _("The key was stolen later, and no other log shows the entry's age."),
        "signature_missing": _("A signature is missing."),
        "from_the_future": _("It is dated later than today."),
        "times_implausible": _("It is dated earlier than what it follows."),
        "descriptor_not_in_force": _("The published keys were not in force then."),
        "epoch_not_in_force": _("The encryption key was not in use then."),
        "envelope_not_proven": _("The message itself is not proven."),
        "content_not_included": _("The content was left out, or is erased. That is no fault."),
    }
