"""What of a case goes to a peer, and how it looks there.

Everything follows from the options of the fields in proto/homeward/v1/case.proto:

- `dictionary` reads them, for forms and for all below.
- `choice` builds the chosen part as a new Case; what was not chosen is not in it.
- `preview` shows such a Case in the reader's language. It sees nothing else, so it
  cannot show less than what is sent.
- `check` finds what is wrong: in any case, in an own one, in what a peer sent; `rules`
  has the rules for one value, `dates` the days that a date may mean.

Whether a person may choose, with which reason and whose second signature, is left
to the node.
"""

from __future__ import annotations

from protocol.disclosure.check import Problem, check_case, check_own_case, check_received
from protocol.disclosure.choice import (
    default_mask,
    disclose,
    sensitive_paths,
    ticked_count,
)
from protocol.disclosure.dictionary import FieldInfo, Share, fields
from protocol.disclosure.preview import PreviewRow, preview

__all__ = [
    "FieldInfo",
    "PreviewRow",
    "Problem",
    "Share",
    "check_case",
    "check_own_case",
    "check_received",
    "default_mask",
    "disclose",
    "fields",
    "preview",
    "sensitive_paths",
    "ticked_count",
]
