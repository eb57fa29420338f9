"""Matches the media and the JSON of one folder, the surest first; pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from librarian.companions import MEDIA_SUFFIXES
from librarian.takeout.names import HALF, Form, agrees, forms, is_video, originals, split
from librarian.takeout.shelf import (
    Note,
    Shelf,
    Unsure,
    add_still,
    find_still,
    is_long,
)

MOST_LENGTHS = 16
"""Names are cut to few lengths; so many at most are tried for each title."""


def match_folder(media: Iterable[str], shelf: Shelf) -> tuple[dict[str, Note], dict[str, bool]]:
    """The JSON of each medium of a folder.

    Returns:
        For names of media their JSON; and those that have none, with whether that is because
        several fit.
    """
    folder = _Folder(media, shelf)
    for step in (
        folder.take_full_names,
        folder.take_titles,
        folder.take_short_names,
        folder.share_cut_names,
        folder.share_with_edited,
        folder.share_with_films,
    ):
        if folder.left:
            step()
    return folder.found, folder.left


class _Folder:
    """What is matched so far.

    Attributes:
        found: For names of media their JSON.
        left: Names of media without one, and whether several fit.
    """

    def __init__(self, media: Iterable[str], shelf: Shelf) -> None:
        self.found: dict[str, Note] = {}
        self.left: dict[str, bool] = dict.fromkeys(media, False)
        self._shelf = shelf
        self._used: set[str] = set()

    def take_full_names(self) -> None:
        """Names that agree in full."""
        for name in list(self.left):
            for form in forms(name):
                match self._shelf.full(form):
                    case Note() as note:
                        self._settle(name, note)
                        break
                    case Unsure():
                        self.left[name] = True
        self._used = {note.name for note in self.found.values()}

    def take_titles(self) -> None:
        """Titles that agree with names, be these cut or not, where the JSON's name is cut."""
        titles = _Titles(self._shelf.notes, self._used, self._cut_lengths())
        wishes: dict[str, list[tuple[str, Form]]] = defaultdict(list)
        for name in self.left:
            wish = titles.wish(name)
            if wish is not None:
                wishes[wish[0]].append((name, wish[1]))
        for key, wished in wishes.items():
            for (name, _), note in zip(wished, titles.share_out(key, wished), strict=True):
                if note is None:
                    self.left[name] = True
                else:
                    self._settle(name, note)
                    self._used.add(note.name)

    def take_short_names(self) -> None:
        """JSON files that have only the beginning of a name, each for one medium."""
        wishes: dict[str, list[tuple[str, Note]]] = defaultdict(list)
        for name, is_unsure in self.left.items():
            note = None if is_unsure else self._short(name)
            if note is not None:
                wishes[note.name].append((name, note))
        for wished in wishes.values():
            chosen = wished if len(wished) == 1 else _likeliest(wished)
            for name, note in chosen:
                self._settle(name, note)
                self._used.add(note.name)
            for name, _ in wished:
                if name in self.left:
                    self.left[name] = True

    def share_cut_names(self) -> None:
        """Two titles became one name when they were cut: the second has a number and no JSON."""
        for name in [name for name, is_unsure in self.left.items() if not is_unsure]:
            for form in forms(name):
                if form.number and is_long(form):
                    note = self.found.get(form.title) or self._shared(form)
                    if note is not None:
                        self._settle(name, note)
                        break

    def share_with_edited(self) -> None:
        """Edited versions use the JSON of their originals, be these here or not."""
        stems = self._stems()
        for name in list(self.left):
            for original in originals(name):
                note = self.found.get(original) or self._of_absent(original)
                note = note or find_still(stems, original)
                if note is not None:
                    self._settle(name, note)
                    break

    def share_with_films(self) -> None:
        """The film of a Live Photo or motion photo uses the JSON of its still."""
        stems = self._stems()
        for name in list(self.left):
            if is_video(name):
                note = find_still(stems, name) or self._shelf.of_film(name)
                if note is not None:
                    self._settle(name, note)

    def _settle(self, name: str, note: Note) -> None:
        if name in self.left:
            del self.left[name]
            self.found[name] = note

    def _cut_lengths(self) -> set[int]:
        found = {
            len(form.stem.rstrip(HALF))
            for name in self.left
            for form in forms(name)
            if is_long(form)
        }
        return set(sorted(found, reverse=True)[:MOST_LENGTHS])

    def _short(self, name: str) -> Note | None:
        for form in forms(name):
            for note in self._shelf.short(form):
                is_free = isinstance(note, Note) and note.name not in self._used
                if isinstance(note, Note) and is_free and note.may_speak_of(form):
                    return note
        return None

    def _shared(self, form: Form) -> Note | None:
        first = Form(form.stem, form.suffix, "")
        for note in self._shelf.short(first):
            if isinstance(note, Note) and note.may_speak_of(first):
                return note
        return None

    def _of_absent(self, name: str) -> Note | None:
        """The JSON of a medium that is not here."""
        for form in forms(name):
            for note in (self._shelf.full(form), *self._shelf.short(form)):
                if isinstance(note, Note) and note.may_speak_of(form):
                    return note
        return None

    def _stems(self) -> dict[str, tuple[int, Note]]:
        stems: dict[str, tuple[int, Note]] = {}
        for name, note in self.found.items():
            add_still(stems, split(name)[0], name, note)
        return stems


