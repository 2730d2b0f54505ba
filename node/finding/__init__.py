"""Finding a person in the node's own cases: one box, any script, with reasons.

    writing     text -> words: case, marks and invisible characters gone, the script known
    parts       which of the words count: particles, articles, words that belong together
    alphabets   a word -> its comparison form in Latin letters, and its sounds (`letters`)
    sounds      how far two words sound apart; the keys under which words meet
    given       given names and their short forms, by language (tables in `given_names`)
    endings     female forms and patronymics
    names       a name -> words that can be compared
    comparing   two words, two names -> a score, and reasons as codes (`reasons`)
    digits      telephone numbers, references and dates
    query       what was typed -> names, dates, numbers
    people      a case -> the people in it, as the index keeps them
    ranking     what was found -> hits, the best first
    indexing    keeps the index in step with the case versions
    candidates  from words and numbers to the few entries that are worth a closer look
    finding     `Finding`, which the rest of the node uses

Down to `ranking` everything is pure. Nothing here logs: a query is personal data.
"""
