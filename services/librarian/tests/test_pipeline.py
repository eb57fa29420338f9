"""The threads of ingest: what is slow holds up nothing quick, and nothing is forgotten."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest
from batches import inbox_file
from librarian.pipeline import Job, Lane, Pipeline
from librarian.queries import InboxFile
from photo_factory.database import Connection
from photo_factory.storage import Identity

pytestmark = pytest.mark.unit

LANES: tuple[Lane, ...] = ("small", "huge", "tags", "place", "release")


class Line:
    """A pipeline, and how often it has woken its loop."""

    def __init__(self) -> None:
        self.wakes = 0
        self.pipeline = Pipeline(hands=2, readers=1, wake=self._wake)
        self.gate = threading.Event()

    def _wake(self) -> None:
        self.wakes += 1

    def start(self, lane: Lane, *calls: Callable[[], object], files: int = 1) -> list[InboxFile]:
        in_hand = [inbox_file(b"a.jpg", Identity(1, 1, 1, 1)) for _ in range(files)]
        self.pipeline.start(lane, in_hand, calls, self.end)
        return in_hand

    def end(self, _connection: Connection, _results: Sequence[object]) -> None:
        """What the loop would do with the results."""

    def wait_at_gate(self, answer: object = None) -> object:
        assert self.gate.wait(10)
        return answer


@pytest.fixture
def line() -> Iterator[Line]:
    one = Line()
    yield one
    one.gate.set()
    one.pipeline.close()


def results(jobs: Sequence[Job]) -> list[list[object]]:
    return [job.results() for job in jobs]


def test_the_results_of_a_batch_come_in_the_order_of_its_calls(line: Line) -> None:
    line.start("small", partial(line.wait_at_gate, 1), lambda: 2, lambda: 3)
    assert line.pipeline.finished(0.05) == []
    line.gate.set()
    assert results(line.pipeline.finished(5)) == [[1, 2, 3]]
    assert line.pipeline.is_idle


def test_it_is_not_waited_longer_than_asked(line: Line) -> None:
    line.start("small", line.wait_at_gate)
    began = time.monotonic()
    assert line.pipeline.finished(0.05) == []
    assert time.monotonic() - began < 2


def test_a_batch_that_is_done_is_handed_on_while_another_is_not(line: Line) -> None:
    line.start("tags", line.wait_at_gate)
    line.start("small", lambda: "quick")
    assert results(line.pipeline.finished(5)) == [["quick"]]
    assert (line.pipeline.count("tags"), line.pipeline.count("small")) == (1, 0)


@pytest.mark.parametrize("lane", ["huge", "backlog"])
def test_what_is_unhurried_is_not_waited_for_and_wakes_the_loop_when_it_is_done(
    lane: Lane, line: Line
) -> None:
    line.start(lane, line.wait_at_gate)
    began = time.monotonic()
    assert line.pipeline.finished(5) == []
    assert time.monotonic() - began < 2
    assert (line.pipeline.depth, line.wakes) == (0, 0)
    line.gate.set()
    deadline = time.monotonic() + 5
    while not line.wakes:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert results(line.pipeline.finished(5)) == [[None]]


@pytest.mark.parametrize("slow", LANES)
def test_no_lane_holds_up_another(slow: Lane, line: Line) -> None:
    line.start(slow, *[line.wait_at_gate] * 4)
    for other in LANES:
        if other != slow:
            line.start(other, lambda: "done")
    ended: list[Job] = []
    deadline = time.monotonic() + 5
    while len(ended) < len(LANES) - 1:
        assert time.monotonic() < deadline
        ended += line.pipeline.finished(0.1)
    assert {job.lane for job in ended} == set(LANES) - {slow}


def test_all_that_is_in_hand_is_known(line: Line) -> None:
    first = line.start("small", line.wait_at_gate, files=3)
    second = line.start("huge", line.wait_at_gate)
    assert line.pipeline.files == first + second
    assert not line.pipeline.is_idle


def test_what_a_call_raises_is_raised_to_who_takes_its_results(line: Line) -> None:
    def fail() -> None:
        raise LookupError

    line.start("small", fail, lambda: "whole")
    (job,) = line.pipeline.finished(5)
    with pytest.raises(LookupError):
        job.results()
    assert job.partial_results() == ["whole"]


def test_what_is_dropped_is_begun_no_more_and_handed_back(line: Line) -> None:
    begun: list[int] = []
    line.start("release", line.wait_at_gate)
    files = line.start("release", lambda: begun.append(1))
    dropped = line.pipeline.drop_all()
    assert [job.files for job in dropped[1:]] == [tuple(files)]
    assert line.pipeline.is_idle
    line.gate.set()
    line.pipeline.close()
    assert begun == []
    assert dropped[1].partial_results() == []


def test_a_batch_without_calls_is_done_at_once(line: Line) -> None:
    line.start("small")
    assert results(line.pipeline.finished(5)) == [[]]
