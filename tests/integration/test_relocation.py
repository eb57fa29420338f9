"""An original and its sidecars are moved within the library: names, clashes, refusals."""

import multiprocessing
import os
from pathlib import Path

import psycopg
import pytest
from librarian.relocation import finish_relocations, relocate
from librarian.relocation_queries import hold_still
from photo_factory.database import Connection, connect
from relocation_runs import (
    Mover,
    assert_all_in_place,
    asset_path,
    files_below,
    store_asset,
)

pytestmark = pytest.mark.integration
OLD, NEW = "2024/2024-05-17", "2024/2024-05-16"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    return folder


def test_a_moved_original_has_one_name_and_its_row_tells_it(
    connection: Connection, library: Path
) -> None:
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV")
    before = connection.execute("SELECT updated_at FROM media_assets").fetchone()
    assert relocate(connection, library, asset, NEW, "IMG_1.MOV") == f"{NEW}/IMG_1.MOV"
    assert asset_path(connection, asset) == f"{NEW}/IMG_1.MOV"
    assert files_below(library) == [f"{NEW}/IMG_1.MOV"]
    after = connection.execute("SELECT updated_at FROM media_assets").fetchone()
    assert before is not None
    assert after is not None
    assert after > before
    assert_all_in_place(connection, library)


def test_sidecars_go_along_under_matching_names(connection: Connection, library: Path) -> None:
    names = ["IMG_1.MOV.xmp", "IMG_1.xmp", "IMG_1_1.xmp", "other.srt"]
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV", names)
    relocate(connection, library, asset, NEW, "clip.MOV")
    assert files_below(library) == sorted(
        f"{NEW}/{name}"
        for name in ("clip.MOV", "clip.MOV.xmp", "clip.xmp", "clip_1.xmp", "clip.MOV.srt")
    )
    assert_all_in_place(connection, library)


def test_two_sidecars_never_get_one_name(connection: Connection, library: Path) -> None:
    asset = store_asset(
        connection, library, f"{OLD}/IMG_1.MOV", ["IMG_1.MOV.xmp", "other.xmp", "third.xmp"]
    )
    relocate(connection, library, asset, NEW, "IMG_1.MOV")
    assert files_below(library) == sorted(
        f"{NEW}/{name}"
        for name in ("IMG_1.MOV", "IMG_1.MOV.xmp", "IMG_1.MOV_1.xmp", "IMG_1.MOV_2.xmp")
    )
    assert_all_in_place(connection, library)


def test_a_name_in_use_is_never_replaced(connection: Connection, library: Path) -> None:
    store_asset(connection, library, f"{NEW}/IMG_1.MOV")
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV", ["IMG_1.xmp"])
    assert relocate(connection, library, asset, NEW, "IMG_1.MOV") == f"{NEW}/IMG_1_1.MOV"
    assert files_below(library) == [
        f"{NEW}/{name}" for name in ("IMG_1.MOV", "IMG_1_1.MOV", "IMG_1_1.xmp")
    ]
    assert_all_in_place(connection, library)


@pytest.mark.parametrize("name", ["IMG_1.MOV", "IMG_1.xmp"])
def test_a_file_without_a_row_is_not_replaced_either(
    connection: Connection, library: Path, name: str
) -> None:
    """The pair keeps its common stem, whichever of the two names is in use."""
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV", ["IMG_1.xmp"])
    stranger = library / NEW / name
    stranger.parent.mkdir(parents=True)
    stranger.write_text("put here by hand")
    relocate(connection, library, asset, NEW, "IMG_1.MOV")
    assert stranger.read_text() == "put here by hand"
    assert (library / NEW / "IMG_1_1.MOV").exists()
    assert (library / NEW / "IMG_1_1.xmp").exists()
    assert_all_in_place(connection, library, strangers=1)


def test_a_path_of_a_row_whose_file_is_missing_stays_its_own(
    connection: Connection, library: Path
) -> None:
    store_asset(connection, library, f"{NEW}/IMG_1.MOV")
    (library / NEW / "IMG_1.MOV").unlink()
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV")
    assert relocate(connection, library, asset, NEW, "IMG_1.MOV") == f"{NEW}/IMG_1_1.MOV"


def test_there_is_nothing_to_do_where_it_is_already(connection: Connection, library: Path) -> None:
    store_asset(connection, library, f"{NEW}/IMG_1.MOV")
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV")
    path = relocate(connection, library, asset, NEW, "IMG_1.MOV")
    entry = (library / path).stat()
    assert relocate(connection, library, asset, NEW, "IMG_1.MOV") == path
    assert (library / path).stat().st_ctime_ns == entry.st_ctime_ns
    assert_all_in_place(connection, library)


