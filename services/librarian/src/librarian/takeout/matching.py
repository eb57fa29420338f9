"""Finds for each medium of a Takeout the JSON that speaks of it; pure, and linear in the files.

In each folder the surest go first: names that agree in full, then titles, then names of which only
the beginning is left. Edited versions and the films of Live Photos have no JSON of their own and
share their photo's. Copies in albums may use the JSON of the year's folder.

Names are looked up by their beginnings, never compared one by one, for a folder may have a hundred
thousand files. What fits two ways is left unmatched and says so: no date is better than another's.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from librarian.takeout.folder_matching import match_folder
from librarian.takeout.names import read_note
from librarian.takeout.shelf import Note, Shelf

Key = tuple[str, str]
"""A folder and a name in it."""

NO_NOTE = "no JSON in its folder, or in a year's folder, is named for it"
UNSURE = "more than one JSON, or more than one medium, fits equally well"
NO_MEDIUM = "the medium that it is named for is not here"
OTHER_NOTE = "its medium has another JSON"


@dataclass(frozen=True, slots=True)
class Matching:
    """Who belongs to whom.

    Attributes:
        notes: For each matched medium its JSON; several may share one.
        unmatched_media: With the reason.
        unmatched_notes: With the reason.
    """

    notes: dict[Key, Key]
    unmatched_media: dict[Key, str]
    unmatched_notes: dict[Key, str]


class Matcher:
    """Collects names of media and JSON, in any order, from any part."""

    def __init__(self) -> None:
        self._media: dict[str, dict[str, None]] = defaultdict(dict)
        self._notes: dict[str, dict[str, str]] = defaultdict(dict)

    def add_media(self, folder: str, name: str) -> None:
        """Add a photo or video; both arguments in NFC."""
        self._media[folder][name] = None

    def add_note(self, folder: str, name: str, title: str) -> None:
        """Add a JSON of a photo or video; all arguments in NFC, title "" if it has none."""
        self._notes[folder][name] = title

    def match(self, year_folders: Collection[str] = ()) -> Matching:
        """Match all that was added.

        Args:
            year_folders: Folders that hold all media of a year, whose JSON may stand for the copies
                in albums of the same gallery.
        """
        matching = Matching({}, {}, {})
        for folder, media in self._media.items():
            found, left = match_folder(media, self._shelf([folder]))
            for name, note in found.items():
                matching.notes[folder, name] = (note.folder, note.name)
            for name, is_unsure in left.items():
                matching.unmatched_media[folder, name] = UNSURE if is_unsure else NO_NOTE
        self._match_albums(matching, year_folders)
        self._explain_notes(matching)
        return matching

    def _shelf(self, folders: Iterable[str]) -> Shelf:
        shelf = Shelf()
        for folder in folders:
            for name, title in self._notes.get(folder, {}).items():
                shelf.add(Note(folder, name, title, *read_note(name)))
        return shelf

    def _match_albums(self, matching: Matching, year_folders: Collection[str]) -> None:
        """Give copies in albums the JSON of the year's folder of the same gallery."""
        years: dict[str, list[str]] = defaultdict(list)
        for folder in sorted(year_folders):
            years[folder.rpartition("/")[0]].append(folder)
        left: dict[str, list[Key]] = defaultdict(list)
        for folder, name in matching.unmatched_media:
            if folder not in year_folders:
                left[folder.rpartition("/")[0]].append((folder, name))
        for gallery in left.keys() & years.keys():
            shelf = self._shelf(years[gallery])
            for folder, name in left[gallery]:
                note = shelf.find_alone(name)
                if isinstance(note, Note):
                    matching.notes[folder, name] = (note.folder, note.name)
                    del matching.unmatched_media[folder, name]
                elif note:
                    matching.unmatched_media[folder, name] = UNSURE

    def _explain_notes(self, matching: Matching) -> None:
        used = set(matching.notes.values())
        for folder, notes in self._notes.items():
            media = self._media.get(folder, {})
            for name, title in notes.items():
                if (folder, name) not in used:
                    has_other = (folder, title) in matching.notes and title in media
                    reason = OTHER_NOTE if has_other else NO_MEDIUM
                    matching.unmatched_notes[folder, name] = reason
