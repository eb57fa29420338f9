import contextlib
import importlib.util
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from librarian.capture.decision import Evidence, decide
from librarian.capture.location import location_of
from librarian.metadata import NOT_INSTALLED, NOT_WORKING, MetadataReader, describe
from librarian.tag_values import MAX_CHARACTERS, MAX_TAGS, clean_tags

REPOSITORY = Path(__file__).parents[3]
HARD_CASES = REPOSITORY.parent / "shared" / "media" / "own_hardcases"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
MISSING = "no-such-exiftool"

unit = pytest.mark.unit
faults = pytest.mark.faults


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The project's own test media."""
    path = REPOSITORY / "tests" / "media" / "generate.py"
    spec = importlib.util.spec_from_file_location("media_generate", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[Any] = module.generate(tmp_path_factory.mktemp("media"))
    return found


@pytest.fixture(scope="module")
def exiftool() -> str:
    """ExifTool's path; where CI forgets to install it, that is a failure."""
    path = shutil.which("exiftool")
    if path is None:
        assert os.environ.get("CI") != "true", "ExifTool is not installed"
        pytest.skip("ExifTool is not installed")
    return path


@pytest.fixture(scope="module")
def reader(exiftool: str) -> Iterator[MetadataReader]:
    """A reader that several tests share, as its start costs the most."""
    with MetadataReader(exiftool) as opened:
        yield opened


def picture(samples: list[Any]) -> Path:
    found: Path = samples[0].path
    return found


def days(reader: MetadataReader, samples: list[Any]) -> dict[str, tuple[object, object]]:
    """Of each sample the day found and the day expected, where they differ."""
    assets = [sample for sample in samples if sample.day is not None]
    read = reader.read([sample.path for sample in assets])
    wrong: dict[str, tuple[object, object]] = {}
    for sample, metadata in zip(assets, read, strict=True):
        modified = datetime.fromtimestamp(sample.path.stat().st_mtime, UTC)
        day = decide(Evidence(metadata.tags, sample.path.name, modified), NOW).local.date()
        if day != sample.day:
            wrong[sample.path.name] = (day, sample.day)
    return wrong


@unit
def test_every_sample_gets_its_day(reader: MetadataReader, samples: list[Any]) -> None:
    assert days(reader, samples) == {}
    assert reader.problem is None


@unit
def test_without_exiftool_photos_keep_their_days_and_the_user_is_told(samples: list[Any]) -> None:
    with MetadataReader(MISSING) as alone:
        assert alone.problem == NOT_INSTALLED
        assert set(days(alone, samples)) == {"walk.mp4", "night.mov"}
        [read] = alone.read([picture(samples)])
    assert read.source == "pillow"


@unit
def test_pillow_reads_what_exiftool_reads(reader: MetadataReader, samples: list[Any]) -> None:
    photos = [sample.path for sample in samples if sample.path.suffix not in {".mp4", ".mov"}]
    with MetadataReader(MISSING) as alone:
        fallback = alone.read(photos)
    for path, ours, theirs in zip(photos, fallback, reader.read(photos), strict=True):
        assert (ours.width, ours.height) == (theirs.width, theirs.height), path
        assert ours.orientation == theirs.orientation, path
        assert ours.camera_model == theirs.camera_model, path
        assert location_of(ours.tags) == location_of(theirs.tags), path


@unit
def test_places_keep_their_hemisphere(reader: MetadataReader, samples: list[Any]) -> None:
    paths = {sample.path.stem: sample.path for sample in samples}
    east, west = reader.read([paths["north-east"], paths["south-west"]])
    found = [location_of(one.tags) for one in (east, west)]
    assert [(one.latitude, one.longitude) for one in found if one] == [
        (43.7687, 11.2569),
        (-33.4489, -70.6693),
    ]


@unit
def test_a_movie_has_a_duration_and_a_photo_has_none(
    reader: MetadataReader, samples: list[Any]
) -> None:
    paths = {sample.path.name: sample.path for sample in samples}
    movie, animation = reader.read([paths["walk.mp4"], paths["IMG_20230305_101500.gif"]])
    assert movie.duration_seconds == pytest.approx(1.0)
    assert (movie.width, movie.height, movie.orientation) == (320, 240, 1)
    assert animation.duration_seconds is None


@unit
def test_sizes_are_those_of_the_upright_picture() -> None:
    turned = describe(
        {"File:MIMEType": "image/jpeg", "Composite:ImageSize": "40 30", "IFD0:Orientation": 6},
        "exiftool",
    )
    # HEIF says its rotation itself, anticlockwise, and EXIF's orientation counts for nothing.
    heif = describe(
        {
            "File:MIMEType": "image/heic",
            "Composite:ImageSize": "40 30",
            "IFD0:Orientation": 1,
            "QuickTime:Rotation": 270,
        },
        "exiftool",
    )
    movie = describe(
        {"File:MIMEType": "video/mp4", "Composite:ImageSize": "40 30", "Composite:Rotation": 90},
        "exiftool",
    )
    for one in (turned, heif, movie):
        assert (one.width, one.height, one.orientation) == (30, 40, 6)


@unit
def test_hostile_names_never_reach_exiftool(
    reader: MetadataReader, samples: list[Any], tmp_path: Path
) -> None:
    names = [
        b"-execute.jpg",
        b"-delete_original!",
        b"two\nlines.jpg",
        b"# comment.jpg",
        b"caf\xe9.jpg",
        b"tool;touch x.jpg;.jpg",
        b"%f.jpg",
        b"x." + b"y" * 100,
        b"no suffix",
        b"w\xf0\x9f\x8c\x85.j p g",
    ]
    paths = [tmp_path / os.fsdecode(name) for name in names]
    for path in paths:
        shutil.copyfile(picture(samples), path)
    for path, read in zip(paths, reader.read(paths), strict=True):
        assert read.tags["ExifIFD:DateTimeOriginal"] == "2024:05:04 23:34:56", path
        assert read.source == "exiftool"
    assert len(list(tmp_path.iterdir())) == len(names)


@unit
def test_a_file_that_nobody_can_read_gives_nothing_and_harms_no_other(
    reader: MetadataReader, samples: list[Any], tmp_path: Path
) -> None:
    gone, whole = reader.read([tmp_path / "gone.jpg", picture(samples)])
    assert (gone.source, gone.tags, gone.width) == ("none", {}, None)
    assert whole.source == "exiftool"
    assert reader.read([]) == []


@unit
def test_batches_of_any_size_keep_their_order(reader: MetadataReader, samples: list[Any]) -> None:
    paths = [sample.path for sample in samples if sample.code is None] * 4
    read = reader.read(paths)
    assert len(read) == len(paths) > 100
    once = len(paths) // 4
    assert [one.tags for one in read[:once]] == [one.tags for one in read[-once:]]


@unit
def test_nothing_of_the_copy_that_was_read_is_kept(
    reader: MetadataReader, samples: list[Any]
) -> None:
    [read] = reader.read([picture(samples)])
    assert not any(name.startswith(("System:", "SourceFile")) for name in read.tags)
    assert "photo-factory-" not in json.dumps(read.tags)


TEXT = st.text(st.characters(), max_size=10)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)


