"""What `photo-factory show` prints of an asset."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cli.commands.wording import printable, size
from cli.dates.assets import FullAsset, Row
from cli.dates.times import when_words

LABEL_WIDTH = 12
ROLES = {
    "raw": "the RAW of it",
    "edited": "an edited version",
    "live_video": "the video of a Live Photo",
    "burst": "a frame of a burst",
    "primary": "the first of the group",
}
OFFSETS = {
    "tag": "the file says its offset",
    "gps time": "offset by the time of the satellites",
    "place": "offset by the place",
    "paired still": "offset by the still that it belongs to",
    "file name": "offset by the file's name",
    "home zone": "offset by the zone at home",
    "correction": "offset given by a person",
}
ASTRAY = "the file lies under another day still; the librarian moves it"
LONGEST_PART_OF_SECOND = 0.4
"""Shorter ones are written as parts of a second, as cameras do."""


def as_lines(asset: FullAsset) -> list[str]:
    """An asset for people."""
    row = asset.row
    lines = [f"asset {row['id']}: {printable(row['path'])}"]
    lines += [_labelled(label, text) for label, text in _facts(asset) if text]
    lines += _listed("candidates", [_candidate(one) for one in row["captured_candidates"]])
    lines += _listed("corrections", [_correction(one) for one in asset.corrections])
    lines += _listed("sidecars", [_sidecar(one) for one in asset.sidecars])
    lines += _listed("group", [_member(one) for one in asset.members])
    return lines


def _facts(asset: FullAsset) -> Iterator[tuple[str, str]]:
    row = asset.row
    yield "taken", when_words(row["captured_local"], row["utc_offset_minutes"])
    yield "", _how(row)
    yield "", ASTRAY if row["is_astray"] else ""
    yield "file", f"{row['mime_type']}, {size(row['size_bytes'])}, SHA-256 {row['sha256']}"
    yield "came from", f"{row['source']}, taken in {_moment(row['ingested_at'])}"
    yield "place", _place(row)
    yield "camera", _joined(_camera(row), row["lens"])
    yield "exposure", _joined(*_exposure(row))
    yield "picture", _joined(*_picture(row))
    yield "title", row["title"] or ""
    yield "caption", row["caption"] or ""
    yield "keywords", ", ".join(row["keywords"])
    yield "people", ", ".join(str(person.get("name") or "somebody") for person in row["people"])
    yield "marks", _joined(*_marks(row))
    yield "special", ", ".join(kind.replace("_", " ") for kind in row["special_types"])
    yield "albums", ", ".join(album["title"] for album in asset.albums)


def _labelled(label: str, text: str) -> str:
    return f"  {label:<{LABEL_WIDTH}}{printable(text)}"


def _listed(label: str, items: Sequence[str]) -> list[str]:
    return [_labelled("" if at else label, item) for at, item in enumerate(items)]


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)


def _how(row: Row) -> str:
    """By what the time is known, how surely, and by what its offset."""
    return _joined(
        f"by {row['captured_source']} (confidence {row['captured_confidence']})",
        OFFSETS.get(row["offset_source"], row["offset_source"]),
        f"decided by rules {row['capture_rules']}",
    )


def _place(row: Row) -> str:
    name = _joined(row["place_name"], row["place_region"], row["place_country"])
    location = row["location"]
    if not location:
        return name
    point = f"{location['latitude']:.6f}, {location['longitude']:.6f}"
    altitude = location.get("altitude")
    height = "" if altitude is None else f", {altitude:.0f} m"
    position = f"{point}{height} (by {location.get('source', 'gps')})"
    return f"{name}; {position}" if name else position


def _camera(row: Row) -> str:
    make, model = row["camera_make"] or "", row["camera_model"] or ""
    return model if make and model.startswith(make) else f"{make} {model}".strip()


def _exposure(row: Row) -> Iterator[str]:
    if row["exposure_seconds"]:
        yield _shutter(row["exposure_seconds"])
    if row["f_number"]:
        yield f"f/{row['f_number']:g}"
    if row["iso"]:
        yield f"ISO {row['iso']}"
    if row["focal_length_mm"]:
        yield f"{row['focal_length_mm']:g} mm"
    if row["focal_length_35mm"]:
        yield f"as {row['focal_length_35mm']:g} mm on 35 mm film"


def _shutter(seconds: float) -> str:
    if seconds < LONGEST_PART_OF_SECOND:
        return f"1/{round(1 / seconds)} s"
    return f"{seconds:g} s"


def _picture(row: Row) -> Iterator[str]:
    if row["width"] and row["height"]:
        yield f"{row['width']} x {row['height']}"
    if row["duration_seconds"] is not None:
        yield f"{row['duration_seconds']:.1f} s"
    if row["frame_rate"]:
        yield f"{row['frame_rate']:g} frames/s"
    codecs = [codec for codec in (row["video_codec"], row["audio_codec"]) if codec]
    yield " + ".join(codecs)
    yield row["dynamic_range"] or ""
    yield row["color_profile"] or ""


def _marks(row: Row) -> Iterator[str]:
    rating = row["rating"]
    if rating is not None:
        yield "rejected" if rating < 0 else f"{rating} of 5 stars"
    yield "favourite" if row["is_favorite"] else ""
    yield "archived" if row["is_archived"] else ""


def _candidate(candidate: Row) -> str:
    reason = candidate.get("reason") or "this one decided"
    return f"{candidate.get('source')}: {candidate.get('text')} ({reason})"


def _correction(correction: Row) -> str:
    when = when_words(correction["captured_local"], correction["utc_offset_minutes"])
    words = f"{when}, by {correction['author']} on {_moment(correction['made_at'])}"
    if correction["undone_at"] is not None:
        words += f", undone on {_moment(correction['undone_at'])}"
    return words if correction["is_applied"] else f"{words}, not acted upon yet"


def _sidecar(sidecar: Row) -> str:
    if sidecar["fault"]:
        return f"{sidecar['kind']}: {sidecar['path']} (not understood: {sidecar['fault']})"
    return f"{sidecar['kind']}: {sidecar['path']}"


def _member(member: Row) -> str:
    return f"{member['id']}: {member['path']} ({ROLES.get(member['role'], member['role'])})"


def _moment(instant: datetime) -> str:
    return instant.astimezone().strftime("%Y-%m-%d %H:%M")


def as_document(asset: FullAsset) -> dict[str, object]:
    """An asset for programs: the columns under their names, and lists of what hangs on it."""
    row = asset.row
    hidden = {"place_name", "place_region", "place_country"}
    place = {key: row[f"place_{key}"] for key in ("name", "region", "country")}
    document = {key: _plain(value) for key, value in row.items() if key not in hidden}
    return {
        **document,
        "place": place if row["place_name"] else None,
        "sidecars": _documents(asset.sidecars),
        "group": _documents(asset.members),
        "albums": _documents(asset.albums),
        "corrections": _documents(asset.corrections),
    }


def _documents(rows: Sequence[Row]) -> list[dict[str, object]]:
    return [{key: _plain(value) for key, value in row.items() if key != "asset_id"} for row in rows]


def _plain(value: Any) -> object:  # noqa: ANN401 - whatever a column holds
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
