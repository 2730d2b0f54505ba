"""Judge an evidence bundle offline: `homeward evidence verify`.

For an auditor, who may have no node: no store, no network, no private key. The
anchors are the caller's: a root file of the federation, and the time. The bundle
brings its own directory, which counts as far as that root vouches for it:

- root files up to the version of the auditor's are not looked at, the ones after it
  must form the chain of The Update Framework;
- the directory must not have expired when the latest log entry of the bundle was
  made (why then and not now: `protocol.evidence.reference_ms`);
- where it cannot be trusted, the report says so: nothing signed is proven then.
"""

from __future__ import annotations

from collections.abc import Mapping

from keys.directory import DirectoryUpdate
from keys.directory_files import file_limit
from keys.errors import DirectoryError
from protocol.bundle import UnusableBundle, parse_bundle
from protocol.evidence import EvidenceDirectory, NoDirectory, reference_ms, verify
from protocol.report import Report


def verify_bundle(bundle: bytes, root: bytes, at_ms: int) -> Report:
    """Judge a bundle under the auditor's root file, at the time of the audit.

    Raises:
        UnusableBundle: the bundle or the root file cannot be read; there is no verdict.
    """
    parsed = parse_bundle(bundle)
    for name, content in parsed.directory.items():
        limit = file_limit(name)
        if limit is None or len(content) > limit:
            sentence = "an entry of the bundle is no file of a directory"
            raise UnusableBundle("bundle_entry_malformed", sentence)
    now_ms = reference_ms(parsed, at_ms=at_ms)
    return verify(parsed, _directory(parsed.directory, root, now_ms), at_ms=at_ms)


def _directory(
    files: Mapping[str, bytes], root: bytes, now_ms: int
) -> EvidenceDirectory | NoDirectory:
    try:
        # A suspension undoes nothing that was sent before it.
        update = DirectoryUpdate({}, root, now_ms=now_ms, has_suspensions=False)
    except DirectoryError as error:
        sentence = f"the root file cannot be used: {error.sentence}"
        raise UnusableBundle("root_unusable", sentence) from error
    try:
        while (wanted := update.wanted) is not None:
            update.give(files.get(wanted.name))
    except DirectoryError as error:
        return NoDirectory(error.code.value, error.sentence)
    return update.outcome.directory