def test_another_spelling_of_the_same_name_is_no_other_place(
    connection: Connection, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where img_1.mov and IMG_1.MOV are one entry, the old name is the only one."""
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV")
    look = os.stat

    def look_at_any_case(path: Path, **options: bool) -> os.stat_result:
        return look(str(path).replace("img_1.mov", "IMG_1.MOV"), **options)

    monkeypatch.setattr(os, "stat", look_at_any_case)
    assert relocate(connection, library, asset, OLD, "img_1.mov") == f"{OLD}/IMG_1.MOV"
    assert_all_in_place(connection, library)


def test_another_way_to_the_same_folder_is_no_other_place(
    connection: Connection, library: Path
) -> None:
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV")
    (library / "alias").symlink_to(library / OLD)
    assert relocate(connection, library, asset, "alias", "IMG_1.MOV") == f"{OLD}/IMG_1.MOV"
    assert_all_in_place(connection, library)


def test_a_name_that_is_taken_at_the_last_moment_is_given_up_for_all_files(
    connection: Connection, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV", ["IMG_1.xmp"])
    link = os.link

    def be_late(source: Path, target: Path, **options: bool) -> None:
        if target.name == "IMG_1.xmp":
            target.write_text("put here by another program")
        link(source, target, **options)

    monkeypatch.setattr(os, "link", be_late)
    assert relocate(connection, library, asset, NEW, "IMG_1.MOV") == f"{NEW}/IMG_1_1.MOV"
    assert files_below(library) == [
        f"{NEW}/{name}" for name in ("IMG_1.xmp", "IMG_1_1.MOV", "IMG_1_1.xmp")
    ]
    assert_all_in_place(connection, library, strangers=1)


def test_a_move_is_undone_by_a_move_back(connection: Connection, library: Path) -> None:
    names = ["IMG_1.MOV.xmp", "IMG_1.aae"]
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV", names)
    before = files_below(library)
    relocate(connection, library, asset, NEW, "IMG_1.MOV")
    assert relocate(connection, library, asset, OLD, "IMG_1.MOV") == f"{OLD}/IMG_1.MOV"
    assert files_below(library) == before
    assert_all_in_place(connection, library)


def test_a_name_of_the_longest_kind_can_be_moved(connection: Connection, library: Path) -> None:
    name = "é" * 125 + ".MOV"
    store_asset(connection, library, f"{NEW}/{name}")
    asset = store_asset(connection, library, f"{OLD}/{name}", ["é" * 125 + ".xmp"])
    relocate(connection, library, asset, NEW, name)
    assert_all_in_place(connection, library)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("../outside", "a.jpg"),
        ("/etc", "a.jpg"),
        ("2024/../../outside", "a.jpg"),
        ("", "a.jpg"),
        ("2024//x", "a.jpg"),
        (".incoming", "a.jpg"),
        ("2024", "../a.jpg"),
        ("2024", "/etc/a.jpg"),
        ("2024", ".."),
        ("2024", ""),
        ("2024", "a\0.jpg"),
    ],
)
def test_nothing_leads_out_of_the_library(
    connection: Connection, library: Path, folder: str, name: str
) -> None:
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV")
    with pytest.raises(ValueError, match="is no"):
        relocate(connection, library, asset, folder, name)
    assert_all_in_place(connection, library)


def test_a_link_out_of_the_library_is_not_followed(
    connection: Connection, library: Path, tmp_path: Path
) -> None:
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV")
    (tmp_path / "outside").mkdir()
    (library / "elsewhere").symlink_to(tmp_path / "outside")
    with pytest.raises(ValueError, match="symbolic link"):
        relocate(connection, library, asset, "elsewhere/here", "a.jpg")
    assert not list((tmp_path / "outside").iterdir())


def test_it_is_no_part_of_a_transaction(connection: Connection, library: Path) -> None:
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV")
    with connection.transaction(), pytest.raises(ValueError, match="transaction"):
        relocate(connection, library, asset, NEW, "IMG_1.MOV")
    assert_all_in_place(connection, library)


def test_an_asset_that_is_not_there_cannot_be_moved(connection: Connection, library: Path) -> None:
    with pytest.raises(LookupError):
        relocate(connection, library, 1, NEW, "IMG_1.MOV")
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV")
    (library / OLD / "IMG_1.MOV").unlink()
    with pytest.raises(FileNotFoundError):
        relocate(connection, library, asset, NEW, "IMG_1.MOV")
    assert asset_path(connection, asset) == f"{OLD}/IMG_1.MOV"
    assert connection.execute("SELECT count(*) FROM relocations").fetchone() == (0,)


def test_a_missing_sidecar_holds_nothing_up(connection: Connection, library: Path) -> None:
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV", ["IMG_1.xmp"])
    (library / OLD / "IMG_1.xmp").unlink()
    relocate(connection, library, asset, NEW, "IMG_1.MOV")
    assert files_below(library) == [f"{NEW}/IMG_1.MOV"]


def test_a_library_that_cannot_be_written_is_left_as_it_was(
    connection: Connection, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV", ["IMG_1.xmp"])
    link, calls = os.link, []

    def fill_up(source: Path, target: Path, **options: bool) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        link(source, target, **options)

    monkeypatch.setattr(os, "link", fill_up)
    with pytest.raises(OSError, match="No space left"):
        relocate(connection, library, asset, NEW, "IMG_1.MOV")
    assert asset_path(connection, asset) == f"{OLD}/IMG_1.MOV"
    assert_all_in_place(connection, library)


def test_an_old_name_that_cannot_be_removed_yet_goes_at_the_next_start(
    connection: Connection, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as closed:
        closed.setattr(os, "unlink", refuse)
        assert relocate(connection, library, asset, NEW, "IMG_1.MOV") == f"{NEW}/IMG_1.MOV"
    assert len(files_below(library)) == 2
    assert finish_relocations(connection, library) == 1
    assert_all_in_place(connection, library)


def test_a_file_that_came_under_the_old_name_is_not_removed(
    connection: Connection, library: Path
) -> None:
    """Killed before it forgot the intention; another photo has got the free name meanwhile."""
    asset = store_asset(connection, library, f"{NEW}/IMG_1.MOV", content="moved")
    store_asset(connection, library, f"{OLD}/IMG_1.MOV", content="another film")
    connection.execute(
        "INSERT INTO relocations SELECT %s, %s, sha256 FROM media_assets WHERE id = %s",
        (f"{OLD}/IMG_1.MOV", f"{NEW}/IMG_1.MOV", asset),
    )
    finish_relocations(connection, library)
    assert_all_in_place(connection, library)


def test_a_clash_found_after_a_restart_gives_another_name(
    connection: Connection, library: Path
) -> None:
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV", ["IMG_1.xmp"])
    connection.execute(
        "INSERT INTO relocations SELECT path, replace(path, '05-17', '05-16'), sha256 "
        "FROM media_assets UNION ALL SELECT path, replace(path, '05-17', '05-16'), sha256 "
        "FROM sidecars"
    )
    store_asset(connection, library, f"{NEW}/IMG_1.MOV", content="another film")
    assert finish_relocations(connection, library) == 1
    assert asset_path(connection, asset) == f"{NEW}/IMG_1_1.MOV"
    assert (library / NEW / "IMG_1_1.xmp").exists()
    assert_all_in_place(connection, library)


def test_an_intention_whose_file_is_gone_is_given_up(connection: Connection, library: Path) -> None:
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV")
    (library / OLD / "IMG_1.MOV").unlink()
    connection.execute(
        "INSERT INTO relocations SELECT path, %s, sha256 FROM media_assets",
        (f"{NEW}/IMG_1.MOV",),
    )
    connection.execute("INSERT INTO relocations VALUES ('a/b', 'a/c', 'x')")
    finish_relocations(connection, library)
    assert asset_path(connection, asset) == f"{OLD}/IMG_1.MOV"
    assert connection.execute("SELECT count(*) FROM relocations").fetchone() == (0,)


def test_what_a_living_process_is_at_is_left_to_it(
    connection: Connection, library: Path, database_url: str
) -> None:
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV")
    connection.execute(
        "INSERT INTO relocations SELECT path, %s, sha256 FROM media_assets",
        (f"{NEW}/IMG_1.MOV",),
    )
    connection.execute("SET lock_timeout = '100ms'")
    with connect(database_url, "living") as living, hold_still(living, asset):
        assert finish_relocations(connection, library) == 0
        with pytest.raises(psycopg.errors.LockNotAvailable):
            relocate(connection, library, asset, NEW, "IMG_1.MOV")
        assert files_below(library) == [f"{OLD}/IMG_1.MOV"]
    assert finish_relocations(connection, library) == 1
    assert_all_in_place(connection, library)


@pytest.mark.parametrize("kind", ["hard links", "no hard links", "neither"])
@pytest.mark.parametrize("folders", [(NEW, NEW), (NEW, "2024/2024-05-15")])
def test_two_processes_that_move_one_asset_do_no_damage(
    connection: Connection,
    library: Path,
    database_url: str,
    kind: str,
    folders: tuple[str, str],
) -> None:
    store_asset(connection, library, f"{NEW}/IMG_1.MOV", content="another film")
    asset = store_asset(connection, library, f"{OLD}/IMG_1.MOV", ["IMG_1.xmp"])
    start = multiprocessing.get_context("spawn").Barrier(2)
    both = [
        multiprocessing.get_context("spawn").Process(
            target=Mover(database_url, library, asset, (OLD, folder), kind).run, args=(start,)
        )
        for folder in folders
    ]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
        assert process.exitcode == 0
    assert_all_in_place(connection, library)
    assert Path(asset_path(connection, asset)).parent in {Path(folder) for folder in folders}
