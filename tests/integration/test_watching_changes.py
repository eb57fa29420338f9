"""Whatever happens in an inbox, in whatever order: what is seen in the end is what is there."""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from librarian.inbox import walk
from photo_factory.database import Connection
from viewing import viewers

pytestmark = pytest.mark.integration

CHANGES = 300
QUIET_SECONDS = 10.0


class Household:
    """Somebody who rearranges an inbox all the time, and moves folders in and out.

    Args:
        root: The inbox.
        outside: Where folders are put that leave it, beside the inbox.
        random: Decides.
    """

    def __init__(self, root: Path, outside: Path, random: Random) -> None:
        self._root = root
        self._outside = outside
        self._random = random
        self._changes: list[Callable[[], object]] = [
            *[self._write] * 3,
            self._make_folder,
            lambda: (self._folder() / self._name() / "deep" / self._name()).mkdir(parents=True),
            lambda: self._file().rename(self._folder() / f"{self._name()}.jpg"),
            *[lambda: self._lower_folder().rename(self._folder() / self._name())] * 2,
            lambda: self._file().unlink(),
            lambda: shutil.rmtree(self._lower_folder()),
            lambda: self._lower_folder().rename(outside / self._name()),
            lambda: self._random.choice(sorted(outside.iterdir())).rename(
                self._folder() / self._name()
            ),
        ]

    def change(self) -> None:
        """One change, unless it is impossible: a folder into itself, or out of nothing."""
        with suppress(OSError, IndexError):
            self._random.choice(self._changes)()

    def _write(self) -> None:
        with (self._folder() / f"{self._name()}.jpg").open("a") as file:
            file.write(self._name())

    def _make_folder(self) -> None:
        (self._folder() / self._name()).mkdir()

    def _name(self) -> str:
        return self._random.choice("abcdef")

    def _folder(self) -> Path:
        return Path(self._random.choice(sorted(folder for folder, _, _ in os.walk(self._root))))

    def _lower_folder(self) -> Path:
        folders = sorted(folder for folder, _, _ in os.walk(self._root))
        return Path(self._random.choice(folders[1:]))

    def _file(self) -> Path:
        found = [Path(folder) / name for folder, _, names in os.walk(self._root) for name in names]
        return self._random.choice(sorted(found))


@pytest.fixture(params=range(3))
def random(request: pytest.FixtureRequest) -> Random:
    return Random(request.param)  # noqa: S311 - it decides about a test


@pytest.mark.parametrize("mode", ["events", "poll"])
def test_what_is_seen_in_the_end_is_what_is_there(
    mode: str, random: Random, tmp_path: Path, connection: Connection
) -> None:
    """By events alone, and by scans that list changed folders alone."""
    root, outside = tmp_path / "inbox", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    household = Household(root, outside, random)
    for _ in range(20):
        household.change()
    with viewers(root, connection) as start:
        viewer = start(mode, poll_scan_seconds=1)
        for _ in range(CHANGES):
            household.change()
            if random.random() < 0.1:
                viewer.look()
            if random.random() < 0.05:
                time.sleep(0.06)
        expected = {sighting.path: sighting.identity.size_bytes for sighting in walk(root)}
        end = time.monotonic() + QUIET_SECONDS
        seen: dict[bytes, int] = {}
        while seen != expected and time.monotonic() < end:
            time.sleep(0.1)
            viewer.look()
            rows = connection.execute("SELECT path_bytes, size_bytes FROM inbox_files")
            seen = dict(rows.fetchall())
        assert seen == expected
