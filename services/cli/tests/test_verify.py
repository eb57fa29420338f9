"""photo-factory verify on a library that a librarian has filled, and on what befalls it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from cli.commands.verify import verify
from cli.verification.library import Verification
from cli.verification.queries import draw_sample, read_all, read_extent
from ingest_runs import settle
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.pulse import Pulse
from photo_factory.roots import MARKER
from PIL import Image
from typer import Typer
from typer.testing import CliRunner, Result

pytestmark = pytest.mark.integration

Run = Callable[..., Result]
DAY = "2024/2024-05-17"
NAMES = ("a.jpg", "b.jpg", "🎂 -x.jpg", "back\\slash.jpg")
INSERT = """
INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, size_bytes,
    captured_local, captured_source)
VALUES (sha256(%s), %s, 'x', 'inbox/x', 'photo', 'image/jpeg', 1, now(), 'test')
"""
INTEND = """
INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns, state,
    next_try_at, intended_path)
VALUES ('inbox', 'x.jpg', 'x.jpg', 1, 1, 1, 1, %s, now(), %s)
"""


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    """Run `verify` as `photo-factory` would, on this test's data folder and database."""
    app = Typer()
    app.command()(verify)

    def invoke(*arguments: str, **environment: str) -> Result:
        variables = {"PF_DATA_DIR": str(tmp_path), "PF_DATABASE_URL": database_url, **environment}
        return CliRunner().invoke(app, arguments, env=variables)

    return invoke


@pytest.fixture
def empty_library(tmp_path: Path, database_url: str, connection: Connection) -> Path:
    """A library into which a librarian has put what lay in the inbox, if anything did."""
    settings = LibrarianSettings(
        data_dir=tmp_path,
        database_url=database_url,
        stability_seconds=0,
        incomplete_seconds=0,
        watch_mode="poll",
        poll_scan_seconds=1,
    )
    loop = LibrarianLoop(settings, Pulse())
    settle(loop, connection)
    loop.close(connection)
    return settings.library


@pytest.fixture
def library(photos: None, empty_library: Path) -> Path:  # noqa: ARG001 - the inbox is filled first
    """A library of four originals."""
    return empty_library


