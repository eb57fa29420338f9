"""A Takeout with every quirk that is known of Google's, and the truth about it.

Names are made here as Google makes them, without the code under test.
"""

import io
import json
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pillow_heif
from PIL import Image

ROOT = "Takeout/Google Photos"
EXPORT = "takeout-20240101T000000Z"
FIRST_TAKEN = 1_560_000_000
"""8 June 2019; each photo is of another day, so that a wrong JSON gives a wrong date."""
DAY = 86_400
SUPPLEMENT = ".supplemental-metadata"
EDITED = (
    "edited bearbeitet bewerkt 編集済み 编辑 已修改 已編輯 modificato modifié editado editat "
    "edytowane muokattu измененный düzenlendi effects smile mix collage animation motion"
)
Style = Literal["new", "old", "uncut"]
"""With SUPPLEMENT (since 2024), without it, and without any cutting (2026)."""
MOVIE_HEAD = b"\0\0\0\x18ftypisom\0\0\2\0isommp42"


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one medium.

    Attributes:
        note: Path of the JSON that speaks of it; None if none does.
        taken: When it was taken by that JSON, in seconds since 1970.
        why: The quirk that it is an example of.
    """

    note: str | None
    taken: int | None
    why: str

    @property
    def captured(self) -> datetime | None:
        """The capture time that is to be expected, in UTC."""
        return None if self.taken is None else datetime.fromtimestamp(self.taken, UTC)


@dataclass
class TakeoutTree:
    """A Takeout in memory.

    Attributes:
        files: Contents by path.
        media: The truth by path.
        albums: Titles by folder.
        descriptions: Of albums that have one, by folder.
        unmatched_notes: JSON of photos that are not here.
        trashed: Media in Google's trash.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    media: dict[str, Truth] = field(default_factory=dict)
    albums: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    unmatched_notes: set[str] = field(default_factory=set)
    trashed: set[str] = field(default_factory=set)

    def members_of(self, album: str) -> set[str]:
        """The media of an album's folder."""
        return {path for path in self.media if path.rpartition("/")[0] == album}

    def write_folder(self, root: Path) -> Path:
        """As it is unpacked."""
        for path, content in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        return root

    def write_zips(self, folder: Path, count: int = 3) -> list[Path]:
        """As it is downloaded: a photo and its JSON may be in different parts."""
        parts = [folder / f"{EXPORT}-{number:03}.zip" for number in range(1, count + 1)]
        for part, files in zip(parts, self._spread(count), strict=True):
            with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
                for path, content in files:
                    archive.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), content)
        return parts

    def write_tgzs(self, folder: Path, count: int = 2) -> list[Path]:
        """The other form in which it can be ordered."""
        parts = [folder / f"{EXPORT}-{number:03}.tgz" for number in range(1, count + 1)]
        for part, files in zip(parts, self._spread(count), strict=True):
            with tarfile.open(part, "w:gz") as archive:
                for path, content in files:
                    header = tarfile.TarInfo(path)
                    header.size, header.mtime = len(content), 1_704_067_200
                    archive.addfile(header, io.BytesIO(content))
        return parts

    def _spread(self, count: int) -> list[list[tuple[str, bytes]]]:
        parts: list[list[tuple[str, bytes]]] = [[] for _ in range(count)]
        for path, content in self.files.items():
            parts[zlib.crc32(path.encode()) % count].append((path, content))
        return parts


def note_name(title: str, style: Style = "new", number: str = "") -> str:
    """The name that Google gives to a title's JSON."""
    whole = title + (SUPPLEMENT if style == "new" else "")
    return (whole if style == "uncut" else _cut(whole, 46)) + number + ".json"


def media_name(title: str, number: str = "") -> str:
    """The name that Google gives to a medium: 47 units and a suffix of four."""
    stem, dot, suffix = title.rpartition(".")
    return _cut(stem, 50 - len(suffix)) + number + dot + suffix


def _cut(text: str, most: int) -> str:
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")


