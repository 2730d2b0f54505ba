"""Names of countries and languages, one module for each language of the labels.

They come from Unicode CLDR (licence: LICENSE.unicode, beside this file), are written
by proto/generate_names.py and are never edited. A name says what a place or a
language is called, not whose it is. `protocol.vocabulary` is the way to read them.
"""
