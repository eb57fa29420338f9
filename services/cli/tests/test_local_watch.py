"""What local mode says of its services."""

from pathlib import Path

import pytest
from cli.local.watch import LogTail, Watch

pytestmark = pytest.mark.unit
STAMP = "2026-05-17 10:00:00,000"
UP = f"{STAMP} INFO success: {{}} entered RUNNING state, process has stayed up for > than 3 seconds"
KILLED = f"{STAMP} WARN exited: {{}} (terminated by SIGKILL; not expected)"
CODE = f"{STAMP} WARN exited: {{}} (exit status 2; not expected)"
SPAWNED = f"{STAMP} INFO spawned: '{{}}' with pid 17"


@pytest.fixture
def watch() -> Watch:
    return Watch(Path("/logs"))


def test_a_start_without_trouble_needs_no_words(watch: Watch) -> None:
    assert watch.observe(SPAWNED.format("librarian")) is None
    assert watch.observe(UP.format("librarian")) is None
    assert watch.running == {"librarian"}


def test_a_death_and_a_return_are_told(watch: Watch) -> None:
    watch.observe(UP.format("service-monitor"))
    said = watch.observe(KILLED.format("service-monitor"))
    assert said == (
        "service-monitor ended (terminated by SIGKILL) and is started again. "
        "Its log: /logs/service-monitor.log"
    )
    assert watch.running == set()
    assert watch.observe(UP.format("service-monitor")) == "service-monitor runs again."


def test_a_service_that_dies_again_and_again_is_told_once(watch: Watch) -> None:
    assert watch.observe(CODE.format("backup")) is not None
    assert watch.observe(CODE.format("backup")) is None
    assert watch.observe(UP.format("backup")) == "backup runs again."


def test_a_service_that_cannot_be_started_is_told(watch: Watch) -> None:
    said = watch.observe(f"{STAMP} INFO spawnerr: can't find command 'python'")
    assert said == "A service could not be started: can't find command 'python'."


def test_an_orderly_stop_needs_no_words(watch: Watch) -> None:
    watch.observe(UP.format("backup"))
    assert watch.observe(f"{STAMP} INFO stopped: backup (exit status 0)") is None


def test_after_a_death_of_all_each_return_is_told(watch: Watch) -> None:
    watch.observe(UP.format("backup"))
    watch.forget()
    assert watch.running == set()
    assert watch.observe(UP.format("backup")) == "backup runs again."


def test_a_tail_gives_whole_lines_that_came_after_it(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("old\n")
    tail = LogTail(path)
    with path.open("a") as log:
        log.write("first\nsec")
        log.flush()
        assert tail.lines() == ["first"]
        log.write("ond\n")
        log.flush()
        assert tail.lines() == ["second"]
        assert tail.lines() == []
    tail.close()


def test_a_tail_follows_a_rotation_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log"
    tail = LogTail(path)
    assert tail.lines() == []
    path.write_text("first\n")
    assert tail.lines() == ["first"]
    with path.open("a") as log:
        log.write("second\n")
    path.rename(tmp_path / "log.1")
    path.write_text("third\n")
    assert tail.lines() == ["second", "third"]
    tail.close()
