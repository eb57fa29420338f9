"""photo-factory import: what it takes in, what it leaves alone, and what it says of both."""

import os
import shutil
from pathlib import Path

import pytest
from cli.commands.problems import problems
from cli.commands.retry import retry
from generate import generate
from import_runs import Run, counts, document, dump, remaining, snapshot, verdicts
from inbox_drops import AAE, drop_companions
from ingest_runs import assert_library_is_sound, files_below, hashes_below
from photo_factory.database import Connection
from photo_factory.pauses import pause
from photo_factory.problems import read_problems
from photo_files import rows, save_photo
from typer import Typer
from typer.testing import CliRunner

pytestmark = pytest.mark.integration


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An old disk with three photos, two of which are equal, and something else."""
    folder = tmp_path / "old disk"
    save_photo(folder / "2010" / "a.jpg", "red")
    save_photo(folder / "2011" / "b.jpg", "green")
    shutil.copy2(folder / "2010" / "a.jpg", folder / "2011" / "again.jpg")
    (folder / "2011" / "notes.txt").write_text("Remember the milk.")
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "data" / "library"


def test_a_copy_takes_everything_in_and_leaves_the_source_byte_and_time_identical(
    run_import: Run, source: Path, library: Path, connection: Connection
) -> None:
    before = snapshot(source)
    result = run_import(source, "--json")
    assert result.exit_code == 0, result.stderr
    assert counts(result) == {"new": 2, "duplicate": 1, "other": 1}
    assert snapshot(source) == before
    assert_library_is_sound(connection, library)
    assert len(files_below(library / "2024" / "2024-05-17")) == 2
    assert remaining(connection) == {}


def test_where_a_photo_came_from_is_recorded(
    run_import: Run, source: Path, connection: Connection
) -> None:
    run_import(source)
    sources = {origin for (origin,) in rows(connection, "source")}
    assert f"import:{source}/2011/b.jpg" in sources


def test_a_second_run_reads_nothing_again(
    run_import: Run, source: Path, connection: Connection
) -> None:
    run_import(source)
    before = dump(connection)
    photo = source / "2010" / "a.jpg"
    time_ns = photo.stat().st_mtime_ns
    content = bytearray(photo.read_bytes())
    content[-20] ^= 1  # of the same size and time: only reading would tell
    photo.write_bytes(content)
    os.utime(photo, ns=(time_ns, time_ns))
    result = run_import(source, "--json")
    assert (result.exit_code, counts(result)) == (0, {"known": 3, "other": 1})
    assert dump(connection) == {**before, "stage_metrics": dump(connection)["stage_metrics"]}


def test_what_was_added_or_changed_since_is_taken_in(
    run_import: Run, source: Path, library: Path, connection: Connection
) -> None:
    run_import(source)
    save_photo(source / "2010" / "a.jpg", "blue")
    save_photo(source / "c.jpg", "yellow")
    assert counts(run_import(source, "--json")) == {"new": 2, "known": 2, "other": 1}
    assert_library_is_sound(connection, library)
    assert len(files_below(library)) == 4


def test_a_move_removes_what_is_stored_and_nothing_else(
    run_import: Run, source: Path, library: Path, connection: Connection
) -> None:
    before = set(hashes_below(source))
    result = run_import(source, "--move", "--json")
    assert (result.exit_code, document(result)["mode"]) == (0, "move")
    assert [path.name for path in files_below(source)] == ["notes.txt"]
    assert {path.name for path in source.iterdir()} == {"2010", "2011"}
    assert set(hashes_below(library)) | set(hashes_below(source)) == before
    assert_library_is_sound(connection, library)


def test_a_move_after_a_copy_proves_each_file_before_it_is_removed(
    run_import: Run, source: Path, library: Path, connection: Connection
) -> None:
    run_import(source)
    next(library.rglob("b.jpg")).unlink()
    result = run_import(source, "--move", "--json")
    assert counts(result) == {"duplicate": 3, "other": 1}
    assert [path.name for path in files_below(source)] == ["notes.txt"]
    assert_library_is_sound(connection, library)


def test_files_of_other_kinds_are_left_alone_and_are_no_failure(
    run_import: Run, source: Path, connection: Connection
) -> None:
    result = run_import(source, "--move", "--json", PF_OTHER_FILES="quarantine")
    assert document(result)["other"] == {"files": 1, "bytes": 18, "suffixes": {".txt": 1}}
    assert (source / "2011" / "notes.txt").exists()
    assert remaining(connection) == {}


def test_what_fails_stays_explains_itself_and_is_tried_again_by_the_next_run(
    run_import: Run, source: Path, connection: Connection
) -> None:
    broken = source / "broken.jpg"
    broken.write_bytes((source / "2010" / "a.jpg").read_bytes()[:-40])
    (source / "zeros.jpg").write_bytes(b"\0" * 5000)
    result = run_import(source, "--move")
    assert result.exit_code == 1
    assert "failed: truncated, 1 file" in result.stdout
    assert "broken.jpg: the file is not complete" in result.stdout
    found = {(one.scope, one.code, one.path) for one in read_problems(connection)}
    assert found == {
        ("import", "truncated", str(broken)),
        ("import", "not_media", str(source / "zeros.jpg")),
    }
    save_photo(broken, "blue")
    (source / "zeros.jpg").unlink()
    assert run_import(source, "--copy").exit_code == 0
    assert read_problems(connection) == ()


def test_a_dry_run_changes_nothing_at_all(
    run_import: Run, source: Path, tmp_path: Path, connection: Connection
) -> None:
    run_import(source)
    save_photo(source / "new.jpg", "blue")
    (source / "empty.jpg").touch()
    before = snapshot(tmp_path), dump(connection)
    for mode in ("--copy", "--move"):
        assert run_import(source, "--dry-run", mode).exit_code == 1
    assert (snapshot(tmp_path), dump(connection)) == before


def test_a_dry_run_before_the_first_start_makes_no_library(
    run_import: Run, source: Path, tmp_path: Path
) -> None:
    assert run_import(source, "--dry-run").exit_code == 0
    assert not (tmp_path / "data").exists()


def test_a_dry_run_says_of_each_file_what_the_import_then_does(
    run_import: Run, tmp_path: Path, connection: Connection
) -> None:
    source = tmp_path / "samples"
    generate(source)
    drop_companions(source / "phone")
    (source / "alone.aae").write_text(AAE)
    said = run_import(source, "--dry-run", "--json")
    done = run_import(source, "--json")
    assert said.exit_code == done.exit_code == 1
    assert counts(said) == counts(done)
    folders = {one["path"]: one["folder"] for one in document(said)["files"]}
    new = [one for one in document(done)["files"] if one["verdict"] == "new"]
    # Which of two equal files is the original is decided by the order in which they are met.
    known = [one for one in new if folders[one["path"]] is not None]
    assert len(known) > 25
    assert {one["path"]: one["folder"] for one in known} == {
        one["path"]: folders[one["path"]] for one in known
    }
    codes = {one["path"]: one["code"] for one in document(said)["files"] if one["code"]}
    assert codes == {one["path"]: one["code"] for one in document(done)["files"] if one["code"]}
    assert connection.execute("SELECT count(*) FROM sidecars").fetchone() == (2,)


def test_a_dry_run_tells_people_the_years_and_the_room(run_import: Run, source: Path) -> None:
    save_photo(source / "undated.jpg", "blue", taken=None)
    os.utime(source / "undated.jpg", (1_000_000_000, 1_000_000_000))
    text = run_import(source, "--dry-run").stdout
    assert "Dry run, nothing is changed" in text
    assert "filed by day: 1 in 2001, 2 in 2024." in text
    assert "1 of them says nothing of when they were taken" in text
    assert "are free" in text


def test_a_sidecar_without_its_photo_is_left_alone_and_named(
    run_import: Run, source: Path, connection: Connection
) -> None:
    (source / "alone.aae").write_text(AAE)
    (source / "2010" / "a.aae").write_text(AAE)
    result = run_import(source, "--json")
    assert result.exit_code == 0
    assert verdicts(result, source)["alone.aae"] == "left"
    assert verdicts(result, source)["2010/a.aae"] == "sidecar"
    assert remaining(connection) == {}


def test_links_and_pipes_are_not_followed_but_named(run_import: Run, source: Path) -> None:
    outside = source.parent / "outside"
    save_photo(outside / "secret.jpg", "blue")
    (source / "folder").symlink_to(outside)
    (source / "link.jpg").symlink_to(outside / "secret.jpg")
    os.mkfifo(source / "pipe.jpg")
    result = run_import(source, "--json")
    codes = {one["path"]: one["code"] for one in document(result)["files"] if one["code"]}
    assert codes == {
        f"{source}/folder": "symlink",
        f"{source}/link.jpg": "symlink",
        f"{source}/pipe.jpg": "not_a_regular_file",
    }
    assert counts(result)["new"] == 2


def test_single_files_and_several_folders_can_be_named(
    run_import: Run, source: Path, connection: Connection
) -> None:
    save_photo(source / "2010" / "not asked for.jpg", "blue")
    photo = source / "2010" / "a.jpg"
    result = run_import(photo, source / "2011", source / "2011" / "b.jpg", "--json")
    assert document(result)["sources"] == [str(source / "2010"), str(source / "2011")]
    assert counts(result) == {"new": 2, "duplicate": 1, "other": 1}
    # The ledger is the folder's: who imports all of it does not read the file again.
    assert counts(run_import(source / "2010", "--json")) == {"new": 1, "known": 1}
    assert remaining(connection) == {}


def test_a_single_file_does_not_touch_what_is_remembered_of_its_neighbours(
    run_import: Run, source: Path, connection: Connection
) -> None:
    (source / "empty.jpg").touch()
    save_photo(source / "c.jpg", "blue")
    assert run_import(source).exit_code == 1
    assert run_import(source / "c.jpg").exit_code == 0
    assert remaining(connection) == {"empty.jpg": "empty_file"}


def test_odd_names_are_taken_in_and_shown_escaped(
    run_import: Run, tmp_path: Path, library: Path, connection: Connection
) -> None:
    source = tmp_path / os.fsdecode(b"caf\xe9\n")
    save_photo(source / "-x.jpg", "red")
    save_photo(source / os.fsdecode(b"\xff.jpg"), "blue")
    result = run_import(source, "--json")
    assert counts(result) == {"new": 2}
    assert document(result)["sources"] == [f"{tmp_path}/caf\\xe9\\n"]
    assert_library_is_sound(connection, library)
    assert counts(run_import(source, "--json")) == {"known": 2}


def test_a_paused_librarian_does_not_hold_an_import_up(
    run_import: Run, source: Path, connection: Connection
) -> None:
    pause(connection, "librarian", "somebody")
    assert run_import(source).exit_code == 0


def test_an_empty_folder_is_no_failure(run_import: Run, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    result = run_import(tmp_path / "nothing")
    assert (result.exit_code, "0 files seen" in result.stdout) == (0, True)


def test_failed_files_of_an_import_are_shown_and_not_retried_by_a_service(
    run_import: Run, source: Path, tmp_path: Path, database_url: str
) -> None:
    (source / "empty.jpg").touch()
    run_import(source)
    app = Typer()
    app.command()(problems)
    app.command()(retry)
    variables = {"PF_DATA_DIR": str(tmp_path / "data"), "PF_DATABASE_URL": database_url}
    shown = CliRunner().invoke(app, ["problems", "--stage", "import"], env=variables)
    assert "import: empty_file, 1 file" in shown.stdout
    assert str(source / "empty.jpg") in shown.stdout
    assert shown.stdout.splitlines()[-1] == "Files of an import: run the same import again."
    refused = CliRunner().invoke(app, ["retry", "--stage", "import"], env=variables)
    assert (refused.exit_code, "Run the same import again." in refused.stderr) == (2, True)
    untouched = CliRunner().invoke(app, ["retry", "--all"], env=variables)
    assert untouched.stdout == "Nothing that failed matches.\n"
