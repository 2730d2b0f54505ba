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
DRAFT_ADDRESS_CHARACTERS = 300

# The screen locks when nobody has done anything for so long; what was typed is kept.
LOCK_AFTER_MS = 15 * MINUTE_MS
# A session that nobody has used for so long is over, locked or not.
SESSION_ENDS_MS = 12 * HOUR_MS
LINK_LIVES_MS = 24 * HOUR_MS
# A form that was sent is remembered for so long, so that a second click does nothing.
FORM_REMEMBERED_MS = 2 * DAY_MS
CHALLENGE_LIVES_MS = 5 * MINUTE_MS

# Whoever has not shown for so long who they are does so again, however busy they were.
PROVEN_FOR_MS = 12 * HOUR_MS
# Who changes how they sign in has shown who they are within this time.
FRESH_MS = 15 * MINUTE_MS
# What a second person has not granted by then is asked for again.
RESET_LIVES_MS = 7 * DAY_MS
# How long a browser is known in which somebody has signed in.
BROWSER_KNOWN_MS = 180 * DAY_MS
BROWSERS_EACH = 20

# Wrong passwords before one has to wait; then twice as long each time.
FREE_FAILURES = 5
FIRST_WAIT_MS = 2_000
LONGEST_WAIT_MS = 15 * MINUTE_MS
# Of one address, behind which a whole office may sit.
FREE_FAILURES_OF_ADDRESS = 40
LONGEST_WAIT_OF_ADDRESS_MS = MINUTE_MS
TRIES_REMEMBERED_MS = DAY_MS
TRIES_REMEMBERED = 20_000
