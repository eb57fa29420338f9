"""Which folders of a Takeout stand for a year, for an album, or for what Google puts away."""

import re
from collections import defaultdict
from datetime import UTC, datetime

from librarian.takeout.metadata import PhotoNote

YEAR_WORDS = (
    "photos from|photos de|photos du|photos d'|fotos? von|fotos? aus|fotos? de|fotos? del"
    "|fotos? d'|foto's (?:uit|van)|foto dal|foto del|foto da|foto från|bilder från|bilder fra"
    "|billeder fra|zdjęcia z(?: roku)?|fotky z(?: roku)?|fotografie z(?: roku)?|kuvat vuodelta"
    "|valokuvat vuodelta|фото за|фотографии за|фото з|снимки от"
)
YEAR = re.compile(
    rf"(?:{YEAR_WORDS})\s*(?:1[89]|20)\d\d(?:\s*(?:г\.?|год|р\.?))?"  # noqa: RUF001 - Cyrillic
    r"|(?:1[89]|20)\d\d\s*(?:年的?(?:照片|相片|写真|の写真)?|년 사진)"
    r"|(?:1[89]|20)\d\d yılı(?:ndan)? fotoğraflar(?:ı)?"  # noqa: RUF001 - Turkish
    r"|(?:1[89]|20)\d\d-\d\d-\d\d(?: ?[-#].*)?",  # exports till 2020: a folder for each day
    re.IGNORECASE,
)
ONE_YEAR = re.compile(r"(?<!\d)((?:1[89]|20)\d\d)(?!\d)")
MOST_FOREIGN = 0.1
LEAST_YEARS = 3
ARCHIVE = re.compile(
    "archive|archiv|archief|archivio|archivo|arquivo|archiwum|arkiv|arkisto|архив|архів|arşiv"
    "|アーカイブ|归档|封存|보관처리",
    re.IGNORECASE,
)
TRASH = re.compile(
    "trash|bin|papierkorb|corbeille|papelera|cestino|lixeira|lixo|prullenbak|kosz|papirkurv"
    "|papperskorg|papperskorgen|roskakori|корзина|кошик|кошче|çöp kutusu|ゴミ箱|回收站|垃圾桶"
    "|垃圾箱|휴지통|koš|paperera",
    re.IGNORECASE,
)
FAILED = re.compile(
    "failed videos|fehlgeschlagene videos|vidéos non traitées|vídeos con errores", re.IGNORECASE
)


class Galleries:
    """Learns from media and notes which folders are which.

    A gallery is what Google calls by a name in each language (Google Photos, Google Fotos, …); it
    is known by what is in it, so that folders of other services make no albums.
    """

    def __init__(self) -> None:
        self._media_folders: set[str] = set()
        self._years: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self._galleries: set[str] = set()

    def add_media(self, folder: str) -> None:
        """Note that a folder has a medium."""
        self._media_folders.add(folder)

    def add_note(self, folder: str, note: PhotoNote) -> None:
        """Note that a folder has a photo's JSON."""
        seconds = note.tags.get("Takeout:PhotoTakenTime")
        year = datetime.fromtimestamp(seconds, UTC).year if isinstance(seconds, int) else 0
        self._years[folder][year] += 1
        self._galleries.add(_parent(folder))

    def year_folders(self) -> frozenset[str]:
        """The folders that hold a year's media; by words if known, else by what they hold.

        Where no folder of a gallery has known words, the commonest form of name among folders
        that hold what was taken in the year of their name is taken for the year folders'.
        """
        folders = self._media_folders | self._years.keys()
        known = {folder for folder in folders if is_year_folder(folder)}
        forms: dict[tuple[str, str], list[str]] = defaultdict(list)
        for folder in folders:
            form = self._form(folder)
            if form is not None:
                forms[_parent(folder), form].append(folder)
        for gallery in self._galleries - {_parent(folder) for folder in known}:
            own = [found for (parent, _), found in forms.items() if parent == gallery]
            commonest = max(own, key=len, default=[])
            if len(commonest) >= LEAST_YEARS:
                known.update(commonest)
        return frozenset(known)

    def album_folders(self) -> frozenset[str]:
        """The folders with media that stand for albums."""
        years = self.year_folders()
        galleries = self._galleries | {_parent(folder) for folder in years}
        return frozenset(
            folder
            for folder in self._media_folders - years
            if folder and _parent(folder) in galleries and folder not in galleries
            if not is_archive_folder(folder) and not is_trash_folder(folder)
            if not FAILED.fullmatch(_last(folder))
        )

    def is_inside(self, folder: str) -> bool:
        """Whether a folder is one of a gallery's."""
        return _parent(folder) in self._galleries

    def _form(self, folder: str) -> str | None:
        """A folder's name without its year, if it holds that year's photos."""
        years = ONE_YEAR.findall(_last(folder))
        held = self._years.get(folder)
        if len(years) != 1 or not held:
            return None
        foreign = sum(count for year, count in held.items() if year not in (0, int(years[0])))
        if foreign > MOST_FOREIGN * sum(held.values()):
            return None
        return ONE_YEAR.sub("", _last(folder))


def is_year_folder(folder: str) -> bool:
    """Whether a folder is named as those of a year (or a day, in old exports) are."""
    return YEAR.fullmatch(_last(folder)) is not None


def is_archive_folder(folder: str) -> bool:
    """Whether it is the folder of what was archived in Google Photos."""
    return ARCHIVE.fullmatch(_last(folder)) is not None


def is_trash_folder(folder: str) -> bool:
    """Whether it is the folder of what was in Google's trash."""
    return TRASH.fullmatch(_last(folder)) is not None


def _parent(folder: str) -> str:
    return folder.rpartition("/")[0]


def _last(folder: str) -> str:
    return folder.rpartition("/")[2]
