"""Tells by names which files belong together; pure, and with an answer for any name.

Relatives share one key, so that one indexed look-up finds them all: the folder that they came
from and their stem, without what marks an edited version, a RAW or a sidecar. A key only says
who may belong together; whether they do is decided by identifiers and times (librarian.pairing).
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, get_args

from photo_factory.media import Kind, kinds

SidecarKind = Literal["xmp", "aae", "thm", "srt"]
"""xmp: tags and edits. aae: Apple's edits. thm: a camera's thumbnail of a film. srt: subtitles."""

MOST_KEY_BYTES = 500
"""Longer keys are kept as a hash: an index of PostgreSQL takes no more than about 2,700 bytes."""

SUFFIX = re.compile(r"(?P<stem>.+)(?P<suffix>\.[0-9a-z]{1,5})", re.IGNORECASE | re.DOTALL)
NUMBER_BEHIND = re.compile(r"_\d+")

EDITED_WORDS = (
    "edited|bearbeitet|bewerkt|modificato|modifié|ha editado|editado|editat|edytowane|muokattu"
    "|измененный|düzenlendi|編集済み|编辑|已修改|已編輯"
)
"""What Google's export puts behind the stem of an edited version, by the account's language."""
EDITED = (
    (re.compile(r"^(img_)e(?=\d{4})"), r"\1"),  # Apple: IMG_E1234
    (re.compile(rf"(?<=.)[-_ ](?:{EDITED_WORDS})(\(\d+\))?\Z", re.DOTALL), r"\1"),
    # Google Photos on the phone: …~2. Shorter ones are names of FAT, such as DSCN00~1.
    (re.compile(r"(?<=.{7})~[2-9]\d?\Z", re.DOTALL), ""),
)
PIXEL = re.compile(r"(?<=.)(?:\.raw-\d+(?:\.mp)?\.(?:cover|original)|\.mp)\Z", re.DOTALL)
"""Pixel names one shot's files …RAW-01.COVER.jpg, …RAW-02.ORIGINAL.dng, and ….MP.jpg, ….MP."""
ORIGINAL_EDITS = re.compile(r"^(img_)o(?=\d{4})")
"""Apple: IMG_O1234.AAE holds edits that were made before those in IMG_1234.AAE."""

BURSTS = (
    re.compile(r"(?P<burst>.*\d{8}_\d{6})_burst\d{1,3}(?P<cover>_cover)?", re.DOTALL),
    re.compile(r".*(?P<burst>burst\d{14,17})(?P<cover>_cover)?", re.DOTALL),
)

RAW_MIME_TYPES = frozenset(
    kind.mime_type
    for kind in (
        *kinds.TIFF_BASED_RAW,
        kinds.CR3,
        kinds.CRW,
        kinds.RAF,
        kinds.RW2,
        kinds.ORF,
        kinds.X3F,
        kinds.MRW,
    )
)


def _media_suffixes() -> Iterator[str]:
    for value in vars(kinds).values():
        for kind in value if isinstance(value, tuple) else (value,):
            if isinstance(kind, Kind):
                yield from kind.extensions


REMEMBERED = 2048
"""Names whose keys are kept: each is asked for several times while its file is in hand."""
MEDIA_SUFFIXES = frozenset(_media_suffixes())
SIDECAR_SUFFIXES = {f".{kind}": kind for kind in get_args(SidecarKind)}


@lru_cache(REMEMBERED)
def companion_key(inbox: str, path: str | bytes) -> str:
    """What all files have in common that may belong to one shot; fit for a text column.

    Names that differ in case or in Unicode's normal form only have the same key.

    Args:
        inbox: Its name.
        path: Below the inbox; bytes as the file system has them, or these decoded by `os.fsdecode`.
    """
    text = path.decode("utf-8", "surrogateescape") if isinstance(path, bytes) else path
    folder, _, name = text.rpartition("/")
    key = f"{normal(inbox)}:{normal(folder)}/{shot_stem(name)}"
    if len(key.encode()) > MOST_KEY_BYTES:
        return hashlib.sha256(key.encode()).hexdigest()
    return key


