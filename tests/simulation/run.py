"""Play many seeds, and say how to play one that failed again.

    python tests/simulation/run.py --seeds 500 --first 0 [--processes 2] [--trace]

Exit code 0 when every invariant held on every seed, else 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP))

from tests.simulation.scenario import Outcome, fast_folder, make_template, run_seed  # noqa: E402

PREFIX = "homeward-template-"
SEEDS_AT_A_TIME = 10
# What is counted in the trace and told at the end.
TOLD = (
    "call", "lost", "unanswered", "late", "doubled", "broken", "no way",
    "crash", "torn", "disk full", "stop", "start", "part", "jump", "clock",
    "open", "step", "too late", "illegal", "answer", "bundle",
)  # fmt: skip


def main() -> int:
    """Play the seeds that the command line names."""
    parser = argparse.ArgumentParser(description="play seeds of the simulator")
    parser.add_argument("--seeds", type=int, default=100, help="how many (default 100)")
    parser.add_argument("--first", type=int, default=0, help="the first one (default 0)")
    parser.add_argument("--processes", type=int, default=1, help="how many at a time (default 1)")
    parser.add_argument("--trace", action="store_true", help="print what happened, line by line")
    parser.add_argument(
        "--wrong-clocks", action="store_true", help="let people set clocks wrong, and right again"
    )
    options = parser.parse_args()
    end = options.first + options.seeds
    shares = [
        range(start, min(end, start + SEEDS_AT_A_TIME))
        for start in range(options.first, end, SEEDS_AT_A_TIME)
    ]
    started = time.monotonic()
    failed: list[int] = []
    counts: Counter[str] = Counter()
    with ProcessPoolExecutor(options.processes) as pool:
        for outcomes in pool.map(partial(play, has_wrong_clocks=options.wrong_clocks), shares):
            for outcome in outcomes:
                counts += outcome.counts
                if options.trace:
                    print("\n".join(outcome.trace.lines))
                if outcome.violations:
                    failed.append(outcome.seed)
                    tell_failure(outcome)
    tell_end(options.seeds, time.monotonic() - started, counts, failed)
    return 1 if failed else 0


def play(seeds: range, *, has_wrong_clocks: bool) -> list[Outcome]:
    """Play some seeds on one template."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=fast_folder()) as folder:
        template = make_template(Path(folder))
        return [run_seed(seed, template, has_wrong_clocks=has_wrong_clocks) for seed in seeds]


def tell_failure(outcome: Outcome) -> None:
    """Print what was violated, and how to see it again."""
    print(f"seed {outcome.seed} failed:")
    for what in outcome.violations:
        print(f"  {what}")
    again = f"python tests/simulation/run.py --first {outcome.seed} --seeds 1 --trace"
    print(f"  again: {again}", flush=True)


def tell_end(seeds: int, seconds: float, counts: Counter[str], failed: list[int]) -> None:
    """Print the figures."""
    print(f"{seeds} seeds in {seconds:.0f} s, {seeds / seconds:.2f} a second")
    print(", ".join(f"{counts[name]} {name}" for name in TOLD))
    print(f"{len(failed)} seeds failed" + (f": {failed}" if failed else ""))


if __name__ == "__main__":
    sys.exit(main())
