"""The numbers of signing in; times in milliseconds."""

from __future__ import annotations

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

PASSWORD_CHARACTERS_AT_LEAST = 12
PASSWORD_CHARACTERS = 200
PASSWORD_DIFFERENT_CHARACTERS = 5
USER_NAME_CHARACTERS = 60
PASSKEY_NAME_CHARACTERS = 60
PASSKEYS_EACH = 10
SESSIONS_EACH = 20
DRAFT_CHARACTERS = 200_000
DRAFTS_EACH = 50

# The screen locks when nobody has done anything for so long; what was typed is kept.
LOCK_AFTER_MS = 15 * MINUTE_MS
# A session that nobody has used for so long is over, locked or not.
SESSION_ENDS_MS = 12 * HOUR_MS
LINK_LIVES_MS = 24 * HOUR_MS
# A form that was sent is remembered for so long, so that a second click does nothing.
FORM_REMEMBERED_MS = 2 * DAY_MS
CHALLENGE_LIVES_MS = 5 * MINUTE_MS
CHALLENGES = 1000

# Wrong passwords before one has to wait; then twice as long each time.
FREE_FAILURES = 5
FIRST_WAIT_MS = 2_000
LONGEST_WAIT_MS = 15 * MINUTE_MS
