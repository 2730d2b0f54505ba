"""What can go wrong with keys and trust, in words a person can act on.

Every error has one sentence, and mostly a hint; the command line shows both as they
are. No message holds a key, a passphrase or a field's value. Misuse by our own
code is `ValueError` or `RuntimeError`, as everywhere.
"""

from __future__ import annotations

import enum


class KeysError(Exception):
    """Root of this package; `sentence` says what is wrong, `hint` what to do."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


class KeyFileError(KeysError):
    """A file could not be read or written."""

    def __init__(
        self, sentence: str, hint: str = "check the path, its owner, and the space on the disk"
    ) -> None:
        super().__init__(sentence, hint)


class KeyFileExists(KeyFileError):
    """A file that must not be overwritten is there already."""


class WrongPassphrase(KeysError):
    """The file is whole, but this passphrase does not open it."""

    def __init__(self) -> None:
        super().__init__(
            "the passphrase does not open the key file",
            "check the keyboard layout and caps lock, and that it is the right key file",
        )


class VaultDamaged(KeysError):
    """The file is not a key file, or not a whole one."""

    def __init__(self) -> None:
        super().__init__(
            "the key file is damaged",
            "restore it from the backup that was made when it was created",
        )


class VaultTooNew(KeysError):
    """The file was written by a later version of the program."""

    def __init__(self) -> None:
        super().__init__(
            "the key file was written by a newer version of homeward",
            "install that version or a later one",
        )


class EpochDamaged(KeysError):
    """An epoch file does not open with this node's key."""

    def __init__(self, file_name: str) -> None:
        super().__init__(
            f"the encryption key file {file_name} does not open",
            "if all of them fail, the identity is another one; if only this one does, move it "
            "away: peers then seal their messages again",
        )


class JoinRequestRefused(KeysError):
    """A join request is malformed, changed on the way, or without proof of possession."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, "ask the organisation to make and send a new join request")


class MembershipError(KeysError):
    """A change to the directory that the membership role must not sign."""


class DirectoryFault(enum.StrEnum):
    """Why the files of a directory are not taken."""

    MISSING = "directory_file_missing"
    TOO_LARGE = "directory_file_too_large"
    MALFORMED = "directory_file_malformed"
    SIGNATURE = "directory_signature"
    CHANGED = "directory_file_changed"
    VERSION = "directory_version"
    EXPIRED = "directory_expired"
    KEY_TYPE = "directory_key_type"
    FEDERATION = "directory_federation"
    MEMBER = "directory_member"
    UNSUPPORTED = "directory_unsupported"
    SUSPENSION_DROPPED = "directory_suspension_dropped"


_FAULT_SENTENCES = {
    DirectoryFault.MISSING: "a file of the directory is missing",
    DirectoryFault.TOO_LARGE: "a file of the directory is larger than allowed",
    DirectoryFault.MALFORMED: "a file of the directory cannot be read",
    DirectoryFault.SIGNATURE: "a file of the directory is not signed by enough of its keys",
    DirectoryFault.CHANGED: "a file of the directory is not the one that was signed for",
    DirectoryFault.VERSION: "a file of the directory is older than one already seen",
    DirectoryFault.EXPIRED: "the directory has expired",
    DirectoryFault.KEY_TYPE: "the directory names a key of a kind that is not allowed",
    DirectoryFault.FEDERATION: "the directory belongs to another federation",
    DirectoryFault.MEMBER: "a member's record in the directory is not valid",
    DirectoryFault.UNSUPPORTED: "the directory uses something this version does not know",
    DirectoryFault.SUSPENSION_DROPPED: "the directory lacks a suspension that nobody has ended",
}
_FAULT_HINTS = {
    DirectoryFault.EXPIRED: "fetch a newer directory, or ask the federation's publishers for one",
    DirectoryFault.UNSUPPORTED: "install a newer version of homeward",
    DirectoryFault.SUSPENSION_DROPPED: "call the secretariat: only the membership role ends one",
}


class DirectoryError(KeysError):
    """The directory was not taken; `code` is stable, `detail` for the local log."""

    def __init__(self, code: DirectoryFault, detail: str = "") -> None:
        super().__init__(
            _FAULT_SENTENCES[code],
            _FAULT_HINTS.get(code, "take the directory from another member of the federation"),
        )
        self.code = code
        self.detail = detail
