"""Any text and any time that export writes comes back, and real pictures stay what they are."""

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cli.export.queries import Asset
from cli.export.tags import embedded_recipe, sidecar_recipe, writable
from cli.export.writer import WriteError, Writer
from export_runs import DAY, KNOWN, decoded, read_tags
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.integration
MEDIA = Path(__file__).resolve().parents[3] / "shared" / "media"
BARE = Asset(
    id=1,
    sha256="",
    path=f"{DAY}/a.jpg",
    mime_type="image/jpeg",
    size_bytes=1,
    captured_local=datetime(2024, 5, 17),  # noqa: DTZ001 - local time
    captured_at=None,
    captured_confidence="high",
    utc_offset_minutes=None,
    location=None,
    rating=None,
    title=None,
    caption=None,
    keywords=(),
    people=(),
    is_favorite=False,
    width=None,
    height=None,
    orientation=None,
    is_astray=False,
    has_embedded_video=False,
    own_words=(),
    sidecars=(),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
LINES = st.lists(TEXTS, max_size=6)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def writer() -> Iterator[Writer]:
    with Writer() as opened:
        yield opened


ASSETS = st.builds(
    lambda **values: dataclasses.replace(BARE, **values),
    title=TEXTS,
    caption=TEXTS,
    keywords=LINES.map(tuple),
    people=LINES.map(lambda names: tuple({"name": name, "kind": "person"} for name in names)),
    captured_local=st.datetimes(min_value=datetime(1000, 1, 1)),  # noqa: DTZ001 - local time
    utc_offset_minutes=st.none() | st.integers(-840, 840),
)


@settings(max_examples=25, deadline=None)
@given(asset=ASSETS)
def test_any_text_and_any_time_come_back(desk: Path, writer: Writer, asset: Asset) -> None:
    path = desk / "x.xmp"
    path.write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    writer.write(path, sidecar_recipe(asset, None))
    tags = read_tags(path)
    for name, text in (("Title", asset.title), ("Description", asset.caption)):
        assert _listed(tags.get(f"XMP-dc:{name}", [])) == _written([text or ""])
    assert _listed(tags.get("XMP-dc:Subject", [])) == _written(asset.keywords)
    names = [one["name"] for one in asset.people]
    assert _listed(tags.get("XMP-iptcExt:PersonInImage", [])) == _written(names)
    stamp, fraction, zone = _parts(tags["XMP-exif:DateTimeOriginal"])
    moment = datetime.strptime(stamp, "%Y:%m:%d %H:%M:%S") + fraction  # noqa: DTZ007 - local time
    assert moment == asset.captured_local
    minutes = asset.utc_offset_minutes
    assert zone == (None if minutes is None else timedelta(minutes=minutes))


def _written(texts: Iterable[str]) -> list[str]:
    return [_plain(text) for one in texts if (text := writable(one))]


def _listed(value: object) -> list[str]:
    return [_plain(str(one)) for one in (value if isinstance(value, list) else [value])]


def _plain(text: str) -> str:
    """ExifTool's JSON has no quotes around true and false, in whatever case they were written."""
    return text.lower() if text.lower() in {"true", "false"} else text


def _parts(text: str) -> tuple[str, timedelta, timedelta | None]:
    stamp, rest = text[:19], text[19:]
    zone = None
    if rest[-6:-5] in {"+", "-"}:
        sign = -1 if rest[-6] == "-" else 1
        zone = sign * timedelta(hours=int(rest[-5:-3]), minutes=int(rest[-2:]))
        rest = rest[:-6]
    return stamp, timedelta(microseconds=int(rest[1:].ljust(6, "0")) if rest else 0), zone


@pytest.mark.real_media
@pytest.mark.skipif(not MEDIA.is_dir(), reason="there are no real camera files here")
@pytest.mark.filterwarnings("default")  # Pillow remarks upon odd tags, which real files have
def test_real_pictures_stay_what_they_are_or_are_left_alone(desk: Path, writer: Writer) -> None:
    known = {name: value for name, value in KNOWN.items() if name not in {"keywords", "people"}}
    asset = dataclasses.replace(BARE, **{**known, "captured_at": None})
    written = 0
    for source in sorted(MEDIA.rglob("*.[hj][ep]*[cg]"))[::20]:
        path = desk / f"real{source.suffix.lower()}"
        content = source.read_bytes()
        path.write_bytes(content)
        try:
            before = decoded(path)
            writer.write(path, embedded_recipe(asset))
        except (WriteError, OSError, SyntaxError, ValueError):
            assert path.read_bytes() == content
            continue
        assert decoded(path) == before, source.name
        written += 1
    assert written > 0


def test_an_asset_of_which_nothing_is_known_is_no_reason_to_write() -> None:
    asset = dataclasses.replace(BARE, captured_confidence="none")
    assert not sidecar_recipe(asset, None).tags
    assert not embedded_recipe(asset).tags
