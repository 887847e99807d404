"""The widget floating-pl-per-expert in Python with SQLModel, measured.

This is Lombard's own program, written after the two notes on the platform that
Lombard began from: its patterns, not its code. `cargo xtask bench --peer` runs
it beside Lombard on the databases that Lombard itself was measured on.

Owns: the order of the renders, the clock, the counts and the document it
prints. Must not know: what a render reads, or how fast Lombard is.
"""

import argparse
import json
import platform
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine, event
from sqlmodel import Session, create_engine, func, select

import after
import before
from book import Profits
from models import Transaction

Render = Callable[[Engine], Profits]

PATTERNS: dict[str, Render] = {"before": before.render, "after": after.render}

# Renders that the time limit does not cut off.
FEWEST = 3


@dataclass(slots=True)
class Counts:
    """What a render cost the database."""

    sessions: int = 0
    statements: int = 0


def main() -> int:
    options = arguments()
    runs = [run for file in options.databases for run in measure(file, options)]
    document = {
        "python": platform.python_version(),
        "sqlmodel": version("sqlmodel"),
        "sqlalchemy": version("sqlalchemy"),
        "sqlite": sqlite3.sqlite_version,
        "runs": runs,
    }
    json.dump(document, sys.stdout, indent=2)
    print()
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Render a widget with SQLModel, and measure it.")
    parser.add_argument("databases", nargs="+", type=Path, metavar="DATABASE")
    parser.add_argument("--renders", type=int, default=50, help="of each pattern (default: 50)")
    parser.add_argument(
        "--seconds",
        type=int,
        default=5,
        help=f"begin no render of a pattern after so long, but make {FEWEST} (default: 5)",
    )
    return parser.parse_args()


def measure(file: Path, options: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Each pattern on one database."""
    engine = read_only(file)
    with Session(engine) as session:
        is_open = Transaction.status != "closed"
        transactions = session.exec(select(func.count()).where(is_open)).one()
    for pattern, render in PATTERNS.items():
        # What a process does once, it does in this render.
        render(engine)
        # Counted apart, so that no counting is in the times.
        with counting(engine) as counts:
            profits = render(engine)
        took = list(times(engine, render, options.renders, options.seconds))
        yield {
            "transactions": transactions,
            "pattern": pattern,
            "renders": len(took),
            "us": percentiles([wall for wall, _ in took]),
            # On a busy machine a long render waits for a processor and a short
            # one does not, which makes the longer side look worse than it is.
            "cpu_us": percentiles([cpu for _, cpu in took]),
            "sessions": counts.sessions,
            "statements": counts.statements,
            "rows": profits.rows(),
            "total": profits.total(),
        }
    engine.dispose()


def read_only(file: Path) -> Engine:
    return create_engine(f"sqlite:///{file.resolve().as_uri()}?mode=ro&uri=true")


@contextmanager
def counting(engine: Engine) -> Iterator[Counts]:
    """Counts the sessions that used the database, and their statements."""
    counts = Counts()

    def session_began(*_: object) -> None:
        counts.sessions += 1

    def statement(*_: object) -> None:
        counts.statements += 1

    event.listen(Session, "after_begin", session_began)
    event.listen(engine, "before_cursor_execute", statement)
    try:
        yield counts
    finally:
        event.remove(Session, "after_begin", session_began)
        event.remove(engine, "before_cursor_execute", statement)


def times(engine: Engine, render: Render, renders: int, seconds: int) -> Iterator[tuple[int, int]]:
    """Nanoseconds of each render, from its first statement to its rows: those
    that passed, and those of them that this process had a processor."""
    until = time.monotonic() + seconds
    for number in range(renders):
        if number >= FEWEST and time.monotonic() >= until:
            return
        began, cpu = time.perf_counter_ns(), time.process_time_ns()
        profits = render(engine)
        profits.rows()
        profits.total()
        yield time.perf_counter_ns() - began, time.process_time_ns() - cpu


def percentiles(nanos: list[int]) -> dict[str, float]:
    """Microseconds that so many of 100 renders stay within; as `lombard bench`."""
    ranked = sorted(nanos)

    def at(percent: int) -> float:
        return round(ranked[min(len(ranked) * percent // 100, len(ranked) - 1)] / 1_000, 1)

    return {"p50": at(50), "p99": at(99)}


if __name__ == "__main__":
    sys.exit(main())