@lru_cache(REMEMBERED)
def shot_stem(name: str) -> str:
    """The part of a name that all files of one shot share, in the form of `normal`."""
    stem, suffix = split_name(normal(name))
    if suffix in SIDECAR_SUFFIXES:
        if (medium := split_name(stem))[1] in MEDIA_SUFFIXES:
            stem = medium[0]
        if suffix == ".aae":
            stem = ORIGINAL_EDITS.sub(r"\1", stem)
    while (shorter := PIXEL.sub("", _unmarked(stem))) != stem:
        stem = shorter
    return stem


def is_edited(name: str) -> bool:
    """Whether a name is that of an edited version: IMG_E1234, …-edited, …_edited, …~2."""
    stem, _ = split_name(normal(name))
    return _unmarked(stem) != stem


def burst_by_name(name: str) -> str | None:
    """What the photos of one burst share in their names (Android); None if it is none's.

    Samsung's 20200101_101010_001.jpg is not read: others number copies like this.
    """
    match = _burst(name)
    return match["burst"] if match else None


def is_burst_cover(name: str) -> bool:
    """Whether it is the photo that the camera chose from its burst."""
    match = _burst(name)
    return match is not None and match["cover"] is not None


def sidecar_kind(name: str) -> SidecarKind | None:
    """Which kind of sidecar a name says that a file is; None if it says none."""
    return SIDECAR_SUFFIXES.get(split_name(normal(name))[1])


def named_medium(sidecar_name: str) -> str | None:
    """The photo or video that a sidecar names in full: a.jpg of a.jpg.xmp; None of a.xmp."""
    medium, _ = split_name(sidecar_name)
    return medium if split_name(normal(medium))[1] in MEDIA_SUFFIXES else None


def name_beside(stored_name: str, original_name: str, sidecar_name: str) -> str:
    """The name for a sidecar in the library, so that programs find it for its photo.

    Args:
        stored_name: The photo's in the library, such as IMG_1_1.JPG.
        original_name: The photo's as it came, such as IMG_1.JPG.
        sidecar_name: As it came: of IMG_1.JPG.xmp is made IMG_1_1.JPG.xmp, of IMG_1.xmp
            IMG_1_1.xmp, of IMG_O1.AAE IMG_O1_1.AAE.
    """
    stored_stem, _ = split_name(stored_name)
    original_stem, _ = split_name(original_name)
    own_stem, own_suffix = split_name(sidecar_name)
    if is_same_name(own_stem, original_name):
        return stored_name + own_suffix
    if is_same_name(own_stem, original_stem):
        return stored_stem + own_suffix
    added = stored_stem.removeprefix(original_stem)
    is_numbered = added != stored_stem and NUMBER_BEHIND.fullmatch(added)
    return f"{own_stem}{added if is_numbered else ''}{own_suffix}"


def split_name(name: str) -> tuple[str, str]:
    """Stem and suffix; what stands behind a dot is a suffix only if it can be one."""
    match = SUFFIX.fullmatch(name)
    return (match["stem"], match["suffix"]) if match else (name, "")


def is_same_name(one: str, other: str) -> bool:
    """Whether two names differ in case or normal form at most."""
    return normal(one) == normal(other)


def normal(name: str) -> str:
    """A form that is the same for names that people take for the same; fit for PostgreSQL."""
    if name.isascii():  # most are, and this is asked several times for each file
        return name.lower().replace("\0", "\ufffd")
    text = name.replace("\0", "\ufffd").encode("utf-8", "backslashreplace").decode()
    for _ in range(2):  # folding may undo the form, and the form bring letters to be folded
        text = unicodedata.normalize("NFD", text).casefold()
    return unicodedata.normalize("NFC", text)


def _unmarked(stem: str) -> str:
    """Without what marks an edited version."""
    for pattern, kept in EDITED:
        stem = pattern.sub(kept, stem)
    return stem


def _burst(name: str) -> re.Match[str] | None:
    stem = shot_stem(name)
    return next((match for pattern in BURSTS if (match := pattern.fullmatch(stem))), None)
