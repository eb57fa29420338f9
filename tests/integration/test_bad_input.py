"""Files that are broken, hostile or lie: each gets a state and a sentence, and none is lost."""

import io
import os
import shutil
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from file_systems import as_somebody_else
from generate import exif
from inbox_drops import save_film
from ingest_runs import assert_library_is_sound, hashes_below, settle
from librarian import description
from librarian.loop import LibrarianLoop
from librarian.metadata import MetadataReader
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_files import problems, rows, save_photo
from PIL import Image

pytestmark = pytest.mark.integration

SCAN_SECONDS = 1.1
Start = Callable[[LibrarianSettings], LibrarianLoop]


def messages(connection: Connection) -> list[str]:
    rows = connection.execute("SELECT error_message FROM inbox_files WHERE state = 'failed'")
    return [message for (message,) in rows]


def picture(fmt: str, size: tuple[int, int] = (16, 12)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "teal").save(written, fmt)
    return written.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)


def png(width: int, height: int, *more: bytes) -> bytes:
    """A whole PNG by its frame, whose picture is as large as its header says."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    picture_data = chunk(b"IDAT", zlib.compress(bytes(1000)))
    chunks = (chunk(b"IHDR", header), *more, picture_data, chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def huge_jpeg() -> bytes:
    """A small JPEG that claims to be 65,500 pixels wide and high."""
    small = picture("JPEG")
    frame = small.index(b"\xff\xc0") + 5
    return small[:frame] + struct.pack(">HH", 65_500, 65_500) + small[frame + 4 :]


@pytest.mark.parametrize(
    ("name", "content", "mime_type", "is_misnamed"),
    [
        ("a.jpg", picture("PNG"), "image/png", True),
        ("b.mov", picture("JPEG"), "image/jpeg", True),
        ("c.txt", picture("GIF"), "image/gif", True),
        ("d", picture("WEBP"), "image/webp", False),
        ("e.JPE", picture("JPEG"), "image/jpeg", False),
    ],
    ids=["PNG as JPEG", "JPEG as film", "GIF as text", "no suffix", "rare suffix"],
)
def test_content_decides_what_a_file_is_and_its_name_is_kept(  # noqa: PLR0913, PLR0917 - a table's columns and what the test needs
    librarian: LibrarianLoop,
    settings: LibrarianSettings,
    connection: Connection,
    name: str,
    content: bytes,
    mime_type: str,
    is_misnamed: bool,  # noqa: FBT001 - a table's column
) -> None:
    settings.inbox.mkdir()
    (settings.inbox / name).write_bytes(content)
    settle(librarian, connection)
    found = rows(connection, "mime_type, is_misnamed, original_name")
    assert found == [(mime_type, is_misnamed, name)]
    assert [path.name for path in settings.library.glob("*/*/*")] == [name]


def test_a_film_called_a_photo_is_a_film(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    save_film(settings.inbox / "a.mov")
    (settings.inbox / "a.mov").rename(settings.inbox / "a.jpg")
    settle(librarian, connection)
    found = rows(connection, "media_type, is_misnamed, captured_local::date::text")
    assert found == [("video", True, "2024-05-17")]


def test_an_archive_that_swells_a_thousandfold_is_never_opened(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    settings.inbox.mkdir()
    with zipfile.ZipFile(settings.inbox / "bomb.jpg", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(30 << 20))
    (settings.inbox / "bomb.gz").write_bytes(zlib.compress(bytes(30 << 20), wbits=31))
    settle(librarian, connection)
    assert problems(connection) == {"bomb.gz": "not_media", "bomb.jpg": "not_media"}


def test_a_text_that_swells_inside_a_picture_does_no_harm(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """A few kilobytes that become 160 MB where they are unpacked; the neighbour is read."""
    settings.inbox.mkdir()
    (settings.inbox / "c.png").write_bytes(png(16, 12))
    squeezed = zlib.compressobj(9)
    bomb = b"".join(squeezed.compress(bytes(1 << 20)) for _ in range(160)) + squeezed.flush()
    text = chunk(b"zTXt", b"Comment\0\0" + bomb)
    (settings.inbox / "a.png").write_bytes(png(16, 12, text))
    settle(librarian, connection)
    found = {name: size for name, *size in rows(connection, "original_name, width, height")}
    assert found["c.png"] == [16, 12]
    assert found.keys() == {"a.png", "c.png"}
    (size,) = rows(connection, "max(pg_column_size(metadata)) OVER ()")[0]
    assert size < 100_000


@pytest.mark.parametrize(
    ("name", "content", "size"),
    [
        ("one.png", png(1, 1), (1, 1)),
        ("one.jpg", picture("JPEG", (1, 1)), (1, 1)),
        ("endless.png", png(100_000, 100_000), (100_000, 100_000)),
        ("huge.jpg", huge_jpeg(), (65_500, 65_500)),
        ("impossible.png", png(0, 2**31), (None, None)),
    ],
    ids=["1 pixel", "1 pixel of JPEG", "10 gigapixels", "4 gigapixels", "impossible"],
)
def test_a_picture_may_be_of_any_size(  # noqa: PLR0913, PLR0917 - a table's columns and what the test needs
    librarian: LibrarianLoop,
    settings: LibrarianSettings,
    connection: Connection,
    name: str,
    content: bytes,
    size: tuple[int | None, int | None],
) -> None:
    """No picture is unpacked to be kept; 30 GB would be needed for the largest of these."""
    settings.inbox.mkdir()
    (settings.inbox / name).write_bytes(content)
    settle(librarian, connection)
    assert rows(connection, "width, height") == [size]
    assert problems(connection) == {}


def test_a_frame_that_promises_what_does_not_come_is_cut_off(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """Lengths of 4 GB and of 16 EB in files of a few bytes."""
    settings.inbox.mkdir()
    box = struct.pack(">I", 16) + b"ftypqt  " + bytes(4)
    for name, content in {
        "a.png": b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xffIHDR",
        "b.mov": box + struct.pack(">I", 1) + b"mdat" + b"\xff" * 8,
        "c.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        "d.jpg": b"\xff\xd8\xff\xe1\xff\xff" + bytes(100),
    }.items():
        (settings.inbox / name).write_bytes(content)
    settle(librarian, connection)
    assert set(problems(connection).values()) == {"truncated"}
    assert len(problems(connection)) == 4
    assert all("Copy it here once more" in message for message in messages(connection))


def test_nonsense_after_a_photos_end_is_kept_with_it(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    save_photo(settings.inbox / "a.jpg")
    with (settings.inbox / "a.jpg").open("ab") as file:
        file.write(os.urandom(5000))
    digests = hashes_below(settings.inbox)
    settle(librarian, connection)
    assert hashes_below(settings.library) == digests


def test_a_file_that_may_not_be_read_stays_and_says_so(
    librarian: LibrarianLoop,
    settings: LibrarianSettings,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    librarian.turn(connection)
    readable = save_photo(settings.inbox / "open.jpg")
    closed = save_photo(settings.inbox / "closed.jpg", "blue")
    (settings.inbox / "folder").mkdir()
    hidden = save_photo(settings.inbox / "folder" / "hidden.jpg", "green")
    for name in ("closed.jpg", "folder"):
        (settings.inbox / name).chmod(0)
    monkeypatch.setenv("PATH", "/nonexistent")
    time.sleep(SCAN_SECONDS)
    with as_somebody_else(settings.data):
        settle(librarian, connection)
    assert problems(connection) == {"closed.jpg": "unreadable", "folder": "unreadable"}
    assert all("cannot be read" in message for message in messages(connection))
    (settings.inbox / "folder").chmod(0o755)
    assert hashes_below(settings.library) == {readable: 1}
    assert hashes_below(settings.inbox) == {closed: 1, hidden: 1}


def test_a_photo_that_may_not_be_removed_is_stored_all_the_same(
    librarian: LibrarianLoop,
    settings: LibrarianSettings,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its folder can only be read: it is stored once, and the rest is up to a person."""
    digest = save_photo(settings.inbox / "folder" / "a.jpg")
    (settings.inbox / "folder").chmod(0o555)
    monkeypatch.setenv("PATH", "/nonexistent")
    with as_somebody_else(settings.data):
        settle(librarian, connection)
        assert problems(connection) == {"folder/a.jpg": "inbox_not_writable"}
        (message,) = messages(connection)
        assert "is stored in the library but cannot be removed" in message
        assert hashes_below(settings.library) == hashes_below(settings.inbox) == {digest: 1}
        (settings.inbox / "folder").chmod(0o755)
        connection.execute("UPDATE inbox_files SET state = 'waiting', next_try_at = now()")
        settle(librarian, connection)
    assert hashes_below(settings.inbox) == {}
    assert connection.execute("SELECT count(*) FROM duplicates").fetchone() == (0,)
    assert_library_is_sound(connection, settings.library)


