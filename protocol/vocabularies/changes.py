"""How lists changed after their first version, by name and in order.

Every node knows the first version of every list. So a code that is named here is the
one that may be new to a peer, and goes out with its words. To add a code: write it,
with its labels, into the tables, and a Change for the list's next version here. To
drop one: retire it here and leave it in the tables. What was recorded with it can still
be read, and nobody can use the code again for something else.
"""

from __future__ import annotations

from collections.abc import Mapping

from protocol.vocabularies.terms import Change

CHANGES: Mapping[str, tuple[Change, ...]] = {}
