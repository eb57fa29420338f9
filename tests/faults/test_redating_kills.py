"""SIGKILL between any two steps of a correction: the row, and the way to the folder of its day."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from ingest_runs import eager
from librarian.redating import Homecoming
from librarian.relocation import finish_relocations
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection, connect
from relocation_runs import assert_all_in_place, asset_path, files_below, store_asset
from steps import Steps, count_steps

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.timeout(600)]
OLD, NEW = "2024/2024-05-17", "1999/1999-12-31"


def join_nobody(connection: Connection, asset_ids: Sequence[int]) -> None:
    """The assets of these tests have no companions."""
    del connection, asset_ids


def fill(settings: LibrarianSettings, connection: Connection) -> int:
    """A film with a sidecar, and a correction that waits."""
    connection.execute("TRUNCATE media_assets, relocations CASCADE")
    shutil.rmtree(settings.library, ignore_errors=True)
    asset = store_asset(connection, settings.library, f"{OLD}/IMG_1.MOV", ["IMG_1.MOV.xmp"])
    connection.execute(
        "INSERT INTO corrections (asset_id, captured_local, utc_offset_minutes, author) "
        "VALUES (%s, '1999-12-31 22:00', 60, 'test')",
        (asset,),
    )
    return asset


def put_right_in_child(settings: LibrarianSettings, kill_at: int | None) -> int | None:
    """What the librarian does at its start; returns its steps, None if it was killed at one."""

    def work(steps: Steps) -> None:
        with connect(settings.database_address(), "librarian") as connection:
            steps.arm()
            finish_relocations(connection, settings.library)
            Homecoming(settings.library, join_nobody).put_right(connection, None)

    return count_steps(work, kill_at)


def test_killed_at_any_step_a_correction_ends_as_it_would_have(
    tmp_path: Path, connection: Connection, database_url: str
) -> None:
    settings = eager(tmp_path, database_url)
    fill(settings, connection)
    steps = put_right_in_child(settings, None)
    assert steps is not None
    assert steps > 20
    for step in range(1, steps + 1):
        asset = fill(settings, connection)
        assert put_right_in_child(settings, step) is None
        assert len(files_below(settings.library)) >= 2, f"a file is gone at step {step}"
        assert put_right_in_child(settings, None) is not None
        assert asset_path(connection, asset) == f"{NEW}/IMG_1.MOV", f"killed at step {step}"
        assert files_below(settings.library) == [f"{NEW}/IMG_1.MOV", f"{NEW}/IMG_1.MOV.xmp"]
        assert_all_in_place(connection, settings.library)
        row = connection.execute(
            "SELECT captured_source, is_astray, is_applied "
            "FROM media_assets a JOIN corrections c ON c.asset_id = a.id"
        ).fetchone()
        assert row == ("correction", False, True), f"killed at step {step}"