def make_content(name: str, number: int) -> bytes:
    """A file of the kind that its name says, without any date; unlike that of other numbers."""
    suffix = name.rpartition(".")[2].lower()
    if suffix in ("mp4", "mov", "mp") or "~" in suffix:
        return _movie(number)
    colour = (number % 256, number // 256 % 256, 128)
    image, file = Image.new("RGB", (48, 32), colour), io.BytesIO()
    image.putpixel((0, 0), (255, number % 256, 0))
    if suffix == "heic":
        pillow_heif.from_pillow(image).save(file, quality=90)
    elif suffix == "png":
        image.save(file, "PNG")
    else:
        image.save(file, "JPEG", comment=str(number).encode())
    return file.getvalue()


def _movie(number: int) -> bytes:
    """An index without a time, and frames that are none."""
    header = b"\0\0\0\x6cmvhd" + bytes(12) + b"\0\0\3\xe8\0\0\x27\x10" + bytes(80)
    frames = number.to_bytes(4, "big") * 64
    index = (len(header) + 8).to_bytes(4, "big") + b"moov" + header
    return MOVIE_HEAD + index + (len(frames) + 8).to_bytes(4, "big") + b"mdat" + frames


class TreeMaker:
    """Adds photos, JSON and albums to a tree, as Google would."""

    def __init__(self) -> None:
        self.tree = TakeoutTree()
        self._number = 0

    def note(self, folder: str, name: str, title: str, **more: object) -> tuple[str, int]:
        """Add a photo's JSON; returns its path and its time."""
        self._number += 1
        taken = FIRST_TAKEN + self._number * DAY
        body = {
            "title": title,
            "description": "",
            "creationTime": {"timestamp": "1600000000", "formatted": "13 sept. 2020"},
            "photoTakenTime": {"timestamp": str(taken), "formatted": "hier"},
            "geoData": {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0},
            "geoDataExif": {"latitude": 0.0, "longitude": 0.0, "altitude": 0.0},
            **more,
        }
        path = f"{ROOT}/{folder}/{name}"
        self.tree.files[path] = json.dumps(body, ensure_ascii=False).encode()
        return path, taken

    def medium(self, folder: str, name: str, note: tuple[str, int] | None, why: str) -> str:
        """Add a medium of its own content; returns its path."""
        self._number += 1
        path = f"{ROOT}/{folder}/{name}"
        self.tree.files[path] = make_content(name, self._number)
        found, taken = note or (None, None)
        self.tree.media[path] = Truth(found, taken, why)
        return path

    def photo(  # noqa: PLR0913 - each of them varies alone
        self,
        title: str,
        why: str,
        *,
        name: str | None = None,
        note: str | None = None,
        style: Style = "new",
        folder: str = "Photos from 2019",
        **more: object,
    ) -> str:
        """Add a medium and its JSON; returns the medium's path."""
        found = self.note(folder, note or note_name(title, style), title, **more)
        return self.medium(folder, name or media_name(title), found, why)

    def share(self, path: str, name: str, why: str) -> str:
        """Add a medium that uses the JSON of another, and has none."""
        truth = self.tree.media[path]
        assert truth.note is not None
        assert truth.taken is not None
        folder = path.removeprefix(f"{ROOT}/").rpartition("/")[0]
        return self.medium(folder, name, (truth.note, truth.taken), why)

    def copy(self, path: str, folder: str, *, with_note: bool = True) -> None:
        """Add the copy of a medium to an album, with a copy of its JSON or without."""
        truth = self.tree.media[path]
        own = f"{ROOT}/{folder}/{path.rpartition('/')[2]}"
        self.tree.files[own] = self.tree.files[path]
        note = truth.note
        if with_note and note is not None:
            copied = f"{ROOT}/{folder}/{note.rpartition('/')[2]}"
            self.tree.files[copied] = self.tree.files[note]
            note = copied
        self.tree.media[own] = Truth(note, truth.taken, f"copy in an album: {truth.why}")

    def album(self, folder: str, note: str | None, title: str, description: str = "") -> None:
        """Add an album's JSON, or only say what title is expected of a folder without."""
        self.tree.albums[f"{ROOT}/{folder}"] = title
        if note is not None:
            body = {"title": title, "description": description, "access": "protected"}
            self.tree.files[f"{ROOT}/{folder}/{note}"] = json.dumps(body).encode()
        if description:
            self.tree.descriptions[f"{ROOT}/{folder}"] = description


def make_tree() -> TakeoutTree:
    """A Takeout with every quirk at once."""
    maker = TreeMaker()
    _add_cut_names(maker)
    _add_numbers(maker)
    _add_edited(maker)
    _add_pairs(maker)
    _add_odd_titles(maker)
    _add_albums(maker)
    _add_unmatched(maker)
    return maker.tree


def _add_cut_names(maker: TreeMaker) -> None:
    """Every beginning of SUPPLEMENT, then of the suffix, then of the stem."""
    for length in (5, 12, 20, 24, *range(24, 48)):
        stem = f"L{length:02}_" + "abcdefghij" * 5
        maker.photo(f"{stem[:length]}.jpg", f"stem of {length} letters, new form")
        maker.photo(f"o{stem[: length - 1]}.jpg", f"stem of {length} letters, old", style="old")
    maker.photo("Screenshot_20231027_123303_Facebook.jpg", "cut in SUPPLEMENT")
    maker.photo("C" * 46 + "1st of them.jpg", "two titles with one beginning")
    second = "C" * 46 + "2nd of them.jpg"
    maker.photo(second, "the JSON has a number, the photo none", note=f"{'C' * 46}(1).json")
    cut_twice = maker.photo("20190601_" + "Ö" * 40 + "_COVER.jpg", "clipped, old", style="old")
    name = cut_twice.rpartition("/")[2].removesuffix(".jpg") + "(1).jpg"
    maker.share(cut_twice, name, "clipped to one name, sharing one JSON")
    maker.photo("Urlaub_" + "🏔" * 30 + ".jpg", "characters of two units")
    maker.photo("x" + "🏔" * 30 + ".jpg", "a character of two units at the cut")
    long = "U" * 49 + "_whole.jpg"
    maker.photo(long, "JSON not cut, medium cut", style="uncut")
    maker.photo(
        "V" * 43 + ".jpg", "not cut, 51", style="uncut", note=f"{'V' * 43}.jpg.suppleme.json"
    )


def _add_numbers(maker: TreeMaker) -> None:
    for style in ("old", "new"):
        title = f"IMG_{style}.jpg"
        maker.photo(title, "the first of three", style=style)
        for number in ("(1)", "(2)"):
            note = note_name(title, style, number)
            maker.photo(title, f"number, {style}", name=media_name(title, number), note=note)
    lone = maker.photo("DSC_0104.JPG", "its number (1) is another photo", style="old")
    maker.medium("Photos from 2019", "DSC_0104(1).JPG", None, f"not the photo of {lone}")
    maker.photo("Scan(3).jpg", "a number of the title's own")
    maker.photo("Foto (7).jpg", "a number of the title's own, behind a space", style="old")


def _add_edited(maker: TreeMaker) -> None:
    for word in EDITED.split():
        original = maker.photo(f"E_{word}.jpg", "has an edited version")
        maker.share(original, f"E_{word}-{word}.jpg", f"edited: {word}")
    original = maker.photo("E_space.jpg", "has an edited version")
    maker.share(original, "E_space-ha editado.jpg", "edited: ha editado")
    numbered = maker.photo(
        "E_number.jpg",
        "a copy that has an edited version",
        name="E_number(1).jpg",
        note=note_name("E_number.jpg", "new", "(1)"),
    )
    maker.share(numbered, "E_number-edited(1).jpg", "edited version of a copy")
    clipped = maker.photo("K" * 43 + ".jpg", "the edited version's word is cut")
    maker.share(clipped, "K" * 43 + "-edi.jpg", "edited: -edi")
    spanish = maker.photo("S" * 40 + ".jpg", "the edited version's word is cut")
    maker.share(spanish, "S" * 40 + "-ha edi.jpg", "edited: -ha edi")


def _add_pairs(maker: TreeMaker) -> None:
    for suffix in ("MOV", "MP4"):
        still = maker.photo(f"LIVE_{suffix}.HEIC", "still of a Live Photo")
        maker.share(still, f"LIVE_{suffix}.{suffix}", "film of a Live Photo")
    still = maker.photo("LIVE_J.JPG", "still of a Live Photo, JPEG", style="old")
    maker.share(still, "LIVE_J.MP4", "film of a Live Photo")
    maker.photo("BOTH.JPG", "HEIC and JPEG of one stem")
    still = maker.photo("BOTH.HEIC", "HEIC and JPEG of one stem")
    maker.share(still, "BOTH.MOV", "film beside a HEIC and a JPEG")
    copy = maker.photo(
        "LIVE_C.HEIC", "copy", name="LIVE_C(1).HEIC", note=note_name("LIVE_C.HEIC", "new", "(1)")
    )
    maker.share(copy, "LIVE_C(1).MOV", "film of a copy")
    motion = maker.photo("PXL_1.MP.jpg", "Pixel's motion photo", style="old")
    maker.share(motion, "PXL_1.MP", "Pixel's film")
    edited = maker.photo("PXL_2.MP~2.jpg", "Pixel's motion photo, edited")
    maker.share(edited, "PXL_2.MP~2", "Pixel's film of the edited one")
    maker.photo("ALONE.MP4", "a video with a JSON of its own")


def _add_odd_titles(maker: TreeMaker) -> None:
    maker.photo("20030616", "title without a suffix", name="20030616.jpg", style="old")
    maker.photo("Grandma", "title without a suffix, new form", name="Grandma.jpg")
    maker.photo("PXL_9.jpg", "title unlike the name", name="TST_9.jpg", note="TST_9.jpg.json")
    maker.photo("Zoë à Köln.jpg", "letters with accents")
    maker.photo("写真.jpg", "Japanese", style="old")
    maker.photo("before_1970.jpg", "a time before 1970", photoTakenTime={"timestamp": "-3600"})
    maker.photo("unknown_time.jpg", "no time", photoTakenTime={"timestamp": "0"})
    for name, taken in (("before_1970", -3600), ("unknown_time", None)):
        path = f"{ROOT}/Photos from 2019/{name}.jpg"
        truth = maker.tree.media[path]
        maker.tree.media[path] = Truth(truth.note, taken, truth.why)


def _add_albums(maker: TreeMaker) -> None:
    tree = maker.tree
    photos = [path for path in tree.media if "stem of" in tree.media[path].why][:6]
    maker.album("Gary_s birthday", "metadata.json", "Gary's birthday", "Cake: much")
    maker.album("Paris", "métadonnées.json", "Paris")
    maker.album("Paris(1)", "métadonnées.json", "Paris")
    maker.album("Untitled(2)", None, "Untitled(2)")
    maker.album("Alt", None, "An old one")
    old = {"albumData": {"title": "An old one", "description": ""}}
    tree.files[f"{ROOT}/Alt/Metadaten.json"] = json.dumps(old).encode()
    for folder in ("Gary_s birthday", "Paris", "Paris(1)", "Untitled(2)", "Alt"):
        for path in photos:
            maker.copy(path, folder, with_note=folder != "Paris(1)")
    for year in (2018, 2019):
        body = {"title": f"Photos from {year}", "description": ""}
        tree.files[f"{ROOT}/Photos from {year}/metadata.json"] = json.dumps(body).encode()
    maker.photo("TWIN.jpg", "of one name in two years", folder="Photos from 2018")
    maker.photo("TWIN.jpg", "of one name in two years")
    maker.medium("Paris(1)", "TWIN.jpg", None, "of two years' photos, which is not said")
    maker.photo("put_away.jpg", "archived", folder="Archive", archived=True)
    thrown = maker.photo("thrown.jpg", "in the trash", folder="Papierkorb", trashed=True)
    tree.trashed.add(thrown)


def _add_unmatched(maker: TreeMaker) -> None:
    folder = "Photos from 2019"
    path, _ = maker.note(folder, note_name("in a missing part.jpg"), "in a missing part.jpg")
    maker.tree.unmatched_notes.add(path)
    maker.medium(folder, "no_json_at_all.jpg", None, "its JSON is in a missing part")
    maker.tree.files[f"{ROOT}/{folder}/print-subscriptions.json"] = b"{}"
    maker.tree.files[f"{ROOT}/{folder}/broken.json"] = b"{ no JSON"
    maker.tree.unmatched_notes.update(
        f"{ROOT}/{folder}/{name}.json" for name in ("print-subscriptions", "broken")
    )
    maker.tree.files["Takeout/archive_browser.html"] = b"<html></html>"


def taken_times(tree: TakeoutTree, paths: Iterable[str]) -> dict[str, int | None]:
    """The expected times of some media."""
    return {path: tree.media[path].taken for path in paths}
