"""Decides what the page of one asset says. Pure: values in, words and tones out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from dashboard import dating, technical, wording
from dashboard.asset_queries import AssetPage, AssetRow, CorrectionRow, GroupMember, SidecarRow
from dashboard.rows import absence
from dashboard.standing import Tone
from dashboard.thumbnails import photo_address, picture_address

CORRECT = "photo-factory correct"
"""The command that gives an asset, by its number or its path, another date."""

MOST_STARS = 5
SPECIAL_TYPES = {
    "panorama": "panorama",
    "portrait": "portrait with depth",
    "burst": "burst",
    "slow_motion": "slow motion",
    "time_lapse": "time-lapse",
    "spatial": "spatial",
    "proraw": "ProRAW",
    "screenshot": "screenshot",
    "motion_photo": "motion photo",
    "live_photo": "Live Photo",
    "spherical": "360\u00b0 all around",
}
ROLES = {
    "primary": "the main one",
    "live_video": "the moving part of a Live Photo",
    "raw": "the camera's RAW",
    "edited": "an edited version",
    "burst": "of the same burst",
}
SIDECAR_KINDS = {
    "xmp": "XMP of a photo program",
    "aae": "edits made on an Apple device",
    "thm": "the camera's small picture",
    "srt": "what was recorded beside the film",
    "takeout": "what Google Takeout says",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of an asset, or why there is none.

    Attributes:
        address: None if there is no picture.
        excuse: Why.
        runtime: Length of a video.
    """

    address: str | None
    width: int | None
    height: int | None
    tone: Tone
    excuse: str
    runtime: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known, or known to be unknown.

    Attributes:
        note: How it is known; empty where that goes without saying.
    """

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Another asset of the group. The address is empty for the one that is shown."""

    name: str
    role: str
    address: str


@dataclass(frozen=True, slots=True)
class Item:
    """A sidecar or a correction, with how it stands."""

    name: str
    detail: str
    tone: Tone
    state: str


@dataclass(frozen=True, slots=True)
class AssetView:
    """All that the page says.

    Attributes:
        advice: How to give another date.
        command: The command for that.
        tag: The tag that decided the date.
        notes: What is still going on with it.
        no_reasons: Why there are no candidates; empty if there are.
    """

    name: str
    path: str
    picture: Picture
    when: dating.When
    source: str
    tag: str
    confidence: tuple[Tone, str]
    advice: str
    command: str
    notes: tuple[str, ...]
    candidates: tuple[dating.CandidateRow, ...]
    no_reasons: str
    place: tuple[Fact, ...]
    camera: tuple[Fact, ...]
    words: tuple[Fact, ...]
    file: tuple[Fact, ...]
    members: tuple[Link, ...]
    sidecars: tuple[Item, ...]
    albums: tuple[str, ...]
    corrections: tuple[Item, ...]


def asset_view(page: AssetPage, zone: str) -> AssetView:
    """What the page of an asset says. `zone` is the IANA name of the one who looks."""
    asset = page.asset
    offset = (asset.utc_offset_minutes, asset.offset_source)
    is_sure = asset.captured_confidence in {"high", "medium"}
    return AssetView(
        name=PurePosixPath(asset.path).name,
        path=asset.path,
        picture=_picture(asset),
        when=dating.when(
            asset.captured_local, asset.captured_at, offset, asset.captured_candidates
        ),
        source=wording.sentence(dating.source_words(asset.captured_source)),
        tag=dating.tag_of(asset.captured_source),
        confidence=dating.confidence(asset.captured_confidence, asset.capture_rules),
        advice="To give it another date:" if is_sure else "If you know when it was:",
        command=correct_command(asset),
        notes=tuple(_notes(asset)),
        candidates=dating.candidate_rows(asset.captured_candidates),
        no_reasons=_no_reasons(asset),
        place=tuple(_place(asset)),
        camera=tuple(_camera(asset)),
        words=tuple(_words(asset)),
        file=tuple(_file(asset, zone)),
        members=tuple(_link(member, asset.id) for member in page.members),
        sidecars=tuple(_sidecar(sidecar) for sidecar in page.sidecars),
        albums=page.albums,
        corrections=_corrections(page, zone),
    )


def correct_command(asset: AssetRow) -> str:
    """The command that gives this asset another date; the date in it is the present one."""
    return f'{CORRECT} {asset.id} --date "{asset.captured_local:%Y-%m-%d %H:%M}"'


def _picture(asset: AssetRow) -> Picture:
    tone, excuse = absence(asset.thumb_made, asset.work, asset.reason)
    address = None
    if asset.preview_made is not None:
        address = picture_address(asset.id, "preview", asset.preview_made)
    elif asset.thumb_made is not None:
        address = picture_address(asset.id, "thumb", asset.thumb_made)
    return Picture(
        address,
        asset.picture_width,
        asset.picture_height,
        tone,
        excuse,
        wording.runtime(asset.duration_seconds) if asset.media_type == "video" else "",
    )


def _notes(asset: AssetRow) -> Iterator[str]:
    if not asset.is_described:
        yield "Not all of its tags have been read yet; more will be known soon."
    if asset.is_astray:
        yield "It is about to be moved to the folder of its day."


def _no_reasons(asset: AssetRow) -> str:
    if asset.captured_candidates:
        return ""
    if asset.capture_rules == 0:
        return (
            "This date was decided before reasons were kept. "
            "The command photo-factory reclassify decides it anew and keeps them."
        )
    return "No candidates were recorded."


