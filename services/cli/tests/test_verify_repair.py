"""photo-factory verify --repair: healthy copies take the place of what was lost or altered."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from cli.commands.verify import verify
from cli.commands.verify_view import closing_lines
from cli.verification.library import Verification
from cli.verification.places import Candidate, Unread, candidates
from cli.verification.repair import Repair, Repairs, hash_regular
from photo_factory.database import Connection
from photo_factory.roots import RootMissingError, ensure_root
from photo_files import save_photo
from typer import Typer
from typer.testing import CliRunner, Result

Run = Callable[..., Result]
DAY = "2024/2024-05-17"
A, B = f"{DAY}/a.jpg", f"{DAY}/b.jpg"
INSERT = """
INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, size_bytes,
    captured_local, captured_source)
VALUES (decode(%s, 'hex'), %s, 'x', 'inbox/x', 'photo', 'image/jpeg', %s, now(), 'test')
RETURNING id
"""


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    """Run `verify` as `photo-factory` would, on this test's data folder and database."""
    app = Typer()
    app.command()(verify)

    def invoke(*arguments: str | Path) -> Result:
        variables = {"PF_DATA_DIR": str(tmp_path), "PF_DATABASE_URL": database_url}
        return CliRunner().invoke(app, [str(one) for one in arguments], env=variables)

    return invoke


@pytest.fixture
def library(tmp_path: Path, connection: Connection) -> Path:
    """A library of two originals that the database knows, and an empty inbox."""
    root = tmp_path / "library"
    ensure_root(connection, "library", root)
    for path, colour in ((A, "red"), (B, "blue")):
        digest = save_photo(root / path, colour)
        connection.execute(INSERT, (digest, path, (root / path).stat().st_size))
    (tmp_path / "inbox").mkdir()
    return root


@pytest.fixture
def old_backup(tmp_path: Path, library: Path) -> Path:
    """Copies of both originals under names of their own, among other files."""
    folder = tmp_path / "old backup"
    (folder / "deep" / ".hidden").mkdir(parents=True)
    shutil.copy2(library / A, folder / "IMG_1.jpg")
    shutil.copy2(library / B, folder / "deep" / ".hidden" / "IMG_2.jpg")
    save_photo(folder / "deep" / "other.jpg", "green")
    return folder


@pytest.fixture
def other_disk() -> Iterator[Path]:
    """A folder on another file system."""
    folder = Path("/dev/shm") / f"photo-factory-test-{uuid4()}"  # noqa: S108 - it has to be there
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def content(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def alter(path: Path) -> str:
    """Turn one bit of a file; returns the hash of what it is now."""
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)
    return content(path)


