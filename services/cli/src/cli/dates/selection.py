"""Which assets a command is about: named ones, filters, or both; read in pages."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from photo_factory.database import Connection

from cli.commands.wording import printable

PAGE = 500

PATHS = "SELECT path, id FROM media_assets WHERE path = ANY(%s)"
IDS = "SELECT id FROM media_assets WHERE id = ANY(%s)"
CHOSEN = """
SELECT id FROM media_assets
WHERE id > %(after)s
    AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
    AND (%(pattern)s::text IS NULL OR path ~ %(pattern)s)
    AND (%(since)s::timestamp IS NULL OR captured_local >= %(since)s)
    AND (%(before)s::timestamp IS NULL OR captured_local < %(before)s)
    AND (%(sources)s::text[] IS NULL OR captured_source = ANY(%(sources)s))
    AND (%(confidences)s::text[] IS NULL OR captured_confidence = ANY(%(confidences)s))
    AND (%(rules_below)s::int IS NULL OR capture_rules < %(rules_below)s)
ORDER BY id LIMIT %(limit)s
"""
WILD = re.compile(r"(\*\*/|\*\*|\*|\?)")
WORDS = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
SPECIAL = re.compile(r"[.^$+(){}\[\]|\\]")
NUMBER = re.compile(r"\d{1,18}", re.ASCII)
"""As many digits as a bigint holds for sure; longer ones are names."""


class UnknownAssetError(Exception):
    """What was named is no asset; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Selection:
    """All conditions hold together; None stands for no condition.

    Attributes:
        ids: Those named, in ascending order.
        pattern: A regular expression of PostgreSQL that paths match.
        since: The earliest local time of capture.
        before: Local times of capture are earlier.
        rules_below: Decided by rules of a lower version.
    """

    ids: tuple[int, ...] | None = None
    pattern: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    sources: tuple[str, ...] | None = None
    confidences: tuple[str, ...] | None = None
    rules_below: int | None = None

    @property
    def is_everything(self) -> bool:
        """Whether there is no condition at all."""
        return self == Selection()

    def pages(self, connection: Connection) -> Iterator[list[int]]:
        """Ids in ascending order, a page at a time; each asset comes once, whatever changes."""
        after = 0
        while page := self._page(connection, after):
            yield page
            after = page[-1]

    def among(self, connection: Connection, ids: Iterable[int]) -> set[int]:
        """Those of these ids that are selected."""
        wanted = set(ids) if self.ids is None else set(ids).intersection(self.ids)
        narrowed = replace(self, ids=tuple(wanted))
        return {one for page in narrowed.pages(connection) for one in page} if wanted else set()

    def _page(self, connection: Connection, after: int) -> list[int]:
        values = {
            "after": after,
            "ids": None if self.ids is None else list(self.ids),
            "pattern": self.pattern,
            "since": self.since,
            "before": self.before,
            "sources": None if self.sources is None else list(self.sources),
            "confidences": None if self.confidences is None else list(self.confidences),
            "rules_below": self.rules_below,
            "limit": PAGE,
        }
        # Unprepared, so that the plan is made for the conditions that there are.
        return [row[0] for row in connection.execute(CHOSEN, values, prepare=False)]


def glob_pattern(glob: str) -> str:
    """Write a pattern of paths as a regular expression.

    * is anything within a name, ** anything at all, ? one character; every other character is
    itself. Without a slash it is the name of a file or folder anywhere. A folder means all below.
    """
    parts = WILD.split(glob.strip("/"))
    body = "".join(WORDS.get(part) or SPECIAL.sub(r"\\\g<0>", part) for part in parts)
    start = "^" if "/" in glob.strip("/") else "^(.*/)?"
    return f"{start}{body}(/.*)?$"


def find_named(connection: Connection, library: Path, names: Sequence[str]) -> tuple[int, ...]:
    """The ids of assets that are named by number or by path, each once, in ascending order.

    Args:
        connection: To the library's database.
        library: Root of the originals.
        names: Numbers; paths relative to the library; or paths that lead into it.

    Raises:
        UnknownAssetError: For the first that is none.
    """
    numbers = [name for name in names if NUMBER.fullmatch(name)]
    paths = [name for name in names if not NUMBER.fullmatch(name)]
    found = {*_find_numbered(connection, numbers), *_find_placed(connection, library, paths)}
    return tuple(sorted(found))


def _find_numbered(connection: Connection, names: Sequence[str]) -> set[int]:
    wanted = [int(name) for name in names]
    known = {row[0] for row in connection.execute(IDS, [wanted])} if wanted else set()
    for number in wanted:
        if number not in known:
            message = f"There is no asset {number}."
            raise UnknownAssetError(message)
    return known


def _find_placed(connection: Connection, library: Path, names: Sequence[str]) -> Iterator[int]:
    candidates = {name: _candidates(library, name) for name in names}
    wanted = [path for paths in candidates.values() for path in paths]
    ids: dict[str, int] = dict(connection.execute(PATHS, [wanted]).fetchall()) if wanted else {}
    for name, paths in candidates.items():
        matching = [ids[path] for path in paths if path in ids]
        if not matching:
            message = (
                f"The library has no original at {printable(name)}. "
                "Give its number, or its path in the library."
            )
            raise UnknownAssetError(message)
        yield matching[0]


def _candidates(library: Path, name: str) -> list[str]:
    """The paths in the library that a name may mean: as given, and from where the user stands."""
    if not is_text(name):
        return []
    plain = os.path.normpath(name)
    found = [plain] if not plain.startswith(("/", "..")) else []
    absolute = Path(os.path.abspath(name))  # noqa: PTH100 - links in the name are kept
    roots = [root for root in (library, library.resolve()) if absolute.is_relative_to(root)]
    return [*found, *(str(absolute.relative_to(root)) for root in roots)]


def is_text(argument: str) -> bool:
    """Whether the database could hold it; what was typed may be no UTF-8."""
    return not any("\ud800" <= character <= "\udfff" for character in argument)