@unit
@settings(max_examples=50)
@given(st.dictionaries(TEXT, JSON, max_size=10))
def test_cleaned_tags_can_be_stored_as_jsonb(tags: dict[str, object]) -> None:
    text = json.dumps(clean_tags(tags), allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in text
    assert text.encode("utf-8")


@unit
def test_binary_and_huge_values_are_left_out() -> None:
    tags: dict[str, object] = {
        "A:Preview": "(Binary data 9 bytes, use -b option to extract)",
        "A:Long": "x" * (MAX_CHARACTERS + 1),
        "A:Endless": 1e999,
        "A:Nul": "a\x00b",
        "A:Half": "\ud800!",
        "A:List": ["a", float("nan"), 2],
    }
    assert clean_tags(tags) == {"A:Nul": "ab", "A:Half": "?!", "A:List": ["a", 2]}
    assert len(clean_tags({str(number): 1 for number in range(9999)})) == MAX_TAGS


TOOL = """#!{python}
# ExifTool behind a filter that {effect} when the second file of a call comes by.
import os, signal, subprocess, sys, time
tool = subprocess.Popen(["{exiftool}", *sys.argv[1:]], stdin=subprocess.PIPE)
def end(*_):
    tool.kill()
    os._exit(1)
signal.signal(signal.SIGTERM, end)
for line in sys.stdin.buffer:
    if b"/000002" in line:
        {action}
    tool.stdin.write(line)
    tool.stdin.flush()
"""


def bad_tool(folder: Path, exiftool: str, effect: str, action: str) -> str:
    path = folder / "exiftool"
    path.write_text(
        TOOL.format(python=sys.executable, exiftool=exiftool, effect=effect, action=action)
    )
    path.chmod(0o755)
    return str(path)


@faults
@pytest.mark.parametrize(("effect", "action"), [("hangs", "time.sleep(999)"), ("dies", "end()")])
def test_only_the_file_on_which_exiftool_fails_is_blamed(
    effect: str, action: str, exiftool: str, samples: list[Any], tmp_path: Path
) -> None:
    tool = bad_tool(tmp_path, exiftool, effect, action)
    signs: list[float] = []
    with MetadataReader(tool, call_seconds=3) as bad:
        read = bad.read([picture(samples)] * 3, lambda: signs.append(time.monotonic()))
        assert [one.source for one in read] == ["exiftool", "pillow", "exiftool"]
        assert bad.problem is None
        assert bad.read([picture(samples)])[0].source == "exiftool"
    assert {one.tags["ExifIFD:DateTimeOriginal"] for one in read} == {"2024:05:04 23:34:56"}


@pytest.fixture
def own_tool(exiftool: str, tmp_path: Path) -> str:
    """ExifTool under a path that no other test uses, so that its processes can be told."""
    path = tmp_path / "exiftool"
    path.symlink_to(exiftool)
    return str(path)


def running(tool: str) -> list[int]:
    """Processes of this ExifTool."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if tool.encode() in words and b"-stay_open" in words:
                found.append(int(path.parent.name))
    return found


@faults
@pytest.mark.parametrize("idle_seconds", [0.0, 1.0])
def test_a_killed_exiftool_is_replaced(
    idle_seconds: float, own_tool: str, samples: list[Any]
) -> None:
    with MetadataReader(own_tool, call_seconds=10) as reader:
        reader.read([picture(samples)])
        [process] = running(own_tool)
        os.kill(process, signal.SIGKILL)
        time.sleep(idle_seconds)
        started = time.monotonic()
        assert reader.read([picture(samples)] * 3)[2].source == "exiftool"
        assert time.monotonic() - started < 9  # it was noticed at once, not at the deadline


@faults
def test_no_process_is_left_behind(own_tool: str, samples: list[Any]) -> None:
    with MetadataReader(own_tool) as reader:
        reader.read([picture(samples)])
        assert len(running(own_tool)) == 1
    deadline = time.monotonic() + 5
    while running(own_tool) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running(own_tool) == []


@faults
def test_a_program_that_is_no_exiftool_is_a_problem_and_not_the_end(
    samples: list[Any], tmp_path: Path
) -> None:
    tool = tmp_path / "exiftool"
    tool.write_text("#!/bin/sh\nexit 1\n")
    tool.chmod(0o755)
    with MetadataReader(str(tool), call_seconds=5) as reader:
        assert [one.source for one in reader.read([picture(samples)] * 2)] == ["pillow", "pillow"]
        assert reader.problem == NOT_WORKING


@pytest.mark.real_media
@pytest.mark.skipif(not HARD_CASES.is_dir(), reason="there are no real camera files here")
@pytest.mark.parametrize(
    ("zone", "key"), [("UTC", "utc"), ("America/Los_Angeles", "la"), (None, "utc")]
)
def test_the_hard_cases_get_their_days(reader: MetadataReader, zone: str | None, key: str) -> None:
    """Each case once cost the users of another program a wrong date."""
    lines = (HARD_CASES / "expect.tsv").read_text().splitlines()
    expected = dict(line.split("\t") for line in lines if line)
    paths = [HARD_CASES / "in" / name for name in expected]
    home = None if zone is None else ZoneInfo(zone)
    assert len(paths) == 24
    for path, read in zip(paths, reader.read(paths), strict=True):
        day = decide(Evidence(read.tags, path.name, NOW), NOW, home).local.date().isoformat()
        wanted = expected[path.name]
        if wanted.startswith("not:"):
            assert not day.startswith(tuple(wanted[4:].split(","))), path.name
        elif ":" in wanted:
            assert day == dict(part.split(":") for part in wanted.split(","))[key], path.name
        else:
            assert day == wanted, path.name
