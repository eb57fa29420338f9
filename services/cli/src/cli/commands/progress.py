"""How far long work is: a bar on a terminal, a line now and then elsewhere. On standard error."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Literal

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from cli.commands.wording import age, size

LINE_SECONDS = 10.0
Unit = Literal["bytes", "files"]


@contextmanager
def progress(what: str, unit: Unit, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show progress while the block runs.

    Args:
        what: Such as "Reading originals".
        unit: Of what is counted.
        total: How much there is; None if nobody knows.

    Yields:
        A function that is told what has been done since it was called last, from any thread.
    """
    if not sys.stderr.isatty():
        yield PlainProgress(what, unit, total).advance
        return
    # What is printed meanwhile goes above the bar, but only if it goes to the terminal at all.
    console = Console(stderr=True)
    redirect = sys.stdout.isatty()
    with Progress(*_columns(unit), console=console, redirect_stdout=redirect) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


def _columns(unit: Unit) -> list[ProgressColumn]:
    label = TextColumn("{task.description}")
    if unit == "files":
        return [SpinnerColumn(), label, TextColumn("{task.completed:,.0f} files")]
    return [label, BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()]


class PlainProgress:
    """A line every ten seconds, with rate and remaining time; none for short work.

    Args:
        what: As in `progress`.
        unit: As in `progress`.
        total: As in `progress`.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        what: str,
        unit: Unit,
        total: int | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._unit = unit
        self._total = total
        self._clock = clock
        self._lock = Lock()
        self._done = 0
        self._begin = clock()
        self._due = self._begin + LINE_SECONDS

    def advance(self, done: int) -> None:
        """Count what has been done, and say so if it is time."""
        with self._lock:
            self._done += done
            now = self._clock()
            if now >= self._due:
                self._due = now + LINE_SECONDS
                typer.echo(self._line(now - self._begin), err=True)

    def _line(self, seconds: float) -> str:
        rate = self._done / seconds
        words = f"{self._what}: {self._amount(self._done)}"
        if self._total is not None:
            words += f" of {self._amount(self._total)}"
        words += f", {self._amount(round(rate))}/s"
        if self._total is not None and rate > 0:
            words += f", {age((self._total - self._done) / rate)} left"
        return words

    def _amount(self, number: int) -> str:
        return size(number) if self._unit == "bytes" else f"{number:,} files"