@pytest.fixture
def photos(tmp_path: Path) -> None:
    """Four photos of one day in the inbox."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number, name in enumerate(NAMES):
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = "2024:05:17 12:00:00"
        Image.new("RGB", (8, 8), (number * 60, 0, 0)).save(inbox / name, "JPEG", exif=exif)


def add_original(connection: Connection, library: Path, path: str, content: bytes) -> None:
    """An original with a name that the librarian would not give today."""
    (library / path).parent.mkdir(parents=True, exist_ok=True)
    (library / path).write_bytes(content)
    connection.execute(INSERT, (content, path))


def findings(result: Result) -> list[tuple[str, str]]:
    document = json.loads(result.stdout)
    assert document["is_complete"]
    return sorted((one["kind"], one["path"]) for one in document["findings"])


def compare(
    connection: Connection, library: Path, meanwhile: Callable[[], object]
) -> list[tuple[str, str]]:
    """What is found if something happens between the first look and the second."""
    verification = Verification(connection, library, meanwhile)
    last_id = read_extent(connection).last_id
    found = [
        *verification.originals(read_all(connection, last_id), lambda _: None),
        *verification.unknown_files(lambda _: None),
    ]
    return [(finding.kind, finding.path) for finding in found]


@pytest.mark.usefixtures("library")
def test_an_intact_library_is_exit_code_0(run: Run) -> None:
    result = run()
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "Reading every original: 4."
    assert lines[1].startswith("4 originals read (")
    assert lines[1].endswith("): 4 intact.")
    assert lines[2:] == ["4 files seen.", "No findings."]


@pytest.mark.usefixtures("empty_library")
def test_an_empty_library_is_intact(run: Run) -> None:
    result = run("--all", "--json")
    assert result.exit_code == 0
    assert findings(result) == []


def test_one_altered_byte_is_found(run: Run, library: Path) -> None:
    path = library / DAY / "a.jpg"
    content = bytearray(path.read_bytes())
    expected = sha256(content).hexdigest()
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    result = run("--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["findings"] == [
        {
            "kind": "altered",
            "path": f"{DAY}/a.jpg",
            "expected_sha256": expected,
            "found_sha256": sha256(content).hexdigest(),
            "message": None,
            "asset_id": document["findings"][0]["asset_id"],
        }
    ]
    assert (document["checked"], document["intact"], document["altered"]) == (4, 3, 1)


def test_missing_unreadable_and_unknown_are_told_apart(run: Run, library: Path) -> None:
    (library / DAY / "a.jpg").unlink()
    (library / DAY / "b.jpg").unlink()
    (library / DAY / "b.jpg").mkdir()
    (library / DAY / "stray\nfile.jpg").write_bytes(b"x")
    (library / os.fsdecode(b"\xff.jpg")).write_bytes(b"x")
    result = run()
    assert result.exit_code == 1
    assert f"missing     {DAY}/a.jpg\n" in result.stdout
    assert f"unreadable  {DAY}/b.jpg  (it is not a file)\n" in result.stdout
    assert f"unknown     {DAY}/stray\\nfile.jpg\n" in result.stdout
    assert "unknown     \\udcff.jpg\n" in result.stdout
    assert "4 findings: 1 missing, 1 unreadable, 2 unknown.\n" in result.stdout
    assert "): 2 intact.\n" in result.stdout


def test_an_unmounted_library_is_said_and_not_reported_as_missing(run: Run, library: Path) -> None:
    shutil.rmtree(library)
    for _ in ("no folder", "an empty folder"):
        result = run("--json")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "has no marker file" in result.stderr
        library.mkdir(exist_ok=True)


def test_a_library_that_goes_away_meanwhile_ends_the_check(
    library: Path, tmp_path: Path, database_url: str
) -> None:
    (library / DAY / "a.jpg").unlink()
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "verify", "--json"],
        env={**os.environ, "PF_DATA_DIR": str(tmp_path), "PF_DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as process:
        assert process.stdout is not None
        begin = process.stdout.read(1)  # the guard at the start has been passed
        (library / MARKER).unlink()
        rest, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"has no marker file" in errors
    document = json.loads(begin + rest)
    assert (document["findings"], document["intact"]) == ([], 3)
    assert not document["is_complete"]


def test_before_the_first_start_there_is_no_library(run: Run) -> None:
    result = run()
    assert result.exit_code == 2
    assert "cannot be read: No such file or directory." in result.stderr


def test_a_sample_reads_as_many_as_asked_for_and_says_so(run: Run, library: Path) -> None:
    for path in (library / DAY).iterdir():
        path.write_bytes(b"rotten")
    result = run("--sample", "3")
    assert result.exit_code == 1
    assert "Reading a random sample: 3 of 4 originals. --all reads every one." in result.stdout
    assert "3 findings: 3 altered." in result.stdout
    assert "4 files seen." in result.stdout


@pytest.mark.usefixtures("library")
def test_samples_differ(connection: Connection) -> None:
    assert len({draw_sample(connection, 1)[0] for _ in range(30)}) > 1


def test_a_file_that_is_just_taken_in_is_not_unknown(
    run: Run, library: Path, connection: Connection
) -> None:
    """The librarian writes down where it is about to put a file, then puts it there."""
    connection.execute(INTEND, ("ingesting", f"{DAY}/x.jpg"))
    (library / DAY / "x.jpg").write_bytes(b"x")
    assert findings(run("--json")) == []
    connection.execute("UPDATE inbox_files SET state = 'failed'")
    assert findings(run("--json")) == [("unknown", f"{DAY}/x.jpg")]


def test_a_file_whose_row_comes_meanwhile_is_not_unknown(
    library: Path, connection: Connection
) -> None:
    (library / DAY / "x.jpg").write_bytes(b"x")
    assert (
        compare(connection, library, lambda: connection.execute(INSERT, (b"x", f"{DAY}/x.jpg")))
        == []
    )


def test_a_file_that_goes_away_meanwhile_is_not_unknown(
    library: Path, connection: Connection
) -> None:
    (library / DAY / "x.jpg").write_bytes(b"x")
    assert compare(connection, library, (library / DAY / "x.jpg").unlink) == []


def test_an_original_that_is_moved_meanwhile_is_not_missing(
    library: Path, connection: Connection
) -> None:
    """A corrected date moves the file; its row follows."""
    (library / "2023").mkdir()
    (library / DAY / "a.jpg").rename(library / "2023/a.jpg")
    move = "UPDATE media_assets SET path = '2023/a.jpg' WHERE path LIKE '%/a.jpg'"
    assert compare(connection, library, lambda: connection.execute(move)) == []


def test_an_original_that_is_healed_meanwhile_is_not_altered(
    library: Path, connection: Connection
) -> None:
    path = library / DAY / "a.jpg"
    content = path.read_bytes()
    path.write_bytes(b"rotten")
    assert compare(connection, library, lambda: path.write_bytes(content)) == []


def test_an_asset_that_goes_away_meanwhile_is_not_missing(
    library: Path, connection: Connection
) -> None:
    (library / DAY / "a.jpg").unlink()
    delete = "DELETE FROM media_assets WHERE path LIKE '%/a.jpg'"
    assert compare(connection, library, lambda: connection.execute(delete)) == []


def test_many_findings_are_all_reported(run: Run, library: Path, connection: Connection) -> None:
    """More than are looked at again at once, and more than one page of rows."""
    for number in range(1200):
        connection.execute(INSERT, (str(number).encode(), f"2020/{number}.jpg"))
        (library / f"stray-{number}.jpg").touch()
    document = json.loads(run("--all", "--json").stdout)
    assert (document["missing"], document["unknown"], document["intact"]) == (1200, 1200, 4)
    assert len({one["path"] for one in document["findings"]}) == 2400


@pytest.mark.parametrize("way", ["file", "standard output"])
def test_sha256sum_agrees_with_the_manifest(
    run: Run, library: Path, connection: Connection, tmp_path: Path, way: str
) -> None:
    names = ("two\nlines.jpg", "back\\slash.jpg", "-x.jpg", "*star.jpg", "Icon\r", " 🎂.jpg")
    for name in names:
        add_original(connection, library, name, name.encode())
    manifest = tmp_path / "originals.sha256"
    if way == "file":
        result = run("--manifest", str(manifest))
        assert result.exit_code == 0
        assert "The hashes of 10 originals are in " in result.stdout
    else:
        manifest.write_bytes(run("--manifest", "-").stdout_bytes)
    assert [path.name for path in tmp_path.glob("*sha256*")] == ["originals.sha256"]
    assert check_with_sha256sum(manifest, library) == (0, 10)
    (library / "two\nlines.jpg").write_bytes(b"rotten")
    assert check_with_sha256sum(manifest, library) == (1, 9)


def check_with_sha256sum(manifest: Path, library: Path) -> tuple[int, int]:
    """Exit code of the real sha256sum, and how many files it found in order."""
    ended = subprocess.run(
        ["sha256sum", "-c", "--strict", str(manifest)],
        cwd=library,
        capture_output=True,
        check=False,
    )
    return ended.returncode, ended.stdout.count(b": OK\n")


@pytest.mark.usefixtures("library")
def test_a_manifest_replaces_files_alone(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for target in (tmp_path / "inbox", tmp_path / "no such folder" / "x", tmp_path / "pipe"):
        result = run("--manifest", str(target))
        assert result.exit_code == 2
        assert "cannot be written" in result.stderr
    assert not list(tmp_path.glob(".*.pf-part"))
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--all", "--sample", "3"),
        ("--sample", "0"),
        ("--manifest", "-", "--all"),
        ("--manifest", "-", "--json"),
        ("--manifest", "-", "--repair"),
        ("--from", "/"),
    ],
)
def test_wrong_usage_is_exit_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_sidecars_are_verified_as_originals_are(
    run: Run, empty_library: Path, connection: Connection
) -> None:
    """A known sidecar is no unknown file; a damaged one is found."""
    (empty_library / DAY).mkdir(parents=True, exist_ok=True)
    photo, sidecar = empty_library / DAY / "s.jpg", empty_library / DAY / "s.xmp"
    photo.write_bytes(b"p")
    sidecar.write_bytes(b"edits")
    connection.execute(INSERT, (b"p", f"{DAY}/s.jpg"))
    connection.execute(
        "INSERT INTO sidecars (asset_id, kind, path, sha256, original_name, source, size_bytes)"
        " SELECT id, 'xmp', %s, sha256('edits'), 's.xmp', 'inbox/s.xmp', 5 FROM media_assets",
        (f"{DAY}/s.xmp",),
    )
    assert run("--all").exit_code == 0
    sidecar.write_bytes(b"rot!!")
    result = run("--all", "--json")
    assert result.exit_code == 1
    assert [(f["kind"], f["path"]) for f in json.loads(result.stdout)["findings"]] == [
        ("altered", f"{DAY}/s.xmp")
    ]
