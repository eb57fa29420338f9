"""SIGKILL after every step of an export: nothing half done ever has a final name."""

import shutil
from pathlib import Path

import pytest
from cli.export.order import Filters, Making, Order
from cli.export.run import run
from export_runs import DAY, Library, hashes
from generate import landscape
from photo_factory.database import Connection
from steps import Steps, count_steps

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.timeout(600)]


def export_in_child(order: Order, kill_at: int | None) -> int | None:
    """Returns the steps that it took; None if it was killed at one."""

    def work(steps: Steps) -> None:
        steps.arm()
        assert run(order) == 0

    return count_steps(work, kill_at, only_changes=True)


@pytest.fixture
def order(
    connection: Connection, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Order:
    """A photo that is written into, and a RAW with a stored sidecar."""
    monkeypatch.setenv("PF_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PF_DATABASE_URL", database_url)
    library = Library.create(connection, tmp_path / "data")
    landscape(1, (60, 40)).save(tmp_path / "a.jpg")
    library.add(f"{DAY}/a.jpg", (tmp_path / "a.jpg").read_bytes(), title="title")
    raw = library.add(f"{DAY}/b.cr2", b"raw", title="title")
    library.add_sidecar(raw, f"{DAY}/b.cr2.xmp", b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    return Order(tmp_path / "target", Filters(), Making(embed=True), as_json=True)


def test_killed_after_any_step_it_leaves_whole_files_and_goes_on(order: Order) -> None:
    target = order.target
    steps = export_in_child(order, None)
    assert steps is not None
    whole = hashes(target)
    assert sorted(whole) == [f"{DAY}/a.jpg", f"{DAY}/b.cr2", f"{DAY}/b.cr2.xmp"]
    for kill_at in range(1, steps + 1):
        shutil.rmtree(target)
        assert export_in_child(order, kill_at) is None
        final = {
            name: sha256
            for name, sha256 in hashes(target).items()
            if not name.startswith(".incoming/")
        }
        assert final.items() <= whole.items()
        assert export_in_child(order, None) is not None
        assert hashes(target) == whole
        assert not (target / ".incoming").exists()
