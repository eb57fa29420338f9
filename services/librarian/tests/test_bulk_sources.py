"""Where a folder really lies, whatever path and mount leads to it."""

from pathlib import Path, PurePath

import pytest
from librarian.bulk_sources import Mount, Source, places, read_mounts

pytestmark = pytest.mark.unit

TABLE = rb"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 8:1 /home/anna/photos/data /data rw - ext4 /dev/sda1 rw
31 22 8:1 /home/anna/photos/data/library/2024 /import rw - ext4 /dev/sda1 rw
32 22 8:17 / /media/My\040disk rw - vfat /dev/sdb1 rw
33 22 8:33 /@photos /srv rw - btrfs /dev/sdc1 rw
34 33 8:33 /@photos/lib /srv/lib rw - btrfs /dev/sdc1 rw
"""


@pytest.fixture
def mounts(tmp_path: Path) -> list[Mount]:
    (tmp_path / "mountinfo").write_bytes(TABLE)
    return read_mounts(tmp_path / "mountinfo")


def test_a_folder_mounted_twice_lies_in_one_place(mounts: list[Mount]) -> None:
    (inner,) = places(Path("/import"), mounts) - {("", PurePath("/import"))}
    (outer,) = places(Path("/data/library"), mounts) - {("", PurePath("/data/library"))}
    assert inner[0] == outer[0] == "8:1"
    assert inner[1].is_relative_to(outer[1])


def test_names_with_spaces_and_folders_below_a_mount_are_understood(mounts: list[Mount]) -> None:
    found = places(Path("/media/My disk/DCIM"), mounts)
    assert ("8:17", PurePath("/DCIM")) in found


def test_what_is_mounted_below_counts_for_a_whole_folder_only(mounts: list[Mount]) -> None:
    below = ("8:33", PurePath("/@photos/lib"))
    assert below in places(Path("/srv"), mounts)
    assert below not in places(Path("/srv"), mounts, is_whole=False)


def test_without_a_table_paths_alone_are_compared(tmp_path: Path) -> None:
    assert read_mounts(tmp_path / "none") == []
    assert places(tmp_path, []) == {("", tmp_path)}


def test_copying_and_moving_have_names_of_their_own() -> None:
    source = Source(Path("/mnt/card"))
    assert source.inbox("keep").name == "import:/mnt/card"
    assert source.inbox("move").name == "import:move:/mnt/card"
