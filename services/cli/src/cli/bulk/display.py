"""How far an import is: a bar on a terminal, a line now and then elsewhere. On standard error."""

import sys
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

import typer
from librarian.bulk_report import Count, Progress
from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from cli.commands.wording import age, count, printable, size

LINE_SECONDS = 5.0
WINDOW_SECONDS = 30.0
LEAST_SECONDS = 1.0
BAR_WIDTH = 12


class Rate:
    """How quickly files are dealt with at present; what needed no reading does not count.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, Count]] = deque([(clock(), Count())])

    def note(self, progress: Progress) -> None:
        """Remember how far it is now."""
        now = self._clock()
        if now - self._marks[-1][0] >= LEAST_SECONDS:
            self._marks.append((now, progress.done - progress.known))
        while len(self._marks) > 1 and now - self._marks[1][0] > WINDOW_SECONDS:
            self._marks.popleft()

    @property
    def per_second(self) -> tuple[float, float]:
        """Files and bytes; zeros until there is something to go by."""
        (begin, before), (end, after) = self._marks[0], self._marks[-1]
        if end - begin < LEAST_SECONDS:
            return 0.0, 0.0
        done = after - before
        return done.files / (end - begin), done.size_bytes / (end - begin)

    def seconds_left(self, progress: Progress) -> float | None:
        """The remaining time, by files or by bytes, whichever is longer; None if it is unknown."""
        files, size_bytes = self.per_second
        left = progress.total - progress.done
        if not progress.is_counted or files <= 0 or size_bytes <= 0:
            return None
        return max(left.files / files, left.size_bytes / size_bytes)


def words(progress: Progress, rate: Rate) -> str:
    """How far it is, in one line."""
    done, total = progress.done, progress.total
    if progress.is_counted:
        parts = [f"{done.files:,} of {count(total.files, 'file')}"]
        parts += [f"{size(done.size_bytes)} of {size(total.size_bytes)}"]
    else:
        parts = [f"{done.files:,} of {total.files:,} files or more (counting)"]
        parts += [size(done.size_bytes)]
    files, size_bytes = rate.per_second
    if files > 0:
        parts += [f"{files:,.0f} files/s" if files >= 1 else f"{files:.1f} files/s"]
        parts += [f"{size(size_bytes)}/s"]
    left = rate.seconds_left(progress)
    if left is not None:
        parts += [f"{age(left)} left"]
    if progress.reason is not None:
        parts += [f"waiting: {printable(progress.reason)}"]
    return ", ".join(parts)


class Display:
    """Shows it while the import runs.

    Args:
        what: Such as Importing.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._rate = Rate()
        self._line_due = time.monotonic() + LINE_SECONDS
        self._bars: Bars | None = None
        self._task = TaskID(0)
        if sys.stderr.isatty():
            # What is printed meanwhile goes above the bar, if it goes to the terminal at all.
            self._bars = Bars(
                TextColumn("{task.description}"),
                BarColumn(BAR_WIDTH),
                TextColumn("{task.fields[words]}", markup=False),
                console=Console(stderr=True),
                redirect_stdout=sys.stdout.isatty(),
                transient=True,
            )

    def __enter__(self) -> Self:
        if self._bars is not None:
            self._task = self._bars.add_task(self._what, total=None, words="")
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def update(self, progress: Progress) -> None:
        """Show how far it is now."""
        self._rate.note(progress)
        if self._bars is not None:
            self._bars.update(
                self._task,
                total=progress.total.files if progress.is_counted else None,
                completed=progress.done.files,
                words=words(progress, self._rate),
            )
        elif time.monotonic() >= self._line_due:
            self._line_due = time.monotonic() + LINE_SECONDS
            typer.echo(f"{self._what}: {words(progress, self._rate)}", err=True)
