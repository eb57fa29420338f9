"""The single checks of doctor."""

from pathlib import Path
from uuid import uuid4

import pytest
from cli.commands.checks import (
    check_folder,
    check_marker,
    check_space,
    judge_exiftool,
    judge_schema,
    judge_server,
)
from cli.commands.queries import Server
from photo_factory.roots import MARKER

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("found", "result"),
    [
        ("12.24", "ok"),
        ("12.57", "ok"),
        ("13.05", "ok"),
        ("12.16", "finding"),
        ("9.99", "finding"),
        ("", "finding"),
        ("surprise", "finding"),
    ],
)
def test_exiftool_must_be_newer_than_its_known_hole(found: str, result: str) -> None:
    check = judge_exiftool(found)
    assert check.result == result
    assert bool(check.remedy) == (result == "finding")


def test_a_folder_that_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    assert check_folder("inbox", tmp_path).result == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_a_finding_with_its_remedy(tmp_path: Path) -> None:
    check = check_folder("inbox", tmp_path / "none")
    assert (check.result, check.remedy) == ("finding", f"Make it: mkdir -p '{tmp_path / 'none'}'")


def test_a_folder_that_cannot_be_written_is_a_finding() -> None:
    """In the kernel's own file system nobody can make files, not even root."""
    check = check_folder("inbox", Path("/proc/self"))
    assert (check.result, "cannot be written" in check.message) == ("finding", True)


def test_the_space_of_a_missing_folder_is_that_of_the_one_above(tmp_path: Path) -> None:
    assert check_space("inbox", tmp_path / "a" / "b").result in ("ok", "finding")


def test_a_current_server_with_the_same_clock_is_fine() -> None:
    results = [check.result for check in judge_server(Server("17.2", 170_002, 0.5))]
    assert results == ["ok", "ok"]


@pytest.mark.parametrize(("ahead", "words"), [(90.0, "ahead of"), (-90.0, "behind")])
def test_a_clock_that_differs_is_a_finding(ahead: float, words: str) -> None:
    _, clock = judge_server(Server("17.2", 170_002, ahead))
    assert (clock.result, words in clock.message) == ("finding", True)


def test_an_old_server_is_a_finding() -> None:
    server, _ = judge_server(Server("12.1", 120_001, 0.0))
    assert (server.result, server.remedy) == ("finding", "Update it to version 14 or later.")


def test_tables_of_another_version_are_a_finding() -> None:
    assert judge_schema(0).result == "ok"
    assert judge_schema(2).remedy == "Run: photo-factory migrate"


def test_a_folder_is_known_by_its_marker(tmp_path: Path) -> None:
    marker = uuid4()
    assert check_marker("library", tmp_path, None).result == "skipped"
    assert check_marker("library", tmp_path, marker).result == "finding"
    (tmp_path / MARKER).write_text(f"{uuid4()}\n")
    assert "another installation" in check_marker("library", tmp_path, marker).message
    (tmp_path / MARKER).write_text(f"{marker}\n")
    assert check_marker("library", tmp_path, marker).result == "ok"
