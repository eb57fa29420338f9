"""Stages that do a chunk of assets at once, on a real PostgreSQL and with real child processes."""

from pathlib import Path

import pytest
from asset_rows import insert_assets
from chunk_stages import TOGETHER
from photo_factory.database import Connection
from photo_factory.roots import ensure_root
from photo_factory.settings import Settings
from stage_runs import work_off

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(tmp_path: Path, database_url: str, connection: Connection) -> Settings:
    settings = Settings(data_dir=tmp_path, database_url=database_url)
    ensure_root(connection, "library", settings.library)
    return settings


def results(connection: Connection) -> dict[str, str | None]:
    """What was recorded; the stage writes it where a lens would be."""
    return dict(connection.execute("SELECT original_name, lens FROM media_assets").fetchall())


def states(connection: Connection) -> dict[str, str]:
    return dict(
        connection.execute(
            "SELECT a.original_name, w.state FROM stage_work w JOIN media_assets a "
            "ON a.id = w.asset_id WHERE w.stage = 'thumbnailer'"
        ).fetchall()
    )


def test_a_chunk_is_done_at_once_and_each_asset_has_its_own_outcome(
    connection: Connection, settings: Settings
) -> None:
    insert_assets(connection, ["good-1", "skip-1", "good-2", "good-3"])
    work_off(TOGETHER, settings, connection)
    assert results(connection) == {
        "good-1": "together",
        "skip-1": None,
        "good-2": "together",
        "good-3": "together",
    }
    assert states(connection) == {"skip-1": "skipped"}


@pytest.mark.parametrize("trouble", ["permanent-1", "short-1", "crash-1"])
def test_where_a_chunk_fails_each_asset_is_done_alone_and_only_the_guilty_one_fails(
    connection: Connection, settings: Settings, trouble: str
) -> None:
    """Too few outcomes are a failure as well: nobody could tell whose they are."""
    names = ["good-1", trouble, "good-2", "good-3"]
    insert_assets(connection, names)
    work_off(TOGETHER, settings, connection)
    found = results(connection)
    good = {name: found[name] for name in names if not name.startswith(("permanent", "crash"))}
    assert "together" not in found.values()
    assert all(good.values())
    dead = {} if trouble == "short-1" else {trouble: "dead"}
    assert states(connection) == dead
