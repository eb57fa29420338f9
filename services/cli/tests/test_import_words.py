"""What an import says while it runs and when it has ended."""

import json
from pathlib import Path

import pytest
from cli.bulk.display import Rate, words
from cli.bulk.order import Order
from cli.bulk.view import EXAMPLES, Ending, JsonView, LineView
from librarian.bulk_report import Count, FileResult, Progress, Report, Verdict

pytestmark = pytest.mark.unit

NOTHING: dict[Verdict, Count] = dict.fromkeys(
    ("new", "duplicate", "sidecar", "failed", "left"), Count()
)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def after(seconds: float, progress: Progress, before: Progress | None = None) -> Rate:
    """The rate when so much has been done in that time."""
    clock = Clock()
    rate = Rate(clock)
    if before is not None:
        rate.note(before)
    clock.now += seconds
    rate.note(progress)
    return rate


def test_while_it_is_counted_no_end_is_promised() -> None:
    progress = Progress(Count(20, 40_000_000), Count(500, 10**9), Count(), is_counted=False)
    said = words(progress, after(10, progress))
    assert said == "20 of 500 files or more (counting), 40.0 MB, 2 files/s, 4.0 MB/s"


def test_the_remaining_time_is_that_of_files_or_bytes_whichever_is_longer() -> None:
    small = Progress(Count(50, 10**6), Count(100, 10**9), Count(), is_counted=True)
    assert after(10, small).seconds_left(small) == pytest.approx(9990)
    large = Progress(Count(50, 10**9), Count(1000, 10**9 + 1), Count(), is_counted=True)
    assert after(10, large).seconds_left(large) == pytest.approx(190)
    assert words(large, after(10, large)).endswith(", 3 min left")


def test_what_needs_no_reading_does_not_count_as_speed() -> None:
    progress = Progress(Count(110, 10**6), Count(200, 10**9), Count(100, 0), is_counted=True)
    files, _ = after(10, progress).per_second
    assert files == pytest.approx(1)


def test_only_the_last_half_minute_counts_as_the_present_speed() -> None:
    clock = Clock()
    rate = Rate(clock)
    for second in range(100):
        clock.now += 1
        done = Count(second if second < 60 else 60 + 10 * (second - 60), second)
        rate.note(Progress(done, Count(10**6, 10**6), Count(), is_counted=True))
    assert rate.per_second[0] == pytest.approx(10)


def test_why_nothing_goes_on_is_said_without_control_characters() -> None:
    progress = Progress(Count(), Count(1, 1), Count(), is_counted=True, reason="no room\x1b[2J")
    assert words(progress, Rate()) == "0 of 1 file, 0 B of 1 B, waiting: no room\\x1b[2J"


def order(*, mode: str = "keep", is_dry_run: bool = False) -> Order:
    return Order((Path("/card"),), "move" if mode == "move" else "keep", is_dry_run, as_json=False)


def lines(results: list[FileResult], report: Report, asked: Order) -> list[str]:
    """What people read at the end."""
    view = LineView()
    view.begin(asked, ["/card"], Path("/library"))
    for result in results:
        view.add(result)
    return list(view.lines(Ending(report, 5.0, 10**9)))


def test_of_many_failures_with_one_cause_some_are_named() -> None:
    failed = [
        FileResult("failed", f"/card/{number}", 1, code="truncated", message=f"{number}: cut off")
        for number in range(25)
    ]
    verdicts = {**NOTHING, "failed": Count(25, 25)}
    said = lines(failed, Report(Count(25, 25), Count(), verdicts), order())
    assert "failed: truncated, 25 files" in said
    assert "  0: cut off" in said
    assert "  … and 15 more" in said
    assert sum(line.endswith("cut off") for line in said) == EXAMPLES
    assert said[-1].startswith("What failed was left where it is.")


def test_files_of_other_kinds_are_counted_by_suffix() -> None:
    other = {".txt": Count(3, 30), "": Count(1, 10), ".d\x07": Count(1, 1)}
    said = lines([], Report(Count(5, 41), Count(), NOTHING, other), order())
    (line,) = [line for line in said if line.startswith("  other")]
    assert "3 .txt, 1 without a suffix, 1 .d\\x07" in line


def test_a_dry_run_warns_of_a_full_disk() -> None:
    verdicts = {**NOTHING, "new": Count(1, 2 * 10**9)}
    new = FileResult("new", "/card/a", 2 * 10**9, folder="2024/2024-05-17", date_source="x")
    said = lines([new], Report(Count(1, 1), Count(), verdicts), order(is_dry_run=True))
    assert "The new ones would be filed by day: 1 in 2024." in said
    assert said[-1] == "There is too little room: 2.0 GB would be added; 1.0 GB are free."


def test_an_import_that_could_not_go_on_says_why_and_how_to_go_on() -> None:
    report = Report(Count(), Count(), NOTHING, is_complete=False, trouble="the disk is full")
    said = lines([], report, order(mode="move"))
    assert said[-2:] == [
        "It could not go on: the disk is full",
        "Stopped before the end. The same command goes on; what is stored stays stored.",
    ]


def test_json_is_one_document_with_and_without_files(capsys: pytest.CaptureFixture[str]) -> None:
    for results in ([], [FileResult("left", '/card/"a"', 1, message="in use")]):
        view = JsonView()
        view.begin(order(), ["/card"], Path("/library"))
        for result in results:
            view.add(result)
        view.end(Ending(Report(Count(1, 1), Count(), NOTHING), 1.5))
        found = json.loads(capsys.readouterr().out)
        assert (found["sources"], found["mode"], found["is_dry_run"]) == (["/card"], "copy", False)
        assert len(found["files"]) == len(results)
        assert (found["found"], found["seconds"]) == ({"files": 1, "bytes": 1}, 1.5)
