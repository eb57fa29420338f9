"""Names that programs trip over, files of several names, and what is no file at all."""

import os
import socket
import stat
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from ingest_runs import assert_library_is_sound, hashes_below, settle
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_files import problems, rows, save_photo

pytestmark = pytest.mark.integration

DAY = "2024/2024-05-17"
SCAN_SECONDS = 1.1
Start = Callable[[LibrarianSettings], LibrarianLoop]


def save_under(inbox: Path, name: bytes, colour: str) -> str:
    """A photo under a name that need not be text."""
    digest = save_photo(inbox / "plain.jpg", colour)
    (inbox / "plain.jpg").rename(inbox / os.fsdecode(name))
    return digest


NAMES = {
    "newline": (b"two\nlines.jpg", "two_lines.jpg", "two\\nlines.jpg"),
    "leading hyphen": (b"-rf.jpg", "-rf.jpg", "-rf.jpg"),
    "an option of ExifTool": (b"-delete_original!.jpg", "-delete_original!.jpg", None),
    "an argument file": (b"@args.jpg", "@args.jpg", "@args.jpg"),
    "dots": (b"a..b...jpg", "a..b...jpg", "a..b...jpg"),
    "backslashes": (b"up\\..\\..\\up.jpg", "up_.._.._up.jpg", "up\\..\\..\\up.jpg"),
    "emoji": ("👩‍👩‍👧.jpg".encode(), "👩‍👩‍👧.jpg", None),
    "right to left": ("photo\u202egpj.exe".encode(), "photo\u202egpj.exe", "photo\\u202egpj.exe"),
    "not UTF-8": (b"caf\xe9.jpg", "caf_.jpg", "caf\\xe9.jpg"),
    "half a letter": (b"\xf0\x9f\x93.jpg", "_.jpg", "\\xf0\\x9f\\x93.jpg"),
    "escape codes": (b"\x1b[31mred.jpg", "_[31mred.jpg", "\\x1b[31mred.jpg"),
    "only a suffix": (b"~.jpg", "~.jpg", "~.jpg"),
    "no suffix": (b"photo", "photo", "photo"),
    "blanks": (b" a . jpg ", " a . jpg ", " a . jpg "),
    "the longest": (b"x" * 251 + b".jpg", "x" * 251 + ".jpg", "x" * 251 + ".jpg"),
    "the longest of letters": (("ü" * 125).encode() + b".jpg", "ü" * 125 + ".jpg", None),
    "the longest of bytes": (b"\xe9" * 251 + b".jpg", None, None),
}


@pytest.mark.parametrize(("name", "stored", "shown"), NAMES.values(), ids=NAMES.keys())
def test_a_photo_may_have_any_name(  # noqa: PLR0913, PLR0917 - a table's columns and what the test needs
    librarian: LibrarianLoop,
    settings: LibrarianSettings,
    connection: Connection,
    name: bytes,
    stored: str | None,
    shown: str | None,
) -> None:
    digest = save_under(settings.inbox, name, "red")
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}
    assert hashes_below(settings.inbox) == {}
    ((path, original),) = rows(connection, "path, original_name")
    assert path == f"{DAY}/{stored}" or stored is None
    assert original == shown or shown is None
    assert original.isprintable()
    assert (settings.library / path).resolve().is_relative_to(settings.library.resolve())
    assert_library_is_sound(connection, settings.library)


