"""How an inbox is watched and gone through, without a database."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from librarian.mounts import file_system, keeps_folder_times, raises_events
from librarian.survey import Survey
from librarian.watch import Changes, Watch

pytestmark = pytest.mark.unit

LONG_AGO = 1_000_000_000
MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
nas:/photos /mnt/a nfs4 rw 0 0
/dev/sdb1 /mnt/a/local ext4 rw 0 0
//nas/photos /mnt/my\\040photos cifs rw 0 0
none /mnt/tab\\011new\\012line\\134back fuse.rclone rw 0 0
/dev/sdc1 /mnt/usb fuseblk rw 0 0
under /mnt/over nfs rw 0 0
over /mnt/over xfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/inbox", "ext4"),
        ("/mnt/a", "nfs4"),
        ("/mnt/a/deep/er", "nfs4"),
        ("/mnt/ab", "ext4"),
        ("/mnt/a/local/x", "ext4"),
        ("/mnt/my photos/2024", "cifs"),
        ("/mnt/tab\tnew\nline\\back", "fuse.rclone"),
        ("/mnt/usb/DCIM", "fuseblk"),
        ("/mnt/over", "xfs"),
    ],
)
def test_a_folder_is_on_the_file_system_that_is_mounted_nearest(
    folder: str, kind: str, tmp_path: Path
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert file_system(Path(folder), mounts) == kind


def test_a_link_is_on_the_file_system_that_it_leads_to(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/sda1 / ext4 rw 0 0\nnas:/ /mnt/nas nfs rw 0 0\n")
    (tmp_path / "inbox").symlink_to("/mnt/nas/phone")
    assert file_system(tmp_path / "inbox", mounts) == "nfs"


def test_a_system_that_tells_of_no_mounts_is_taken_for_a_local_one(tmp_path: Path) -> None:
    assert raises_events(file_system(tmp_path, tmp_path / "missing"))


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "fuse", "fuse.sshfs", "fuse.mergerfs", "9p", "ceph"]
)
def test_shares_tell_nothing_of_what_others_do(kind: str) -> None:
    assert not raises_events(kind)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "fuseblk"])
def test_local_disks_tell_of_every_change_also_ntfs_and_exfat(kind: str) -> None:
    assert raises_events(kind)
    assert keeps_folder_times(kind)


def test_folder_times_are_trusted_on_nas_shares_and_not_on_programs_that_look_like_disks() -> None:
    assert [keeps_folder_times(kind) for kind in ("nfs4", "cifs", "fuse.rclone", "9p")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Watch, Path, threading.Event]]:
    root = tmp_path / "inbox"
    root.mkdir()
    woken = threading.Event()
    watch = Watch(root, woken.set)
    yield watch, root, woken
    watch.stop()


Watched = tuple[Watch, Path, threading.Event]


def wait_for(is_true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.02)


def all_changes(watch: Watch, until: bytes) -> Changes:
    """What is named till a path is; later changes come in order, so the rest is there as well."""
    paths: set[bytes] = set()
    moved: set[bytes] = set()

    def has_come() -> bool:
        changes = watch.take()
        paths.update(changes.paths)
        moved.update(changes.moved_away)
        return until in paths

    wait_for(has_come)
    return Changes(tuple(sorted(paths - {until})), tuple(sorted(moved)))


def test_many_events_of_a_file_name_it_once(watched: Watched) -> None:
    watch, root, woken = watched
    for _ in range(100):
        with (root / "a.jpg").open("a") as file:
            file.write("more")
    (root / "a.jpg").chmod(0o600)
    assert woken.wait(10)
    time.sleep(0.2)
    assert watch.take() == Changes((b"a.jpg",))
    assert watch.take() == Changes()


def test_names_that_are_none_of_our_business_wake_nobody(watched: Watched) -> None:
    watch, root, woken = watched
    (root / ".syncthing.a.jpg.tmp").touch()
    (root / ".stversions").mkdir()
    (root / ".pf-release-7").touch()
    time.sleep(0.2)
    assert not woken.is_set()
    (root / ".syncthing.a.jpg.tmp").rename(root / "a.jpg")
    assert all_changes(watch, b"a.jpg") == Changes()


def test_a_growing_file_wakes_nobody_till_it_is_closed(watched: Watched) -> None:
    """It is looked at when it is due, and would raise an event per write."""
    watch, root, woken = watched
    with (root / "video.mp4").open("wb") as file:
        assert all_changes(watch, b"video.mp4") == Changes()
        woken.clear()
        for _ in range(10):
            file.write(b"x" * 100_000)
            file.flush()
        time.sleep(0.2)
        assert not woken.is_set()
    assert woken.wait(10)
    assert watch.take() == Changes((b"video.mp4",))


def test_a_folder_is_watched_from_when_it_is_added_and_under_its_newest_name(
    watched: Watched,
) -> None:
    watch, root, _ = watched
    (root / "a").mkdir()
    assert all_changes(watch, b"a") == Changes()
    (root / "a" / "unseen.jpg").touch()
    watch.add(b"a")
    (root / "a" / "x.jpg").touch()
    assert all_changes(watch, b"a/x.jpg") == Changes()
    (root / "a").rename(root / "b")
    watch.add(b"b")
    (root / "b" / "y.jpg").touch()
    (root / "end").touch()
    changes = all_changes(watch, b"end")
    assert changes.moved_away == (b"a",)
    assert set(changes.paths) == {b"a", b"b", b"b/y.jpg"}


def test_a_folder_that_left_the_inbox_is_watched_no_longer(watched: Watched) -> None:
    watch, root, woken = watched
    (root / "a" / "b").mkdir(parents=True)
    watch.add(b"a")
    watch.add(b"a/b")
    (root / "a").rename(root.with_name("away"))
    assert all_changes(watch, b"a").moved_away == (b"a",)
    woken.clear()
    (root.with_name("away") / "b" / "x.jpg").touch()
    time.sleep(0.2)
    assert watch.take() == Changes()


def test_a_link_is_not_watched_beyond_the_inbox(watched: Watched, tmp_path: Path) -> None:
    watch, root, _ = watched
    (tmp_path / "private").mkdir()
    (root / "link").symlink_to(tmp_path / "private")
    watch.add(b"link")
    (tmp_path / "private" / "x.jpg").touch()
    (root / "end").touch()
    assert all_changes(watch, b"end") == Changes((b"link",))


@pytest.mark.parametrize("name", ["inbox", "elsewhere"])
def test_a_watch_whose_folder_was_replaced_says_that_it_is_broken(
    name: str, watched: Watched
) -> None:
    watch, root, woken = watched
    assert not watch.is_broken
    if name == "inbox":
        root.rmdir()
        root.mkdir()
    else:
        root.rename(root.with_name(name))
    assert woken.wait(10)
    wait_for(lambda: watch.is_broken)


def test_what_was_named_last_is_handed_over_at_the_end(tmp_path: Path) -> None:
    woken = threading.Event()
    watch = Watch(tmp_path, woken.set)
    (tmp_path / "a.jpg").touch()
    assert woken.wait(10)
    assert watch.stop().paths == (b"a.jpg",)


def test_a_folder_that_is_not_there_cannot_be_watched(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Watch(tmp_path / "missing", lambda: None)


def surveyed(survey: Survey) -> list[bytes]:
    """What a survey sees until it is done."""
    seen = []
    while survey.has_work:
        seen += [sighting.path for sighting in survey.next_batch()]
    return sorted(seen)


def settle(root: Path) -> None:
    """Make folders look as if nothing had changed in them for long."""
    for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
        os.utime(folder, (LONG_AGO, LONG_AGO))


def test_each_folder_is_attended_to_before_it_is_listed(tmp_path: Path) -> None:
    """A file that comes just then is seen, for it comes before the listing."""
    (tmp_path / "a" / "b").mkdir(parents=True)

    def attend(folder: bytes) -> None:
        attended.append(folder)
        (tmp_path / os.fsdecode(folder) / "new.jpg").touch()

    attended: list[bytes] = []
    survey = Survey(tmp_path, attend)
    survey.list_all()
    assert surveyed(survey) == [b"a/b/new.jpg", b"a/new.jpg", b"new.jpg"]
    assert sorted(attended) == [b"", b"a", b"a/b"]


def test_a_folder_changed_a_moment_ago_is_listed_again_though_its_time_is_the_same(
    tmp_path: Path,
) -> None:
    """Time stamps are coarse: a second change may leave no trace."""
    survey = Survey(tmp_path, lambda _: None)
    survey.list_all()
    assert surveyed(survey) == []
    now = tmp_path.stat().st_mtime_ns
    (tmp_path / "x.jpg").touch()
    os.utime(tmp_path, ns=(now, now))
    survey.list_changed()
    assert surveyed(survey) == [b"x.jpg"]


def test_a_folder_from_the_future_is_listed_each_time(tmp_path: Path) -> None:
    """The clock of the file server is wrong, or was."""
    os.utime(tmp_path, (4_000_000_000, 4_000_000_000))
    survey = Survey(tmp_path, lambda _: None)
    survey.list_all()
    surveyed(survey)
    (tmp_path / "x.jpg").touch()
    os.utime(tmp_path, (4_000_000_000, 4_000_000_000))
    survey.list_changed()
    assert surveyed(survey) == [b"x.jpg"]


def test_unchanged_folders_are_not_listed_until_all_are(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.jpg").touch()
    settle(tmp_path)
    survey = Survey(tmp_path, lambda _: None)
    survey.list_all()
    assert surveyed(survey) == [b"a/x.jpg"]
    survey.list_changed()
    assert surveyed(survey) == []
    survey.list_all()
    assert surveyed(survey) == [b"a/x.jpg"]


def test_a_folder_is_listed_anew_from_the_top_though_a_listing_goes_on(tmp_path: Path) -> None:
    for number in range(2500):
        (tmp_path / f"{number}.jpg").touch()
    survey = Survey(tmp_path, lambda _: None)
    survey.list_all()
    assert len(survey.next_batch()) == 1000
    survey.list_all()
    assert len(surveyed(survey)) == 2500


def test_a_named_folder_is_listed_with_those_below_it(tmp_path: Path) -> None:
    settle(tmp_path)
    survey = Survey(tmp_path, lambda _: None)
    survey.list_all()
    surveyed(survey)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x.jpg").touch()
    survey.list_folder(b"a")
    survey.list_folder(b"gone")
    assert surveyed(survey) == [b"a/b/x.jpg"]


def test_a_folder_that_turned_into_a_link_is_gone_with_all_below_it(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    (inbox / "a" / "b").mkdir(parents=True)
    survey = Survey(inbox, lambda _: None)
    survey.list_all()
    surveyed(survey)
    (inbox / "a").rename(tmp_path / "private")
    (tmp_path / "private" / "b" / "x.jpg").touch()
    (inbox / "a").symlink_to(tmp_path / "private")
    survey.list_changed()
    assert surveyed(survey) == [b"a"]
