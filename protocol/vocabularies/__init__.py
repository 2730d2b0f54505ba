"""The coded lists as tables; `protocol.vocabulary` is the way to read them.

A code never changes its meaning and is never used again for another: one that is no
longer wanted is retired and keeps its words (see `changes`). A list's version goes
up by one with every change to its codes; labels may be corrected without that.
English stands beside the codes, every other language in a module of its own, so that
a translator edits one file; REVIEWED there says whether a native speaker who does
this work has read it. `names` has what countries and languages are called.
"""
