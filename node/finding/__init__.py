"""Finding a person in the node's own cases: one box, any script, with reasons.

    writing     text -> words: case, marks and invisible characters gone, the script known
    alphabets   a word -> its comparison form in Latin letters, and its sounds
    sounds      how far two words sound apart; the keys under which words are looked up
    given       given names and their short forms, by language (tables in `given_names`)
    endings     female forms, patronymics, particles
    names       a name -> words that can be compared
    comparing   two words, two names -> a score, and reasons as codes
    reasons     the codes, and their words for people
    query       what was typed -> names, dates, numbers
    people      a case -> the people in it, as the index keeps them
    indexing    keeps the index in step with the case versions
    finding     `Finding`: candidates from the index, ranked

Down to `people` everything is pure. Nothing here logs: a query is personal data.
"""
