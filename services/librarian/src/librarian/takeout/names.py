"""How Google names the files of a Takeout; pure.

Google cuts names by UTF-16 units: a JSON's to 46 before its number and ".json", a medium's to 51
with its suffix. Since 2024 a JSON's name has ".supplemental-metadata", which is cut as well, so any
beginning of it occurs, and in 2026 exports came whose names are not cut at all. So nothing here
counts on 46: a JSON's name is compared as the beginning of what it would be in full.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize

from photo_factory.media import Kind, kinds

from librarian.companions import EDITED_WORDS, MEDIA_SUFFIXES, split_name

SUPPLEMENT = ".supplemental-metadata"
NOTE_SUFFIX = ".json"
LEAST_CUT_UNITS = 40
"""A name that was cut has at least so many units before the cut."""
NUMBER = re.compile(r"(?P<before>.*)\((?P<number>\d{1,5})\)", re.DOTALL)
ALL_LANGUAGES = "effects|smile|mix|collage|animation|motion"
WORDS = tuple(f"-{word}" for word in f"{EDITED_WORDS}|{ALL_LANGUAGES}".split("|"))
"""What stands behind the stem of a version that was edited or made by Google."""
EDITED = re.compile(rf"(.+?)(?:{'|'.join(map(re.escape, WORDS))})", re.IGNORECASE | re.DOTALL)
MOTION = re.compile(r"\.(?:mp|mv)(?:~\d{1,2})?", re.IGNORECASE)
"""The film of a Pixel's motion photo: X.MP or X.MP~2 beside X.MP.jpg."""
VIDEO_SUFFIXES = frozenset(
    suffix
    for value in vars(kinds).values()
    for kind in (value if isinstance(value, tuple) else (value,))
    if isinstance(kind, Kind) and kind.media_type == "video"
    for suffix in kind.extensions
)
HALF = "\ufffd?"
"""What is left of a character that was cut in its middle, depending on who wrote the name."""


@dataclass(frozen=True, slots=True)
class Form:
    """A way to read a medium's name, as the title that Google had for it.

    Attributes:
        stem: Without number and suffix.
        suffix: With its dot, as written; "" if there is none.
        number: Of the copy, "" if it is the first: two photos of one title are numbered.
    """

    stem: str
    suffix: str
    number: str

    @property
    def title(self) -> str:
        """Stem and suffix."""
        return self.stem + self.suffix


def units(text: str) -> int:
    """The length of a text as Google counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int) -> str:
    """The first units of a text; a character that would be halved is left out."""
    if text.isascii():
        return text[:most]
    return text.encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore")


def may_be_cut(text: str) -> bool:
    """Whether a text is so long that it may be only the beginning of what it was.

    Google counts letters with accents as two if the title came from a Mac, which writes them so.
    """
    return units(text if text.isascii() else normalize("NFD", text)) >= LEAST_CUT_UNITS


def least_cut(text: str) -> int:
    """How many characters of a text are left at least if it was cut; all if it is too short."""
    if text.isascii():
        return min(len(text), LEAST_CUT_UNITS)
    left = LEAST_CUT_UNITS
    for place, character in enumerate(text):
        left -= units(normalize("NFD", character))
        if left <= 0:
            return place + 1
    return len(text)


def is_media(name: str) -> bool:
    """Whether a name is that of a photo or video."""
    if name.startswith("."):
        return False
    return split(name)[1].lower() in MEDIA_SUFFIXES or is_motion(name)


def is_video(name: str) -> bool:
    """Whether a name is that of a video, or of the film of a motion photo."""
    return split(name)[1].lower() in VIDEO_SUFFIXES or is_motion(name)


def is_motion(name: str) -> bool:
    """Whether it is the film of a motion photo without a suffix that players know."""
    stem, dot, rest = name.rpartition(".")
    return bool(stem) and MOTION.fullmatch(dot + rest) is not None


def is_note(name: str) -> bool:
    """Whether a name is that of a JSON."""
    return name[-len(NOTE_SUFFIX) :].lower() == NOTE_SUFFIX and not name.startswith("._")


def split(name: str) -> tuple[str, str]:
    """Stem and suffix; X.MP~2 has no suffix, for its still is X.MP~2.jpg."""
    return split_name(name)


def read_note(name: str) -> tuple[str, str]:
    """What a JSON's name says: the title and SUPPLEMENT, both perhaps cut, and the number.

    The number is never cut and stands last: IMG.jpg(1).json, IMG.jpg.supple(1).json.
    """
    core = name[: -len(NOTE_SUFFIX)]
    match = NUMBER.fullmatch(core) if core.endswith(")") else None
    core, number = (match["before"], match["number"]) if match else (core, "")
    if core and core[-1] in HALF and may_be_cut(core):
        core = core[:-1]
    return core, number


def forms(name: str) -> tuple[Form, ...]:
    """How a medium's name may be read, the likelier first: IMG(1).jpg as it is, or as a copy."""
    stem, suffix = split(name)
    plain = Form(stem, suffix, "")
    match = NUMBER.fullmatch(stem) if stem.endswith(")") else None
    return (plain, Form(match["before"], suffix, match["number"])) if match else (plain,)


def originals(name: str) -> Iterator[str]:
    """Names that the original of an edited version may have; none if it is no such version.

    IMG-edited(1).jpg is of IMG(1).jpg. Where the whole name was cut, any beginning of the word may
    be left: "-ed".
    """
    stem, suffix = split(name)
    match = NUMBER.fullmatch(stem)
    before, behind = (match["before"], f"({match['number']})") if match else (stem, "")
    if whole := EDITED.fullmatch(before):
        yield whole[1] + behind + suffix
    if not may_be_cut(before):
        return
    at = before.rfind("-")
    rest = before[at:].casefold()
    if at > 0 and any(word.startswith(rest) for word in WORDS):
        yield before[:at] + behind + suffix


def stem_of_note(core: str, number: str) -> str:
    """The stem of the medium for which a JSON is named, with its number, for want of the medium."""
    for length in range(len(SUPPLEMENT), 0, -1):
        if core.endswith(SUPPLEMENT[:length]):
            core = core[:-length]
            break
    stem, suffix = split(core)
    if suffix.lower() not in MEDIA_SUFFIXES and not may_be_cut(core):
        stem = core
    return f"{stem}({number})" if number else stem


def agrees(title: str, form: Form) -> bool:
    """Whether a title, which was never cut, may be that of a medium whose name may be cut."""
    if title in (form.title, form.stem):
        return True
    stem = form.stem.rstrip(HALF)
    if not may_be_cut(stem) or not title.startswith(stem):
        return False
    title_suffix = split(title)[1].lower()
    return title_suffix == form.suffix.lower() or title_suffix not in MEDIA_SUFFIXES
