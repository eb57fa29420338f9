"""What photo-factory import refuses before it has touched anything, and how it says so."""

from pathlib import Path

import pytest
from file_systems import as_somebody_else
from import_runs import Run, dump, snapshot
from librarian.bulk_sources import RefusedError, find_sources
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.imports import IMPORT_LOCKS
from photo_factory.roots import MARKER, ensure_root
from photo_files import save_photo

pytestmark = pytest.mark.integration


@pytest.fixture
def source(tmp_path: Path) -> Path:
    save_photo(tmp_path / "card" / "a.jpg")
    return tmp_path / "card"


@pytest.mark.parametrize(
    "asked",
    [
        "data",
        "data/library",
        "data/library/2024",
        "data/inbox",
        "data/inbox/phone",
        "data/derivatives",
        "data/quarantine",
        "more/inboxes/camera",
        "more",
        "shortcut",
        "data/inbox/phone/a.jpg",
        ".",
    ],
)
def test_what_the_installation_keeps_is_not_imported(
    asked: str, run_import: Run, tmp_path: Path, connection: Connection
) -> None:
    save_photo(tmp_path / "data" / "inbox" / "phone" / "a.jpg")
    for name in ("library/2024", "derivatives", "quarantine"):
        (tmp_path / "data" / name).mkdir(parents=True)
    (tmp_path / "more" / "inboxes" / "camera").mkdir(parents=True)
    (tmp_path / "shortcut").symlink_to(tmp_path / "data" / "library")
    before = snapshot(tmp_path), dump(connection)
    result = run_import(
        tmp_path / asked, PF_MORE_INBOXES=f"camera:keep:{tmp_path}/more/inboxes/camera"
    )
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Nothing can be imported from there." in result.stderr
    assert (snapshot(tmp_path), dump(connection)) == before


def test_an_empty_name_is_not_taken_for_the_present_folder(
    run_import: Run, source: Path, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a variable that is not set: with --move, whatever lies there would have gone."""
    monkeypatch.chdir(source)
    before = snapshot(source), dump(connection)
    result = run_import("--move", "")
    assert result.exit_code == 2
    assert "a name is empty" in result.stderr
    assert (snapshot(source), dump(connection)) == before


def test_a_path_that_is_not_there_is_named(run_import: Run, tmp_path: Path) -> None:
    result = run_import(tmp_path / "nowhere\n")
    assert (result.exit_code, result.stderr) == (
        2,
        f"There is no folder or file {tmp_path}/nowhere\\n.\n",
    )


def test_one_wrong_path_among_good_ones_stops_all(
    run_import: Run, source: Path, tmp_path: Path, connection: Connection
) -> None:
    assert run_import(source, tmp_path / "nowhere").exit_code == 2
    assert connection.execute("SELECT count(*) FROM media_assets").fetchone() == (0,)


def test_a_link_to_a_file_a_circle_and_a_hidden_file_are_refused(
    run_import: Run, source: Path
) -> None:
    (source / "link.jpg").symlink_to(source / "a.jpg")
    (source / "circle").symlink_to("circle")
    save_photo(source / ".hidden.jpg")
    assert "is a symbolic link" in run_import(source / "link.jpg").stderr
    assert "cannot be read" in run_import(source / "circle").stderr
    assert "always left alone" in run_import(source / ".hidden.jpg").stderr


def test_a_link_to_a_folder_is_followed_if_a_person_names_it(
    run_import: Run, source: Path, tmp_path: Path
) -> None:
    (tmp_path / "shortcut").symlink_to(source)
    result = run_import(tmp_path / "shortcut")
    assert (result.exit_code, f"Copying from {source} " in result.stdout) == (0, True)


def test_copy_and_move_together_are_refused(run_import: Run, source: Path) -> None:
    assert run_import(source, "--copy", "--move").exit_code == 2


def test_nothing_begins_while_the_library_is_not_mounted(
    run_import: Run, source: Path, tmp_path: Path, connection: Connection
) -> None:
    library = tmp_path / "data" / "library"
    ensure_root(connection, "library", library)
    (library / MARKER).unlink()
    for arguments in ((), ("--dry-run",), ("--move", "--json")):
        result = run_import(source, *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Is the disk or share mounted?" in result.stderr
    assert (source / "a.jpg").exists()
    assert list(library.iterdir()) == []


def test_two_imports_from_one_folder_do_not_run_at_once(
    run_import: Run, source: Path, connection: Connection
) -> None:
    connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (IMPORT_LOCKS, str(source)))
    result = run_import(source, "--move")
    assert (result.exit_code, result.stderr) == (
        2,
        f"Another import from {source} is running.\n",
    )


@pytest.mark.parametrize("marked", ["", "..", "deep/down"])
def test_nothing_is_moved_out_of_another_installations_folder(
    marked: str, run_import: Run, source: Path
) -> None:
    """It may be this one's library by a path that nothing tells, such as one disk of a pool."""
    save_photo(source / "deep" / "down" / "b.jpg", "blue")
    (source / marked / MARKER).write_text("6ddb1a4e-6f7f-4dd0-9c3b-f7d8a5d4f5a1\n")
    result = run_import(source, "--move")
    assert result.exit_code in (1, 2)
    assert "of a Photo Factory installation" in result.stdout + result.stderr
    assert (source / "deep" / "down" / "b.jpg").exists()
    assert run_import(source, "--copy").exit_code == 0


def test_a_folder_that_cannot_be_written_is_not_moved_from(tmp_path: Path, source: Path) -> None:
    settings = LibrarianSettings(data_dir=tmp_path / "data")
    with as_somebody_else(source):
        source.chmod(0o500)
        with pytest.raises(RefusedError, match="cannot be written"):
            find_sources([source], settings, "move")
        assert [one.root for one in find_sources([source], settings, "keep")] == [source]
        source.chmod(0o000)
        with pytest.raises(RefusedError, match="cannot be read"):
            find_sources([source], settings, "keep")
        source.chmod(0o700)


def test_without_a_database_it_says_what_to_do(source: Path, run_import: Run) -> None:
    result = run_import(source, PF_DATABASE_URL="postgresql://me:geheim@127.0.0.1:1/photos")
    assert result.exit_code == 2
    assert "PostgreSQL cannot be reached" in result.stderr
    assert "geheim" not in result.stderr
