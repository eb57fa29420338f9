"""photo-factory import --takeout: what it says of Google's export, and what it refuses."""

import json
import zipfile
from pathlib import Path

import pytest
from import_runs import Run, counts, document, dump, snapshot
from ingest_runs import assert_library_is_sound
from photo_factory.database import Connection
from photo_files import rows
from small_takeouts import ALBUM, TAKEN, TRASH, YEAR, note, pack, photo

pytestmark = pytest.mark.integration
NAME = "takeout-20240101T000000Z-001.zip"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "data" / "library"


@pytest.fixture
def part(tmp_path: Path) -> Path:
    """Two photos, one of them in an album as well, one in the trash, and JSON without a photo."""
    members = {
        f"{YEAR}/red.jpg": photo("red"),
        f"{YEAR}/red.jpg.supplemental-metadata.json": note("red.jpg", favorited=True),
        f"{YEAR}/green.jpg": photo("green"),
        f"{YEAR}/green.jpg.json": note("green.jpg", TAKEN + 86_400, description="On the beach"),
        f"{ALBUM}/red.jpg": photo("red"),
        f"{ALBUM}/metadata.json": json.dumps({"title": "Summer!"}).encode(),
        f"{TRASH}/blue.jpg": photo("blue"),
        f"{TRASH}/blue.jpg.json": note("blue.jpg", trashed=True),
        f"{YEAR}/elsewhere.jpg.json": note("elsewhere.jpg"),
    }
    (tmp_path / "downloads").mkdir()
    return pack(tmp_path / "downloads" / NAME, members)


def test_dates_descriptions_favourites_and_json_come_with_the_photos(
    run_import: Run, part: Path, library: Path, connection: Connection
) -> None:
    before = snapshot(part.parent)
    result = run_import("--takeout", part, "--json")
    assert result.exit_code == 0, result.stderr
    assert counts(result) == {"new": 2, "duplicate": 1, "sidecar": 2}
    assert rows(connection, "path, captured_source, is_favorite, caption") == [
        ("2019/2019-07-13/red.jpg", "Takeout:PhotoTakenTime", True, None),
        ("2019/2019-07-14/green.jpg", "Takeout:PhotoTakenTime", False, "On the beach"),
    ]
    assert_library_is_sound(connection, library)
    assert (library / "2019/2019-07-13/red.jpg.json").is_file()
    assert snapshot(part.parent) == before


def test_the_document_tells_of_notes_dates_albums_and_trash(run_import: Run, part: Path) -> None:
    found = document(run_import("--takeout", part, "--json"))["takeout"]
    assert found["parts"] == [NAME]
    assert found["notes"]["attached"] == 2
    (waiting,) = found["notes"]["without_medium"]
    assert (waiting["count"], waiting["examples"]) == (1, [f"{YEAR}/elsewhere.jpg.json"])
    assert found["dates"] == {
        "sources": {"Takeout:PhotoTakenTime": 2},
        "groups": {"Takeout": 2},
    }
    assert found["albums"] == {"titles": ["Summer!"], "new_memberships": 1}
    assert (found["trashed"], found["faults"]) == (1, [])


def test_the_trash_comes_if_it_is_asked_for(run_import: Run, part: Path) -> None:
    result = run_import("--takeout", "--with-trash", part, "--json")
    assert counts(result)["new"] == 3


def test_a_dry_run_tells_what_is_new_and_writes_nothing(
    run_import: Run, part: Path, library: Path, connection: Connection
) -> None:
    library.mkdir(parents=True)
    before = dump(connection)
    result = run_import("--takeout", "--dry-run", part)
    assert result.exit_code == 0, result.stderr
    assert "new               2" in result.stdout
    assert "duplicate         1" in result.stdout
    assert "albums: 1 (Summer!)" in result.stdout
    assert "Not told" in result.stdout
    assert dump(connection) == before
    assert list(library.iterdir()) == []


def test_a_dry_run_after_the_import_knows_everything(run_import: Run, part: Path) -> None:
    run_import("--takeout", part)
    assert counts(run_import("--takeout", "--dry-run", part, "--json")) == {"known": 3}


def test_what_a_plain_import_took_in_gets_its_json_from_the_takeout(
    run_import: Run, part: Path, tmp_path: Path, connection: Connection
) -> None:
    with zipfile.ZipFile(part) as archive:
        archive.extractall(tmp_path / "unpacked")
    run_import(tmp_path / "unpacked")
    result = run_import("--takeout", tmp_path / "unpacked", "--json")
    assert result.exit_code == 0
    assert counts(result) == {"known": 3, "sidecar": 2}
    assert [row[0] for row in rows(connection, "is_favorite")].count(True) == 1


def test_a_damaged_part_ends_with_1_and_is_named(run_import: Run, part: Path) -> None:
    damaged = part.with_name(NAME.replace("001", "003"))
    damaged.write_bytes(part.read_bytes()[:500])
    result = run_import("--takeout", part.parent)
    assert result.exit_code == 1
    assert f"{damaged.name} is damaged" in result.stdout
    assert f"missing parts: {NAME.replace('001', '002')}" in result.stdout
    assert "1 JSON waits for files" in result.stdout


def test_a_json_that_is_none_does_not_wait_for_a_part(run_import: Run, tmp_path: Path) -> None:
    members = {f"{YEAR}/red.jpg.json": note("red.jpg"), f"{YEAR}/blue.jpg.json": b'{"title": "bl'}
    result = run_import("--takeout", pack(tmp_path / NAME.replace("001", "002"), members))
    assert "1 JSON waits for files" in result.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--takeout", "--move"), "A Takeout is only copied"),
        (("--with-trash",), "--with-trash is for a Takeout"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    run_import: Run, part: Path, options: tuple[str, ...], words: str
) -> None:
    result = run_import(*options, part)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_part_that_is_not_there_is_refused_in_a_sentence(run_import: Run, part: Path) -> None:
    result = run_import("--takeout", part.with_name("nothing.zip"))
    assert result.exit_code == 2
    assert "nothing.zip cannot be read" in result.stderr