class _Titles:
    """Unused JSON files by their titles, whole and cut as the names of media are.

    Titles that were cut to one name got numbers, and so did the names of their JSON; but these are
    cut elsewhere, so that more of them, or fewer, became one, and the numbers need not be equal.

    Args:
        notes: All of the folder.
        used: Names of those that are taken.
        lengths: Those to which stems of media are cut.
    """

    def __init__(self, notes: Iterable[Note], used: Collection[str], lengths: set[int]) -> None:
        self._groups: dict[str, list[Note]] = defaultdict(list)
        self._lengths = lengths
        self._cores: Counter[str] = Counter()
        for note in notes:
            self._cores[note.core] += 1
            if note.title and note.name not in used:
                for key in self._keys(note):
                    self._groups[key].append(note)

    def wish(self, name: str) -> tuple[str, Form] | None:
        """Under which key a medium finds JSON, and how its name is read for that."""
        for form in forms(name):
            stem = form.stem.rstrip(HALF)
            keys = [form.title, f"{stem}/{form.suffix.lower()}", f"{stem}/"]
            for key in keys if is_long(form) else keys[:1]:
                if key in self._groups:
                    return key, form
        return None

    def share_out(self, key: str, wished: Sequence[tuple[str, Form]]) -> list[Note | None]:
        """The JSON under a key for each medium that wishes one; None where it cannot be said."""
        notes = self._groups[key]
        if len(notes) == 1:
            return [notes[0] for _ in wished]
        if self._is_numbered_alike(notes):
            numbered = {note.number: note for note in notes}
            return [numbered.get(form.number) for _, form in wished]
        if len(notes) == len(wished):
            by_number = iter(sorted(notes, key=lambda note: int(note.number or 0)))
            order = sorted(range(len(wished)), key=lambda at: int(wished[at][1].number or 0))
            chosen = dict(zip(order, by_number, strict=True))
            return [chosen[at] for at in range(len(wished))]
        return [None for _ in wished]

    def _is_numbered_alike(self, notes: Sequence[Note]) -> bool:
        """Whether no JSON of another title has a part in the numbers of these."""
        own = Counter(note.core for note in notes)
        return len(own) == 1 and all(self._cores[core] == count for core, count in own.items())

    def _keys(self, note: Note) -> Iterator[str]:
        if note.is_cut:
            yield note.title
        stem, suffix = split(note.title)
        suffix = suffix.lower()
        if suffix not in MEDIA_SUFFIXES:
            stem, suffix = note.title, ""
        for length in self._lengths:
            if len(stem) > length:
                yield f"{stem[:length]}/{suffix}"


def _likeliest(wished: list[tuple[str, Note]]) -> list[tuple[str, Note]]:
    """Of media that fit one JSON, the one that its title is for; a photo before its film."""
    agreeing = [one for one in wished if _is_titled(*one)] or wished
    photos = [one for one in agreeing if not is_video(one[0])] or agreeing
    return photos if len(photos) == 1 else []


def _is_titled(name: str, note: Note) -> bool:
    return any(agrees(note.title, form) for form in forms(name))
