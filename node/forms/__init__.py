"""Cases in forms that others use: pure functions but for `pdf`; no clock, no store.

    pfif_xml   the People Finder Interchange Format 1.4 as records of text; hardened reading
    pfif_out   a disclosed case -> records
    pfif_in    records -> cases
    hague      the model form for a return request, in its own order, with what is missing
    yellow     what the police need to ask INTERPOL for a Yellow Notice, and what is known
    poster     what a country may be shown of a child
    pdf        a page as PDF, laid out by the process `pdf_worker`

What a form calls a field stands in the data dictionary (proto/homeward/v1/case.proto).
What may go into an exported file is decided before: these functions get a disclosed case
and see nothing else.
"""