TOOL = """#!{python}
# ExifTool behind a filter that {effect} on one file.
import os, signal, subprocess, sys, time
tool = subprocess.Popen(["{exiftool}", *sys.argv[1:]], stdin=subprocess.PIPE)
def end(*_):
    tool.kill()
    os._exit(1)
signal.signal(signal.SIGTERM, end)
for line in sys.stdin.buffer:
    path = line.strip()
    if os.path.islink(path) and b"evil" in os.readlink(path):
        {action}
    tool.stdin.write(line)
    tool.stdin.flush()
"""


@pytest.mark.parametrize(("effect", "action"), [("hangs", "time.sleep(999)"), ("dies", "end()")])
def test_a_file_on_which_exiftool_fails_is_stored_and_no_other_suffers(  # noqa: PLR0913, PLR0917 - a table's columns and what the test needs
    effect: str,
    action: str,
    settings: LibrarianSettings,
    start: Start,
    connection: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tool = tmp_path / "bin" / "exiftool"
    tool.parent.mkdir()
    exiftool = shutil.which("exiftool")
    text = TOOL.format(python=sys.executable, exiftool=exiftool, effect=effect, action=action)
    tool.write_text(text)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=os.pathsep)
    monkeypatch.setattr(description, "MetadataReader", partial(MetadataReader, call_seconds=2))
    settings.inbox.mkdir()
    tags = exif(datetime(2024, 5, 17, 10)).tobytes()  # noqa: DTZ001 - local time, as cameras write it
    for name in ("a.png", "evil.png", "z.png"):
        Image.new("RGB", (16, 12), f"#0000{ord(name[0]):02x}").save(
            settings.inbox / name, exif=tags
        )
    librarian = start(settings)
    settle(librarian, connection)
    found = rows(connection, "original_name, captured_local::date::text, is_described")
    assert [(name, day) for name, day, _ in found] == [
        (name, "2024-05-17") for name in ("a.png", "evil.png", "z.png")
    ]
    assert librarian.status().state == "healthy"
    save_film(settings.inbox / "later.mov")
    time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    assert len(rows(connection, "id")) == 4
