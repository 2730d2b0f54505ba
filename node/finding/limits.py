"""What bounds the work of one search or of one indexed case; each with its reason."""

from __future__ import annotations

# A name with patronymic, two surnames, a date and a telephone number fits three times.
QUERY_CHARACTERS = 200
# The longest real names have about ten parts; a text that was pasted by mistake has more.
QUERY_WORDS = 16
# The work on two words grows with the product of their lengths; no name is longer.
WORD_LETTERS = 32
# Of one name in a case; what comes after is not indexed.
NAME_WORDS = 12
NAME_CHARACTERS = 400
# As many as a case may have of anything (the data dictionary), also before it is checked.
PEOPLE_PER_CASE = 50
NUMBER_CHARACTERS = 100
# Readings of one word ("ch" has four sounds), beyond which the rarest are left out.
READINGS = 6
# Words of the index that are looked at for one word of the query, and that count for it.
CANDIDATE_WORDS = 800
MATCHING_WORDS = 200
# People who have one of these words: all of them are counted, the best ones are ranked.
PEOPLE_PER_WORD = 20_000
CANDIDATES_PER_HIT, LEAST_CANDIDATES = 2, 40
# Of all children of a new case together; each is a search of its own.
NAMES_PER_DUPLICATE_SEARCH = 40
# People found by one number or date.
PEOPLE_PER_NUMBER = 500
HITS = 100
# Cases that one transaction takes when the index is made again.
CASES_PER_REBUILD = 200
