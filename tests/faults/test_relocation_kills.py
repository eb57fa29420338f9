"""SIGKILL before every step of a move within the library that touches a file or the database."""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from librarian.relocation import finish_relocations, relocate
from photo_factory.database import Connection, connect
from relocation_runs import (
    FILE_SYSTEMS,
    assert_all_in_place,
    asset_path,
    files_below,
    store_asset,
)
from steps import Steps, count_steps

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.timeout(900)]
OLD, NEW = "2024/2024-05-17", "2024/2024-05-16"
SIDECARS = ["IMG_1.MOV.xmp", "IMG_1.aae"]
MOST_STEPS = 120


@dataclass(frozen=True)
class Shelf:
    """A library with a video that is to be moved to where its name is in use."""

    library: Path
    database_url: str
    connection: Connection
    file_system: str

    def fill(self) -> int:
        """Put everything back to the beginning; returns the asset to move."""
        self.connection.execute("TRUNCATE media_assets, relocations CASCADE")
        shutil.rmtree(self.library, ignore_errors=True)
        store_asset(self.connection, self.library, f"{NEW}/IMG_1.MOV", ["IMG_1.MOV.xmp"])
        (self.library / NEW / "IMG_1_1.aae").write_text("put here by hand")
        return store_asset(self.connection, self.library, f"{OLD}/IMG_1.MOV", SIDECARS)

    def in_child(self, work: Callable[[Connection], object], kill_at: int | None) -> int | None:
        """Work in a child; returns the steps that it took, None if it was killed at one."""

        def counted(steps: Steps) -> None:
            FILE_SYSTEMS[self.file_system]()
            with connect(self.database_url, "mover") as connection:
                steps.arm()
                work(connection)

        return count_steps(counted, kill_at)

    def move(self, asset: int, folder: str = NEW, kill_at: int | None = None) -> int | None:
        return self.in_child(
            lambda connection: relocate(connection, self.library, asset, folder, "IMG_1.MOV"),
            kill_at,
        )

    def recover(self, kill_at: int | None = None) -> int | None:
        return self.in_child(
            lambda connection: finish_relocations(connection, self.library), kill_at
        )

    def assert_moved_or_not_begun(self, asset: int, message: str) -> None:
        """Both ends are whole: the video and its sidecars lie together, at one of two places."""
        assert_all_in_place(self.connection, self.library, strangers=1)
        path = asset_path(self.connection, asset)
        assert path in {f"{OLD}/IMG_1.MOV", f"{NEW}/IMG_1_2.MOV"}, message
        stem = path.removesuffix(".MOV")
        assert {path, f"{stem}.MOV.xmp", f"{stem}.aae"} <= set(files_below(self.library)), message


@pytest.fixture(params=["hard links", "no hard links", "neither"])
def shelf(
    request: pytest.FixtureRequest, tmp_path: Path, database_url: str, connection: Connection
) -> Shelf:
    return Shelf(tmp_path / "library", database_url, connection, request.param)


def test_killed_before_any_step_the_next_start_ends_the_move(shelf: Shelf) -> None:
    steps = shelf.move(shelf.fill())
    assert steps is not None
    assert 20 < steps < MOST_STEPS
    for step in range(1, steps + 1):
        asset = shelf.fill()
        assert shelf.move(asset, kill_at=step) is None
        assert shelf.recover() is not None
        shelf.assert_moved_or_not_begun(asset, f"killed before step {step}")
        assert shelf.move(asset) is not None
        assert asset_path(shelf.connection, asset) == f"{NEW}/IMG_1_2.MOV"
        shelf.assert_moved_or_not_begun(asset, f"moved again after step {step}")


def test_the_end_of_a_move_may_be_killed_as_well(shelf: Shelf) -> None:
    """Killed in the move, killed in the recovery, at instants that differ from round to round."""
    steps = shelf.move(shelf.fill())
    assert steps is not None
    draw = random.Random(20240517)  # noqa: S311 - a choice of steps, no secret
    for _ in range(60):
        asset = shelf.fill()
        first = draw.randint(1, steps)
        assert shelf.move(asset, kill_at=first) is None
        second = draw.randint(1, 30)
        shelf.recover(kill_at=second)
        assert shelf.recover() is not None
        shelf.assert_moved_or_not_begun(asset, f"killed before steps {first} and {second}")


def test_killed_at_any_instant_the_next_move_goes_on(shelf: Shelf) -> None:
    """Not between two steps but by the clock, and the next thing is a move, not the recovery."""
    draw = random.Random(7)  # noqa: S311 - a choice of instants, no secret
    asset = shelf.fill()
    for _ in range(40):
        child = os.fork()
        if child == 0:
            try:
                FILE_SYSTEMS[shelf.file_system]()
                with connect(shelf.database_url, "mover") as connection:
                    while True:
                        for folder in (NEW, OLD):
                            relocate(connection, shelf.library, asset, folder, "IMG_1.MOV")
            finally:
                os._exit(3)
        time.sleep(draw.uniform(0.03, 0.15))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the mover failed"
        assert shelf.move(asset, OLD) is not None
        shelf.assert_moved_or_not_begun(asset, "killed by the clock")
