"""photo-factory export: plain copies, and where they go."""

import json
import os
from pathlib import Path

import pytest
from cli.commands.export import export
from export_runs import DAY, Library, Run, hashes
from photo_factory.database import Connection
from photo_factory.roots import MARKER
from small_disks import BOTH, Kind, small_disk
from typer import Typer
from typer.testing import CliRunner, Result

pytestmark = pytest.mark.integration


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "target"


@pytest.fixture
def library(connection: Connection, data: Path) -> Library:
    return Library.create(connection, data)


@pytest.fixture
def run(data: Path, target: Path, database_url: str) -> Run:
    """Export into the target, as `photo-factory` would."""
    app = Typer()
    app.command()(export)

    def invoke(*arguments: str | Path) -> Result:
        variables = {"PF_DATA_DIR": str(data), "PF_DATABASE_URL": database_url}
        given = [str(target), *map(str, arguments)]
        return CliRunner().invoke(app, given, env=variables)

    return invoke


def verdicts(result: Result) -> list[tuple[str, str, str | None]]:
    return [
        (one["path"].rpartition("/")[2], one["verdict"], one["stored_as"])
        for one in json.loads(result.stdout)["files"]
    ]


def test_copies_go_into_their_day_folders(run: Run, library: Library, target: Path) -> None:
    library.add(f"{DAY}/a.jpg", b"a")
    library.add("2023/2023-01-02/b.jpg", b"b")
    os.utime(library.root / DAY / "a.jpg", (1_000_000_000, 1_000_000_000))
    result = run("--all")
    assert result.exit_code == 0, result.output
    assert (target / DAY / "a.jpg").read_bytes() == b"a"
    assert (target / DAY / "a.jpg").stat().st_mtime == 1_000_000_000
    assert (target / "2023/2023-01-02/b.jpg").read_bytes() == b"b"
    assert "2 copied" in result.stdout
    assert not (target / ".incoming").exists()
    assert (library.root / DAY / "a.jpg").stat().st_nlink == 1


def test_what_is_there_is_neither_replaced_nor_copied_again(
    run: Run, library: Library, target: Path
) -> None:
    library.add(f"{DAY}/same.jpg", b"same")
    library.add(f"{DAY}/other.jpg", b"mine")
    (target / DAY).mkdir(parents=True)
    (target / DAY / "same.jpg").write_bytes(b"same")
    (target / DAY / "other.jpg").write_bytes(b"your")
    assert verdicts(run("--all", "--json")) == [
        ("other.jpg", "copied", f"{DAY}/other_1.jpg"),
        ("same.jpg", "there", f"{DAY}/same.jpg"),
    ]
    assert (target / DAY / "other.jpg").read_bytes() == b"your"
    assert (target / DAY / "other_1.jpg").read_bytes() == b"mine"
    before = hashes(target)
    assert [verdict for _, verdict, _ in verdicts(run("--all", "--json"))] == ["there", "there"]
    assert hashes(target) == before


def test_links_and_folders_in_the_way_are_left_alone(
    run: Run, library: Library, target: Path, tmp_path: Path
) -> None:
    library.add(f"{DAY}/a.jpg", b"a")
    library.add(f"{DAY}/b.jpg", b"b")
    (target / DAY / "a.jpg").mkdir(parents=True)
    (tmp_path / "elsewhere").write_bytes(b"b")
    (target / DAY / "b.jpg").symlink_to(tmp_path / "elsewhere")
    assert run("--all").exit_code == 0
    assert (target / DAY / "a_1.jpg").read_bytes() == b"a"
    assert (target / DAY / "b_1.jpg").read_bytes() == b"b"
    assert (target / DAY / "b.jpg").is_symlink()


def test_what_belongs_together_goes_together_under_one_number(
    run: Run, library: Library, target: Path
) -> None:
    group = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
    still = library.add(f"{DAY}/IMG_1.jpg", b"still", group_id=group)
    library.add(f"{DAY}/IMG_1.mov", b"film", group_id=group, role="live_video")
    library.add(f"{DAY}/IMG_E1.jpg", b"edited", group_id=group, role="edited")
    library.add(f"{DAY}/stranger.jpg", b"stranger")
    library.add_sidecar(still, f"{DAY}/IMG_1.jpg.xmp", b"<x/>")
    library.add_sidecar(still, f"{DAY}/IMG_1.aae", b"edits")
    (target / DAY).mkdir(parents=True)
    (target / DAY / "IMG_1.mov").write_bytes(b"of somebody else")
    assert run(str(still)).exit_code == 0
    assert sorted(hashes(target)) == [
        f"{DAY}/IMG_1.mov",
        f"{DAY}/IMG_1_1.aae",
        f"{DAY}/IMG_1_1.jpg",
        f"{DAY}/IMG_1_1.jpg.xmp",
        f"{DAY}/IMG_1_1.mov",
        f"{DAY}/IMG_E1.jpg",
    ]
    assert (target / DAY / "IMG_1.mov").read_bytes() == b"of somebody else"


