"""A Takeout comes into the library: whole or in parts, in any form and order, again and again."""

from pathlib import Path

import pytest
from import_runs import dump
from ingest_runs import assert_library_is_sound
from librarian.settings import LibrarianSettings
from librarian.takeout.spool import Limits
from photo_factory.database import Connection
from takeout_runs import (
    assert_albums_are_full,
    assert_media_are_there,
    assert_notes_lie_beside,
    assert_nothing_lies_around,
    digest,
    expected_media,
    run_takeout,
)
from takeout_trees import TakeoutTree, make_tree

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def tree() -> TakeoutTree:
    return make_tree()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> LibrarianSettings:
    return LibrarianSettings(
        data_dir=tmp_path / "data", database_url=database_url, keep_free_bytes=0
    )


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder


def assert_all_is_true(
    connection: Connection, settings: LibrarianSettings, tree: TakeoutTree
) -> None:
    """The library is what the tree was made from."""
    assert_media_are_there(connection, tree, expected_media(tree))
    assert_notes_lie_beside(connection, tree, settings.library, expected_media(tree))
    assert_albums_are_full(connection, tree)
    assert_library_is_sound(connection, settings.library)
    assert_nothing_lies_around(connection, settings.library)


def test_an_unpacked_takeout_becomes_what_it_was_in_google_photos(
    tree: TakeoutTree, downloads: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    ended = run_takeout(settings, [tree.write_folder(downloads)])
    assert ended.report.is_complete, ended.report.trouble
    assert ended.takeout.faults == ()
    assert_all_is_true(connection, settings, tree)
    assert ended.takeout.trashed == 1
    assert ended.takeout.date_groups["Takeout"] > 100


@pytest.mark.parametrize("is_reversed", [False, True])
def test_zips_in_any_order_become_the_same(
    tree: TakeoutTree,
    downloads: Path,
    settings: LibrarianSettings,
    connection: Connection,
    is_reversed: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    parts = tree.write_zips(downloads)
    ended = run_takeout(settings, parts[::-1] if is_reversed else parts)
    assert ended.report.is_complete, ended.report.trouble
    assert_all_is_true(connection, settings, tree)


def test_tgz_parts_become_the_same_with_little_of_them_unpacked_at_a_time(
    tree: TakeoutTree, downloads: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    tree.write_tgzs(downloads)
    ended = run_takeout(settings, [downloads], limits=Limits(files=20, size_bytes=1 << 14))
    assert ended.report.is_complete, ended.report.trouble
    assert_all_is_true(connection, settings, tree)


def test_a_second_run_changes_nothing(
    tree: TakeoutTree, downloads: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    parts = tree.write_zips(downloads)
    run_takeout(settings, parts)
    before = dump(connection)
    ended = run_takeout(settings, parts)
    assert ended.counts == {"known": len(expected_media(tree))}
    assert ended.takeout.attached == 0
    after = dump(connection)
    changed = [name for name, rows in after.items() if rows != before[name]]
    assert set(changed) <= {"stage_metrics"}


@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_part_that_comes_later_completes_the_earlier_ones(
    tree: TakeoutTree,
    downloads: Path,
    settings: LibrarianSettings,
    connection: Connection,
    first: int,
) -> None:
    """JSON that arrived after its photo was left aside (immich#30319)."""
    parts = tree.write_zips(downloads)
    late = parts.pop(first)
    ended = run_takeout(settings, parts)
    assert ended.report.is_complete
    assert ended.takeout.missing == ((late.name,) if first < 2 else ())
    for part in parts:
        part.unlink()
    ended = run_takeout(settings, [late])
    assert ended.takeout.earlier > 0
    # Without the other part these seemed to belong to a namesake, and are not taken from it.
    ambiguous = ("film beside a HEIC and a JPEG", "of two years' photos")
    known = {
        path for path in expected_media(tree) if not tree.media[path].why.startswith(ambiguous)
    }
    assert_media_are_there(connection, tree, known, besides=expected_media(tree) - known)
    assert_notes_lie_beside(connection, tree, settings.library, known)
    assert_albums_are_full(connection, tree)
    assert_library_is_sound(connection, settings.library)
    assert_nothing_lies_around(connection, settings.library)


def test_what_lay_in_the_trash_comes_only_if_it_is_asked_for(
    tree: TakeoutTree, downloads: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    ended = run_takeout(settings, tree.write_zips(downloads), with_trash=True)
    assert ended.takeout.trashed == 0
    assert_media_are_there(connection, tree, tree.media)
    (thrown,) = tree.trashed
    row = connection.execute(
        "SELECT count(*) FROM media_assets WHERE encode(sha256, 'hex') = %s",
        (digest(tree.files[thrown]),),
    ).fetchone()
    assert row == (1,)
