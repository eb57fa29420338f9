"""Lines of sha256sum, findings and progress as they are written; no database needed."""

import json
import os
from pathlib import Path

import pytest
from cli.commands.progress import PlainProgress
from cli.commands.verify_view import JsonReport, Scope, finding_line
from cli.verification.library import storable
from cli.verification.manifest import line
from cli.verification.original import Finding
from cli.verification.queries import Asset
from cli.verification.walk import files_below

pytestmark = pytest.mark.unit

HASH = "ab" * 32


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("2024/a.jpg", f"{HASH}  2024/a.jpg\n"),
        ("2024/ -x *🎂.jpg", f"{HASH}  2024/ -x *🎂.jpg\n"),
        ("2024/two\nlines.jpg", f"\\{HASH}  2024/two\\nlines.jpg\n"),
        ("2024/back\\slash.jpg", f"\\{HASH}  2024/back\\\\slash.jpg\n"),
        ("2024/Icon\r", f"\\{HASH}  2024/Icon\\r\n"),
    ],
)
def test_a_manifest_line_escapes_as_sha256sum_does(path: str, written: str) -> None:
    assert line(Asset(1, HASH, path, 1)) == written.encode()


def test_a_finding_cannot_break_its_line() -> None:
    assert finding_line(Finding("unknown", "two\nlines.jpg")) == "unknown     two\\nlines.jpg"


def test_an_altered_original_is_shown_with_both_hashes() -> None:
    shown = finding_line(Finding("altered", "a.jpg", HASH, "cd" * 32))
    assert shown == f"altered     a.jpg  (expected {HASH}, found {'cd' * 32})"


def test_an_unreadable_one_is_shown_with_its_reason() -> None:
    shown = finding_line(Finding("unreadable", "a.jpg", HASH, message="Permission denied"))
    assert shown == "unreadable  a.jpg  (Permission denied)"


def test_json_without_an_end_is_no_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Who reads a report that was cut off must not take it for a whole one."""
    report = JsonReport()
    report.begin(Scope("library", originals=2, chosen=2))
    report.add(Finding("unknown", "\udcff.jpg"))
    with pytest.raises(json.JSONDecodeError):
        json.loads(capsys.readouterr().out)


def test_progress_is_a_line_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    progress = PlainProgress("Reading originals", "bytes", 4_000_000_000, clock=lambda: now)
    for _ in range(20):
        now += 1
        progress.advance(100_000_000)
    assert capsys.readouterr().err.splitlines() == [
        "Reading originals: 1.0 GB of 4.0 GB, 100.0 MB/s, 30 s left",
        "Reading originals: 2.0 GB of 4.0 GB, 100.0 MB/s, 20 s left",
    ]


def test_progress_without_a_known_end_names_none(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    progress = PlainProgress("Looking for unknown files", "files", None, clock=lambda: now)
    now = 10.0
    progress.advance(5000)
    assert capsys.readouterr().err == "Looking for unknown files: 5,000 files, 500 files/s\n"


def test_the_walk_leaves_out_what_is_not_ours_and_follows_no_link(tmp_path: Path) -> None:
    library = tmp_path / "library"
    for name in ("2024/a.jpg", ".incoming/half", ".photo-factory-root", "2024/@eaDir/a.jpg"):
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / name).touch()
    (library / "2024/around").symlink_to(library)
    (library / "2024/nowhere.jpg").symlink_to(library / "gone")
    (library / "2024/itself.jpg").symlink_to(library / "2024/itself.jpg")
    (found,) = files_below(library)
    assert not isinstance(found, Finding)
    assert sorted(found) == ["2024/a.jpg", "2024/itself.jpg", "2024/nowhere.jpg"]


def test_the_walk_hands_over_a_big_folder_in_parts(tmp_path: Path) -> None:
    for number in range(2500):
        (tmp_path / f"{number}.jpg").touch()
    parts = list(files_below(tmp_path))
    assert [len(part) for part in parts if not isinstance(part, Finding)] == [1000, 1000, 500]


def test_a_folder_that_cannot_be_opened_is_a_finding_and_the_others_are_looked_at(
    tmp_path: Path,
) -> None:
    """A path of more than 4,096 bytes stands for any folder that the system refuses to open."""
    (tmp_path / "a.jpg").touch()
    inner = os.open(tmp_path, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("x" * 250, dir_fd=inner)
        outer, inner = inner, os.open("x" * 250, os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    os.close(inner)
    names, closed = files_below(tmp_path)
    assert names == ["a.jpg"]
    assert isinstance(closed, Finding)
    assert (closed.kind, closed.message) == ("unreadable", "File name too long")


def test_a_name_that_is_no_utf_8_can_have_no_row() -> None:
    assert storable(["ä.jpg", "\udcff.jpg", "a.jpg"]) == ["ä.jpg", "a.jpg"]