def _place(asset: AssetRow) -> Iterator[Fact]:
    parts = dict.fromkeys((asset.place, asset.region, asset.country))
    name = ", ".join(part for part in parts if part)
    position = technical.coordinates(asset.location or {})
    if not name and position:
        name = "has no name here" if asset.is_geocoded else "its name is being looked up"
    yield Fact("Place", name or wording.UNKNOWN)
    if position:
        yield Fact("Position", position, technical.location_source(asset.location or {}))


def _camera(asset: AssetRow) -> Iterator[Fact]:
    focal = technical.focal_length(asset.focal_length_mm, asset.focal_length_35mm)
    exposure = technical.exposure(asset.exposure_seconds, asset.f_number, asset.iso, focal)
    yield Fact("Camera", technical.camera(asset.camera_make, asset.camera_model) or wording.UNKNOWN)
    if asset.lens:
        yield Fact("Lens", asset.lens)
    if exposure:
        yield Fact("Exposure", exposure)


def _words(asset: AssetRow) -> Iterator[Fact]:
    """What people said about it; nothing where nobody said anything."""
    marks = [("favourite", asset.is_favorite), ("archived", asset.is_archived)]
    people = [_person(person) for person in asset.people]
    for label, value in (
        ("Title", asset.title or ""),
        ("Caption", asset.caption or ""),
        ("Rating", rating(asset.rating)),
        ("People", ", ".join(dict.fromkeys(person for person in people if person))),
        ("Keywords", ", ".join(asset.keywords)),
        ("Marked as", ", ".join(word for word, is_set in marks if is_set)),
    ):
        if value:
            yield Fact(label, value)


def _person(person: Mapping[str, object]) -> str:
    name, kind = str(person.get("name") or ""), str(person.get("kind") or "").casefold()
    return f"{name} ({kind})" if name and kind not in {"", "face", "person"} else name


def rating(stars: int | None) -> str:
    """Stars and their number; empty if nobody rated it."""
    if stars is None:
        return ""
    if stars < 0:
        return "rejected"
    given = min(stars, MOST_STARS)
    return f"{'★' * given}{'☆' * (MOST_STARS - given)} {given} of {MOST_STARS}"


def _file(asset: AssetRow, zone: str) -> Iterator[Fact]:
    yield Fact("Dimensions", technical.dimensions(asset.width, asset.height))
    special = [SPECIAL_TYPES.get(name, name.replace("_", " ")) for name in asset.special_types]
    if asset.has_embedded_video and "motion_photo" not in asset.special_types:
        special.append("has a short video inside")
    duration = ""
    if asset.media_type == "video":
        duration = wording.runtime(asset.duration_seconds) or wording.UNKNOWN
    for label, value in (
        ("Duration", duration),
        ("Codec", technical.codec(asset.video_codec, asset.audio_codec)),
        ("Frame rate", technical.frame_rate(asset.frame_rate)),
        ("Dynamic range", technical.dynamic_range(asset.dynamic_range)),
        ("Colour profile", asset.color_profile or ""),
        ("Special", ", ".join(special)),
    ):
        if value:
            yield Fact(label, value)
    yield Fact("File", f"{wording.size(asset.size_bytes)}, {asset.mime_type}")
    yield Fact("Came as", asset.original_name, f"from {asset.source}")
    yield Fact("In the library", f"since {wording.minute(asset.ingested_at, zone)}")


def _link(member: GroupMember, shown: int) -> Link:
    role = ROLES.get(member.role, member.role.replace("_", " "))
    is_shown = member.id == shown
    return Link(member.name, role, "" if is_shown else photo_address(member.id))


def _sidecar(sidecar: SidecarRow) -> Item:
    kind = SIDECAR_KINDS.get(sidecar.kind, sidecar.kind)
    detail = f"{kind}, {wording.size(sidecar.size_bytes)}"
    if sidecar.fault:
        return Item(sidecar.path, detail, Tone.NOTICE, wording.sentence(sidecar.fault))
    if sidecar.kind == "xmp" and not sidecar.is_read:
        return Item(sidecar.path, detail, Tone.BUSY, "not read yet")
    return Item(sidecar.path, detail, Tone.GOOD, "read" if sidecar.is_read else "kept")


def _corrections(page: AssetPage, zone: str) -> tuple[Item, ...]:
    """The newest that was not taken back is in force; those before it no longer matter."""
    newest = next((one for one in page.corrections if one.undone_at is None), None)
    return tuple(_correction(one, zone, is_newest=one is newest) for one in page.corrections)


def _correction(one: CorrectionRow, zone: str, *, is_newest: bool) -> Item:
    local = one.captured_local
    date = f"{dating.long_day(local)}, {local:%H:%M:%S}"
    offset = dating.zone_words(one.utc_offset_minutes, None)
    made = f"by {one.author}, {wording.minute(one.made_at, zone)}"
    return Item(f"{date}, {offset}", made, *_force(one, zone, is_newest=is_newest))


def _force(one: CorrectionRow, zone: str, *, is_newest: bool) -> tuple[Tone, str]:
    if one.undone_at is not None:
        return Tone.QUIET, f"taken back {wording.minute(one.undone_at, zone)}"
    if not is_newest:
        return Tone.QUIET, "replaced by a later one"
    return (Tone.GOOD, "in force") if one.is_applied else (Tone.BUSY, "waits for the librarian")
