"""The JSON files of a folder, to be found by what media are named; each look-up costs the same."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from librarian.takeout.names import (
    SUPPLEMENT,
    Form,
    agrees,
    forms,
    is_video,
    least_cut,
    may_be_cut,
    originals,
    split,
    stem_of_note,
)

STILLS = (".heic", ".heif", ".jpg", ".jpeg", ".png", ".webp", ".avif", ".dng")
"""Whose JSON the film of a Live Photo uses, the likelier first."""


@dataclass(frozen=True, slots=True)
class Note:
    """A JSON by its name.

    Attributes:
        core: What its name has of the title and SUPPLEMENT.
        number: Which copy's it is, "" for the first.
    """

    folder: str
    name: str
    title: str
    core: str
    number: str

    @property
    def is_cut(self) -> bool:
        """Whether its name has not even the whole title."""
        return len(self.core) < len(self.title) and self.title.startswith(self.core)

    def may_speak_of(self, form: Form) -> bool:
        """Whether its title does not contradict a medium that its name would allow.

        A title that does not even explain the JSON's own name (people rename) says nothing.
        """
        return not self.title.startswith(self.core) or agrees(self.title, form)


class Unsure:
    """Several fit equally well."""


UNSURE = Unsure()
Found = Note | Unsure | None


def put(index: dict[str, Note | Unsure], key: str, note: Note) -> None:
    """Add to an index in which a second one under a key makes both unsure."""
    index[key] = UNSURE if key in index else note


@dataclass(slots=True)
class _Numbered:
    """The JSON files of one number."""

    cores: dict[str, Note | Unsure] = field(default_factory=dict)
    titles: dict[str, Note | Unsure] = field(default_factory=dict)
    lengths: set[int] = field(default_factory=set)


class Shelf:
    """JSON files by the beginnings of names, by titles, and by the stems of stills."""

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self._numbered: dict[str, _Numbered] = {}
        self._stems: dict[str, tuple[int, Note]] | None = None

    def add(self, note: Note) -> None:
        """Add a JSON."""
        self.notes.append(note)
        numbered = self._numbered.setdefault(note.number, _Numbered())
        put(numbered.cores, note.core, note)
        put(numbered.titles, note.title, note)
        numbered.lengths.add(len(note.core))

    def full(self, form: Form) -> Found:
        """The one whose name has the whole title, and SUPPLEMENT or a beginning of it."""
        shortest = len(form.title)
        return next(self._by_core(form, form.title + SUPPLEMENT, shortest), None)

    def titled(self, form: Form) -> Found:
        """The one with the very title and number."""
        numbered = self._numbered.get(form.number)
        return numbered.titles.get(form.title) if numbered else None

    def short(self, form: Form) -> Iterator[Note | Unsure]:
        """Those whose names have at least the stem, or its first forty units; longest first.

        The JSON of a title without a suffix has none either, while its medium was given one.
        """
        least = least_cut(form.stem) or 1
        if form.suffix:
            yield from self._by_core(form, form.stem + SUPPLEMENT, len(form.stem) + 1)
        yield from self._by_core(form, form.title[:-1], least)

    def of_film(self, name: str) -> Note | None:
        """The one that is named for the still of a film."""
        if self._stems is None:
            self._stems = {}
            for note in self.notes:
                add_still(self._stems, stem_of_note(note.core, note.number), note.title, note)
        return find_still(self._stems, name)

    def find_alone(self, name: str) -> Found:
        """The one for a medium when the other media of its folder are not to be seen."""
        for reading in (name, *originals(name)):
            for form in forms(reading):
                for found in (self.full(form), self.titled(form)):
                    if found is not None:
                        return found
                for one in self.short(form):
                    if isinstance(one, Note) and (not one.title or agrees(one.title, form)):
                        return one
        return self.of_film(name) if is_video(name) else None

    def _by_core(self, form: Form, longest: str, shortest: int) -> Iterator[Note | Unsure]:
        numbered = self._numbered.get(form.number)
        if numbered is None:
            return
        for length in range(len(longest), shortest - 1, -1):
            if length in numbered.lengths:
                found = numbered.cores.get(longest[:length])
                if found is not None:
                    yield found


def add_still(stems: dict[str, tuple[int, Note]], stem: str, title: str, note: Note) -> None:
    """Let a film find the JSON of a still by its stem; of several, that of the likelier type.

    Args:
        stems: The index to add to.
        stem: With its number.
        title: Its suffix says what type the still is of.
        note: The still's.
    """
    suffix = split(title)[1].lower()
    if title and suffix not in STILLS:
        return
    rank = STILLS.index(suffix) if title else len(STILLS)
    key = stem.casefold()
    keys = (key, key.removesuffix(".mp")) if key.endswith(".mp") else (key,)
    for one in keys:
        place = rank if one == key else rank + len(STILLS) + 1
        if one not in stems or place < stems[one][0]:
            stems[one] = (place, note)


def find_still(stems: dict[str, tuple[int, Note]], name: str) -> Note | None:
    """The JSON of the still that a film belongs to: IMG_1.HEIC of IMG_1.MOV, X.MP.jpg of X.MP."""
    key = name.casefold()
    for stem in (key, split(key)[0], key.partition(".mp~")[0] + ".mp"):
        if stem in stems:
            return stems[stem][1]
    return None


def is_long(form: Form) -> bool:
    """Whether a medium's name is so long that it may be cut, and its JSON's certainly may be."""
    return may_be_cut(form.title)