def test_an_original_that_rotted_is_not_copied_and_the_rest_is(
    run: Run, library: Library, target: Path
) -> None:
    library.add(f"{DAY}/gone.jpg", b"gone")
    library.add(f"{DAY}/good.jpg", b"good")
    library.add(f"{DAY}/rotten.jpg", b"rotten")
    (library.root / DAY / "gone.jpg").unlink()
    (library.root / DAY / "rotten.jpg").write_bytes(b"rottem")
    result = run("--all")
    assert result.exit_code == 1
    assert "gone.jpg is missing in the library" in result.stdout
    assert "rotten.jpg is not what was stored" in result.stdout
    assert list(hashes(target)) == [f"{DAY}/good.jpg"]


def test_an_original_that_was_moved_meanwhile_is_found(
    run: Run, library: Library, target: Path, connection: Connection
) -> None:
    """Its row is read again when the file is not where it was."""
    library.add(f"{DAY}/a.jpg", b"a")
    library.add("2023/2023-01-02/copy.jpg", b"b")
    (library.root / "2023/2023-01-02/copy.jpg").write_bytes(b"a")
    (library.root / DAY / "a.jpg").unlink()
    connection.execute("ALTER TABLE media_assets DROP CONSTRAINT uq_media_assets_sha256")
    connection.execute("UPDATE media_assets SET sha256 = sha256('a')")
    assert run("--path", f"{DAY}/*").exit_code == 0
    assert (target / DAY / "a.jpg").read_bytes() == b"a"


