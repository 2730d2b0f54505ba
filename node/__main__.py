"""`python -m node`: the same as the installed command `homeward`."""

from __future__ import annotations

from node.cli import main

if __name__ == "__main__":
    main()
