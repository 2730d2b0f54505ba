"""Use cases: what is told to those who hold a copy, and erasing, here and at the peers.

- `notices` tells every holder that a child was found, or that a case was closed,
  cancelled or corrected.
- `erasing` erases cases and copies, and asks peers to do so; `blanking` is what happens
  in the database, `records` what says so afterwards.
- `retention` says for how long a case is kept, `endings` does what time brings about.

What is erased in the database is gone with the transaction that says so. What lies
beside it, files and old pages, goes right after; what could not go then, at the next
start or in the next minute.
"""