def test_a_name_of_the_longest_kind_gets_its_number(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    name = "ü" * 125 + ".jpg"
    contents = {save_photo(settings.inbox / where / name, where) for where in ("red", "blue")}
    settle(librarian, connection)
    assert set(hashes_below(settings.library)) == contents
    names = {path.rpartition("/")[2] for (path,) in rows(connection, "path")}
    assert names == {name, "ü" * 124 + "_1.jpg"}


def test_names_that_differ_in_case_or_form_only_are_two_photos(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """A Mac writes a letter and its accent as two signs, others as one."""
    names = ["Été.jpg", "été.jpg", "ÉTÉ.JPG"]
    names += [unicodedata.normalize("NFD", name) for name in names]
    contents = {
        save_photo(settings.inbox / name, f"#0000{at:02x}") for at, name in enumerate(names)
    }
    settle(librarian, connection)
    assert len(contents) == 6
    assert set(hashes_below(settings.library)) == contents
    assert {path.rpartition("/")[2] for (path,) in rows(connection, "path")} == set(names)
    assert_library_is_sound(connection, settings.library)


@pytest.mark.parametrize(
    ("first", "second"),
    [("IMG_1.JPG", "img_1.jpg"), ("café.jpg", unicodedata.normalize("NFD", "café.jpg"))],
    ids=["case", "form"],
)
def test_a_library_that_takes_two_names_for_one_keeps_both_photos(
    librarian: LibrarianLoop,
    settings: LibrarianSettings,
    connection: Connection,
    first: str,
    second: str,
) -> None:
    """On such a disk, the first photo answers to the name of the second as well."""
    one = save_photo(settings.inbox / first)
    settle(librarian, connection)
    (settings.library / DAY / second).hardlink_to(settings.library / DAY / first)
    other = save_photo(settings.inbox / second, "blue")
    time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    stem, _, suffix = second.rpartition(".")
    assert [path for (path,) in rows(connection, "path")] == sorted(
        [f"{DAY}/{first}", f"{DAY}/{stem}_1.{suffix}"]
    )
    (settings.library / DAY / second).unlink()
    assert hashes_below(settings.library) == {one: 1, other: 1}
    assert_library_is_sound(connection, settings.library)


def test_links_are_not_followed_wherever_they_lead(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """In circles, out of the inbox, nowhere, to themselves, to a photo."""
    digest = save_photo(settings.inbox / "DCIM/a.jpg")
    outside = save_photo(settings.data / "private/b.jpg", "blue")
    inbox = settings.inbox
    (inbox / "DCIM/circle").symlink_to(inbox, target_is_directory=True)
    (inbox / "outside").symlink_to(settings.data / "private", target_is_directory=True)
    (inbox / "itself.jpg").symlink_to(inbox / "itself.jpg")
    (inbox / "there.jpg").symlink_to("back.jpg")
    (inbox / "back.jpg").symlink_to("there.jpg")
    (inbox / "nowhere.jpg").symlink_to("gone.jpg")
    (inbox / "photo.jpg").symlink_to("DCIM/a.jpg")
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}
    assert hashes_below(settings.data / "private") == {outside: 1}
    assert set(problems(connection).values()) == {"symlink"}
    assert len(problems(connection)) == 7
    assert sum(path.is_symlink() for path in inbox.rglob("*")) == 7


def test_what_is_no_file_is_named_and_stays(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    digest = save_photo(settings.inbox / "a.jpg")
    os.mkfifo(settings.inbox / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(settings.inbox / "socket.jpg"))
    expected = {"pipe.jpg", "socket.jpg"}
    if os.geteuid() == 0:
        os.mknod(settings.inbox / "zero.jpg", stat.S_IFCHR | 0o600, os.makedev(1, 5))
        expected.add("zero.jpg")  # endless, if it were read
    settle(librarian, connection)
    assert problems(connection) == dict.fromkeys(expected, "not_a_regular_file")
    assert hashes_below(settings.library) == {digest: 1}
    assert {path.name for path in settings.inbox.glob("*.jpg")} == expected


def test_a_file_that_becomes_something_else_while_it_waits_is_not_read(
    settings: LibrarianSettings, start: Start, connection: Connection
) -> None:
    librarian = start(settings.model_copy(update={"stability_seconds": 1.0}))
    for name in ("pipe.jpg", "link.jpg", "folder.jpg"):
        save_photo(settings.inbox / name)
    librarian.turn(connection)
    for name in ("pipe.jpg", "link.jpg", "folder.jpg"):
        (settings.inbox / name).unlink()
    os.mkfifo(settings.inbox / "pipe.jpg")
    (settings.inbox / "link.jpg").symlink_to("/etc/passwd")
    (settings.inbox / "folder.jpg").mkdir()
    connection.execute("UPDATE inbox_files SET next_try_at = now()")
    settle(librarian, connection)
    assert rows(connection, "id") == []
    found = problems(connection)
    assert found == {"pipe.jpg": "not_a_regular_file", "link.jpg": "symlink"}


def test_two_names_of_one_file_are_one_photo_and_a_duplicate(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    digest = save_photo(settings.inbox / "a.jpg")
    (settings.inbox / "b.jpg").hardlink_to(settings.inbox / "a.jpg")
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}
    assert hashes_below(settings.inbox) == {}
    assert connection.execute("SELECT count(*) FROM duplicates").fetchone() == (1,)
    assert_library_is_sound(connection, settings.library)


def test_an_original_cannot_be_changed_through_another_name_of_its_file(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """A backup program keeps hard links of the inbox; a photo editor writes into one of them."""
    digest = save_photo(settings.data / "elsewhere/a.jpg")
    settings.inbox.mkdir()
    (settings.inbox / "a.jpg").hardlink_to(settings.data / "elsewhere/a.jpg")
    settle(librarian, connection)
    assert hashes_below(settings.inbox) == {}
    with (settings.data / "elsewhere/a.jpg").open("r+b") as file:
        file.write(b"edited")
    assert hashes_below(settings.library) == {digest: 1}
    assert next(settings.library.rglob("a.jpg")).stat().st_nlink == 1


def test_a_name_of_the_library_in_the_inbox_is_let_go_and_the_original_stays(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """Somebody links an original back into the inbox, to see it there."""
    digest = save_photo(settings.inbox / "a.jpg")
    settle(librarian, connection)
    (settings.inbox / "again.jpg").hardlink_to(settings.library / DAY / "a.jpg")
    time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    assert hashes_below(settings.inbox) == {}
    assert hashes_below(settings.library) == {digest: 1}
    assert_library_is_sound(connection, settings.library)


@pytest.mark.parametrize("seconds", [0.0, -2e9, 4e9, 1.4e10], ids=["1970", "1906", "2096", "2413"])
def test_a_file_of_an_impossible_time_does_not_wait_for_ever(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection, seconds: float
) -> None:
    digest = save_photo(settings.inbox / "a.jpg", taken=None)
    os.utime(settings.inbox / "a.jpg", (seconds, seconds))
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}
    assert hashes_below(settings.inbox) == {}


def test_a_half_released_file_that_nobody_remembers_is_taken_in(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """The database was lost between the two steps of a removal, or went back to a backup."""
    digest = save_photo(settings.inbox / "DCIM/.pf-release-99")
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}
    assert hashes_below(settings.inbox) == {}
    assert rows(connection, "path") == [(f"{DAY}/recovered-99",)]


def test_nothing_is_moved_out_of_an_inbox_that_is_only_read(
    settings: LibrarianSettings, start: Start, connection: Connection
) -> None:
    """Not even what is no photo, where such files are to go to the quarantine."""
    given = {"inbox_mode": "keep", "other_files": "quarantine"}
    librarian = start(settings.model_copy(update=given))
    settings.inbox.mkdir()
    (settings.inbox / "note.txt").write_text("no photo")
    settle(librarian, connection)
    assert problems(connection) == {"note.txt": "not_media"}
    assert (settings.inbox / "note.txt").read_text() == "no photo"
    assert not settings.quarantine.exists()


@pytest.mark.parametrize("name", [b"caf\xe9.txt", b"\xe9" * 250, b"-x\n.txt"])
def test_what_goes_to_the_quarantine_may_have_any_name(
    settings: LibrarianSettings, start: Start, connection: Connection, name: bytes
) -> None:
    librarian = start(settings.model_copy(update={"other_files": "quarantine"}))
    settings.inbox.mkdir()
    (settings.inbox / os.fsdecode(name)).write_text("no photo")
    settle(librarian, connection)
    assert problems(connection) == {}
    assert [path.read_text() for path in settings.quarantine.iterdir()] == ["no photo"]
    assert hashes_below(settings.inbox) == {}