def test_an_astray_original_goes_where_its_date_says(
    run: Run, library: Library, target: Path
) -> None:
    library.add("1999/1999-01-01/a.jpg", b"a", is_astray=True)
    run("--all")
    assert list(hashes(target)) == [f"{DAY}/a.jpg"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--all",), "abcd"),
        (("--path", "2024/*"), "ab"),
        (("--path", "*/?.jpg"), "abc"),
        (("--path", "*/%.jpg"), ""),
        (("--from", "2024-05-18"), "bc"),
        (("--to", "2024-05-17"), "ad"),
        (("--from", "2024-05-17", "--to", "2024-05-17"), "a"),
        (("--album", "Holiday"), "ac"),
        (("--album", "Holiday", "--path", "2024/*"), "a"),
        (("2024/2024-05-17/a.jpg", "2025/2025-01-01/c.jpg"), "ac"),
    ],
)
def test_assets_are_chosen_by(
    run: Run, library: Library, connection: Connection, arguments: tuple[str, ...], expected: str
) -> None:
    a = library.add("2024/2024-05-17/a.jpg", b"a", captured_local="2024-05-17 23:59:59")
    library.add("2024/2024-05-18/b.jpg", b"b", captured_local="2024-05-18 00:00")
    c = library.add("2025/2025-01-01/c.jpg", b"c", captured_local="2025-01-01 00:00")
    library.add("2020/2020-01-01/d_.jpg", b"d", captured_local="2020-01-01 00:00")
    for number, asset in enumerate((a, c)):  # two albums of one title
        connection.execute(
            "WITH album AS (INSERT INTO albums (source, title) VALUES (%s, 'Holiday') RETURNING id)"
            " INSERT INTO album_assets (album_id, asset_id) SELECT id, %s FROM album",
            (f"takeout:{number}", asset),
        )
    result = run(*arguments, "--json")
    if not expected:
        assert result.exit_code == 2
        assert "No photo or video is like that" in result.stderr
        return
    assert "".join(sorted(name[0] for name, _, _ in verdicts(result))) == expected


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Choose what to export"),
        (("--all", "--path", "*"), "Choose what to export"),
        (("--from", "2024-02-01", "--to", "2024-01-01"), "--from is later"),
        (("--album", "None"), "There is no album None"),
        (("no/such.jpg",), "has no photo or video no/such.jpg"),
        (("99999999999999999999",), "has no photo or video 99999999999999999999"),
        (("\udcff.jpg",), "has no photo or video"),
        (("--from", "tomorrow"), "does not match"),
    ],
)
def test_wrong_usage_is_said_and_exit_code_2(
    run: Run, target: Path, arguments: tuple[str, ...], words: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not target.exists()


@pytest.mark.parametrize("where", ["library", "inbox", "derivatives", "quarantine", "marked"])
def test_folders_of_an_installation_are_refused(
    library: Library, data: Path, database_url: str, where: str
) -> None:
    library.add(f"{DAY}/a.jpg", b"a")
    (data / where / "deep").mkdir(parents=True)
    if where == "marked":
        (data / where / MARKER).write_text("of another installation")
    (data / "link").symlink_to(data / where)
    app = Typer()
    app.command()(export)
    variables = {"PF_DATA_DIR": str(data), "PF_DATABASE_URL": database_url}
    for target in (data / where, data / where / "deep", data / where / "new", data / "link/new"):
        result = CliRunner().invoke(app, [str(target), "--all"], env=variables)
        assert result.exit_code == 2
        assert "Export to another folder." in result.stderr
    assert set(library.hashes()) == {MARKER, f"{DAY}/a.jpg"}


def test_a_target_that_is_not_mounted_is_not_made_up(
    library: Library, tmp_path: Path, data: Path, database_url: str
) -> None:
    library.add(f"{DAY}/a.jpg", b"a")
    app = Typer()
    app.command()(export)
    result = CliRunner().invoke(
        app,
        [str(tmp_path / "media/stick/photos"), "--all"],
        env={"PF_DATA_DIR": str(data), "PF_DATABASE_URL": database_url},
    )
    assert result.exit_code == 2
    assert "There is no folder" in result.stderr


def test_too_little_room_is_said_before_anything_is_written(
    run: Run, library: Library, target: Path, connection: Connection
) -> None:
    library.add(f"{DAY}/a.jpg", b"a")
    connection.execute("UPDATE media_assets SET size_bytes = 1::bigint << 60")
    result = run("--all")
    assert result.exit_code == 2
    assert "There is too little room" in result.stderr
    assert not target.exists()


@pytest.mark.parametrize("kind", BOTH)
def test_a_disk_that_fills_up_meanwhile_ends_it_with_its_reason(
    run: Run, library: Library, target: Path, kind: Kind
) -> None:
    """What has a name there counts as there beforehand; here it turns out to be another file."""
    library.add(f"{DAY}/a.jpg", b"a")
    library.add(f"{DAY}/b.jpg", bytes(3_000_000))
    library.add(f"{DAY}/c.jpg", b"c")
    with small_disk(kind, target, 18 << 20):
        (target / DAY).mkdir(parents=True)
        (target / DAY / "b.jpg").write_bytes(b"of somebody else")
        result = run("--all")
        assert result.exit_code == 1
        assert "is full. Make room, and run the same command again." in result.stdout
        assert "Stopped before the end." in result.stdout
        assert sorted(hashes(target)) == [f"{DAY}/a.jpg", f"{DAY}/b.jpg"]


def test_an_unmounted_library_is_said(run: Run, library: Library) -> None:
    library.add(f"{DAY}/a.jpg", b"a")
    (library.root / MARKER).unlink()
    result = run("--all")
    assert result.exit_code == 2
    assert "Is the disk or share mounted?" in result.stderr


def test_a_dry_run_writes_nothing(run: Run, library: Library, target: Path) -> None:
    library.add(f"{DAY}/a.jpg", b"a")
    assert "1 would be copied" in run("--all", "--dry-run").stdout
    assert not target.exists()
    run("--all", "--with-xmp")
    library.add(f"{DAY}/b.jpg", b"b")
    before = hashes(target)
    assert verdicts(run("--all", "--with-xmp", "--dry-run", "--json")) == [
        ("a.jpg", "there", f"{DAY}/a.jpg"),
        ("b.jpg", "copied", f"{DAY}/b.jpg"),
    ]
    assert hashes(target) == before


def test_odd_names_are_copied_as_they_are(run: Run, library: Library, target: Path) -> None:
    names = ("-x.jpg", "two\nlines.jpg", "🎂 'é\" #$%&=.jpg", "n" * 251 + ".jpg", "@file.jpg")
    for number, name in enumerate(names):
        library.add(f"{DAY}/{name}", b"%d" % number, title="t")
    result = run("--all", "--with-xmp")
    assert result.exit_code == 0, result.output
    found = {Path(name).name for name in hashes(target)}
    assert {*names[:3], names[4]} < found
    assert "two\nlines.jpg.xmp" in found
    # With its sidecar, the longest name is too long: both get a shorter one.
    assert {"n" * 247 + ".jpg", "n" * 247 + ".jpg.xmp"} < found


def test_the_json_is_one_document(run: Run, library: Library) -> None:
    library.add(f"{DAY}/a.jpg", b"a", title="t")
    document = json.loads(run("--all", "--json", "--with-xmp").stdout)
    (only,) = document["files"]
    assert only["sidecars"] == [f"{DAY}/a.jpg.xmp"]
    assert document["copied"] == {"files": 1, "bytes": 1}
    assert document["is_complete"] is True