def tree(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file below a folder, with its content and inode."""
    return {
        str(path.relative_to(folder)): (content(path), path.stat().st_ino)
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def asset_id(connection: Connection, path: str) -> int:
    row = connection.execute("SELECT id FROM media_assets WHERE path = %s", [path]).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.integration
def test_an_altered_original_is_replaced_and_kept_in_the_quarantine(
    run: Run, library: Path, old_backup: Path, tmp_path: Path
) -> None:
    healthy, damaged = content(library / A), alter(library / A)
    result = run("--repair", "--from", old_backup)
    assert result.exit_code == 0, result.output
    assert f"altered     {A}  (expected {healthy}, found {damaged})\n" in result.stdout
    assert f"repaired    {A}  (from {old_backup}/IMG_1.jpg)\n" in result.stdout
    assert "1 finding: 1 altered.\n1 of them in order again, 0 left.\n" in result.stdout
    assert content(library / A) == healthy
    assert [content(path) for path in (tmp_path / "quarantine").iterdir()] == [damaged]
    assert run().exit_code == 0


@pytest.mark.integration
def test_missing_originals_come_back_with_their_folders(
    run: Run, library: Path, old_backup: Path, tmp_path: Path
) -> None:
    wanted, offered = tree(library / DAY).keys(), tree(old_backup)
    shutil.rmtree(library / "2024")
    result = run("--repair", "--from", old_backup)
    assert result.exit_code == 0, result.output
    assert f"repaired    {B}  (from {old_backup}/deep/.hidden/IMG_2.jpg)\n" in result.stdout
    assert tree(library / DAY).keys() == wanted
    assert tree(old_backup) == offered
    assert not (tmp_path / "quarantine").exists()
    assert run().exit_code == 0


@pytest.mark.integration
def test_the_original_never_shares_its_bytes_with_the_copy(
    run: Run, library: Path, old_backup: Path
) -> None:
    """Whoever edits their old backup later must not alter the original."""
    (library / A).unlink()
    run("--repair", "--from", old_backup)
    assert (library / A).stat().st_nlink == 1
    assert (library / A).stat().st_ino != (old_backup / "IMG_1.jpg").stat().st_ino


@pytest.mark.integration
def test_without_from_only_the_inbox_is_looked_at(
    run: Run, library: Path, old_backup: Path, tmp_path: Path
) -> None:
    shutil.copy2(old_backup / "IMG_1.jpg", tmp_path / "inbox" / "again.jpg")
    (library / A).unlink()
    (library / B).unlink()
    result = run("--repair")
    assert result.exit_code == 1
    assert f"repaired    {A}  (from {tmp_path}/inbox/again.jpg)\n" in result.stdout
    assert f"no copy     {B}\n" in result.stdout
    assert "1 of them in order again, 1 left.\n" in result.stdout
    assert "No healthy copy: look in other folders with --from" in result.stdout
    assert (tmp_path / "inbox" / "again.jpg").exists()


@pytest.mark.integration
def test_a_copy_on_another_file_system_will_do(
    run: Run, library: Path, old_backup: Path, other_disk: Path
) -> None:
    assert other_disk.stat().st_dev != library.stat().st_dev
    shutil.move(old_backup, other_disk / "moved")
    healthy, _ = content(library / A), alter(library / A)
    assert run("--repair", "--from", other_disk).exit_code == 0
    assert content(library / A) == healthy


@pytest.mark.integration
def test_nothing_is_changed_without_repair(
    run: Run, library: Path, old_backup: Path, tmp_path: Path
) -> None:
    shutil.copy2(old_backup / "IMG_1.jpg", tmp_path / "inbox" / "again.jpg")
    alter(library / A)
    (library / B).unlink()
    before = tree(tmp_path)
    result = run("--all")
    assert result.exit_code == 1
    assert tree(tmp_path) == before
    assert "photo-factory verify --repair --from FOLDER" in result.stdout


@pytest.mark.integration
def test_an_altered_original_without_a_copy_stays_as_it_is(
    run: Run, library: Path, tmp_path: Path
) -> None:
    """Half a photo is more than none."""
    damaged = alter(library / A)
    result = run("--repair")
    assert result.exit_code == 1
    assert f"no copy     {A}\n" in result.stdout
    assert content(library / A) == damaged
    assert not (tmp_path / "quarantine").exists()


@pytest.mark.integration
def test_a_copy_that_is_damaged_as_well_is_no_copy(
    run: Run, library: Path, old_backup: Path
) -> None:
    alter(old_backup / "IMG_1.jpg")
    damaged = alter(library / A)
    assert run("--repair", "--from", old_backup).exit_code == 1
    assert content(library / A) == damaged


@pytest.mark.integration
def test_links_are_not_followed(run: Run, library: Path, old_backup: Path, tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    (links / "folder").symlink_to(old_backup)
    (links / "file.jpg").symlink_to(old_backup / "IMG_1.jpg")
    (links / "itself").symlink_to(links)
    (library / A).unlink()
    assert run("--repair", "--from", links).exit_code == 1
    assert run("--repair", "--from", links / "folder").exit_code == 0


@pytest.mark.integration
def test_a_single_file_may_be_given(run: Run, library: Path, old_backup: Path) -> None:
    (library / A).unlink()
    assert run("--repair", "--from", old_backup / "IMG_1.jpg").exit_code == 0


@pytest.mark.integration
@pytest.mark.parametrize(("lost_bytes", "unread"), [(0, 1), (1, 0)])
def test_a_copy_that_cannot_be_read_is_named_and_others_are_not_even_opened(
    library: Path, old_backup: Path, connection: Connection, lost_bytes: int, unread: int
) -> None:
    """Once listed, it becomes a link; opening that fails. Of another size, it is of no interest."""
    (library / A).unlink()
    fickle, spare = old_backup / "IMG_1.jpg", old_backup / "spare.jpg"
    shutil.copy2(fickle, spare)
    fickle.write_bytes(fickle.read_bytes()[lost_bytes:])

    def become_link(_: int) -> None:
        fickle.unlink()
        fickle.symlink_to(spare)

    repairs = Repairs(connection, Verification(connection, library), library / "quarantine")
    found = list(repairs.run([asset_id(connection, A)], [fickle], become_link))
    assert found == [Repair(A, "no copy")]
    assert repairs.unread == unread
    named = [Unread(fickle, "Too many levels of symbolic links")]
    assert repairs.unread_examples == named * unread


@pytest.mark.integration
def test_a_copy_that_changes_meanwhile_is_not_used_and_the_next_one_is(
    library: Path, old_backup: Path, connection: Connection, tmp_path: Path
) -> None:
    """It is whole when it is found and another one when it is copied."""
    healthy, damaged = content(library / A), alter(library / A)
    fickle = old_backup / "IMG_1.jpg"
    spare = tmp_path / "spare.jpg"
    shutil.copy2(fickle, spare)

    class Meddling(Verification):
        """Something happens between the search and the repair, at the last guard."""

        def guard(self) -> None:
            super().guard()
            fickle.write_bytes(b"another photo")

    repairs = Repairs(connection, Meddling(connection, library), tmp_path / "quarantine")
    number = asset_id(connection, A)
    assert [repair.outcome for repair in repairs.run([number], [fickle], lambda _: None)] == [
        "failed"
    ]
    assert content(library / A) == damaged
    assert not (tmp_path / "quarantine").exists()
    shutil.copy2(spare, fickle)
    (mended,) = Repairs(connection, Meddling(connection, library), tmp_path / "quarantine").run(
        [number], [fickle, spare], lambda _: None
    )
    assert mended == Repair(A, "repaired", str(spare))
    assert content(library / A) == healthy


@pytest.mark.integration
def test_an_original_that_the_librarian_has_healed_meanwhile_is_left_alone(
    library: Path, old_backup: Path, connection: Connection, tmp_path: Path
) -> None:
    number, inode = asset_id(connection, A), (library / A).stat().st_ino
    repairs = Repairs(connection, Verification(connection, library), tmp_path / "quarantine")
    assert list(repairs.run([number], [old_backup], lambda _: None)) == [Repair(A, "in order")]
    assert repairs.mended == 1
    assert (library / A).stat().st_ino == inode


@pytest.mark.integration
def test_an_original_that_was_moved_meanwhile_is_put_where_its_row_says(
    library: Path, old_backup: Path, connection: Connection, tmp_path: Path
) -> None:
    number = asset_id(connection, A)
    (library / A).unlink()

    class Moving(Verification):
        """Somebody corrects the date between the search and the repair."""

        def guard(self) -> None:
            super().guard()
            connection.execute("UPDATE media_assets SET path = '2023/a.jpg' WHERE path = %s", [A])

    repairs = Repairs(connection, Moving(connection, library), tmp_path / "quarantine")
    (repair,) = repairs.run([number], [old_backup], lambda _: None)
    assert (repair.path, repair.outcome) == ("2023/a.jpg", "repaired")
    assert (library / "2023" / "a.jpg").exists()
    assert not (library / A).exists()


@pytest.mark.integration
def test_a_library_that_goes_away_meanwhile_is_not_filled(
    library: Path, old_backup: Path, connection: Connection, tmp_path: Path
) -> None:
    number = asset_id(connection, A)
    repairs = Repairs(connection, Verification(connection, library), tmp_path / "quarantine")
    library.rename(library.with_name("elsewhere"))
    library.mkdir()
    with pytest.raises(RootMissingError):
        list(repairs.run([number], [old_backup], lambda _: None))
    assert list(library.iterdir()) == []


@pytest.mark.integration
@pytest.mark.parametrize("is_known", [True, False])
def test_an_unmounted_library_is_neither_reported_nor_filled(
    run: Run, library: Path, old_backup: Path, connection: Connection, *, is_known: bool
) -> None:
    """Even if the database has forgotten the marker: an empty folder is no thousand losses."""
    if not is_known:
        connection.execute("DELETE FROM settings WHERE key = 'root.library'")
    library.rename(library.with_name("elsewhere"))
    library.mkdir()
    for arguments in ((), ("--repair", "--from", old_backup)):
        result = run(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Nothing can be checked: " in result.stderr
    assert list(library.iterdir()) == []


@pytest.mark.integration
def test_unknown_and_unreadable_files_are_left_to_a_person(
    run: Run, library: Path, old_backup: Path
) -> None:
    (library / A).unlink()
    (library / B).unlink()
    (library / B).mkdir()
    (library / "stray.jpg").write_bytes(b"x")
    result = run("--repair", "--from", old_backup)
    assert result.exit_code == 1
    assert "3 findings: 1 missing, 1 unreadable, 1 unknown.\n" in result.stdout
    assert "1 of them in order again, 2 left.\n" in result.stdout
    assert (library / B).is_dir()


@pytest.mark.integration
def test_json_tells_each_repair_and_what_is_left(
    run: Run, library: Path, old_backup: Path, tmp_path: Path
) -> None:
    (old_backup / "deep" / ".hidden" / "IMG_2.jpg").unlink()
    alter(library / A)
    (library / B).unlink()
    result = run("--repair", "--json", "--from", old_backup)
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["places"] == [str(tmp_path / "inbox"), str(old_backup)]
    assert document["repairs"] == [
        {
            "path": A,
            "outcome": "repaired",
            "source": str(old_backup / "IMG_1.jpg"),
            "message": None,
        },
        {"path": B, "outcome": "no copy", "source": None, "message": None},
    ]
    assert (document["mended"], document["left"], document["unread"]) == (1, 1, 0)
    assert document["is_complete"]


@pytest.mark.integration
@pytest.mark.usefixtures("library")
def test_a_library_in_order_needs_no_search(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "inbox" / "pipe")
    result = run("--repair")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "No findings.")
    document = json.loads(run("--repair", "--json").stdout)
    assert (document["places"], document["repairs"], document["left"]) == ([], [], 0)


@pytest.mark.integration
def test_people_are_told_where_a_copy_may_lie_that_nobody_could_see(
    library: Path, connection: Connection
) -> None:
    verification = Verification(connection, library)
    verification.found["missing"] = 1
    repairs = Repairs(connection, verification, library / "quarantine")
    repairs.unread, repairs.unread_examples = 2, [Unread(Path("/a\nb"), "Permission denied")]
    lines = closing_lines(verification, repairs, is_complete=True)
    assert lines[-2:] == [
        "2 files or folders could not be read:",
        "  /a\\nb  (Permission denied)",
    ]


@pytest.mark.integration
@pytest.mark.usefixtures("library")
def test_a_folder_that_is_not_there_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    result = run("--repair", "--from", tmp_path / "nowhere")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "There is no folder " in result.stderr


@pytest.mark.unit
def test_candidates_are_regular_files_of_every_depth(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / ".a.jpg").write_bytes(b"abc")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "deep" / ".a.jpg")
    assert list(candidates([tmp_path, tmp_path / "nowhere"])) == [
        Candidate(tmp_path / "deep" / ".a.jpg", 3)
    ]


@pytest.mark.unit
def test_what_the_rights_forbid_is_said(other_disk: Path) -> None:
    """Seen by a user without privileges; tests may run as root, to whom all is open."""
    (other_disk / "closed").mkdir(mode=0)
    (other_disk / "mine.jpg").touch(mode=0)
    other_disk.chmod(0o755)
    seen = as_nobody(
        lambda: [
            *(one.message for one in candidates([other_disk]) if isinstance(one, Unread)),
            refusal(other_disk / "mine.jpg"),
        ]
    )
    assert seen == ["Permission denied", "Permission denied"]
    (other_disk / "closed").chmod(0o700)


def refusal(path: Path) -> str:
    try:
        return hash_regular(path)
    except OSError as error:
        return error.strerror or ""


def as_nobody(look: Callable[[], list[str]]) -> list[str]:
    """What a process of a user without privileges sees."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setuid(65534)
            os.write(writing, json.dumps(look()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    seen: list[str] = json.loads(told)
    return seen
