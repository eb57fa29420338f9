"""The folders that photos are dropped into, and what becomes of a file there once it is stored."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Mode = Literal["move", "keep"]
"""move: the file is removed once it is stored. keep: it stays, and is remembered as seen."""

MAIN_INBOX = "inbox"


@dataclass(frozen=True, slots=True)
class Inbox:
    """One folder that is watched, or an import's source.

    Attributes:
        name: As in `inbox_files.inbox`; stable, for rows refer to it.
        root: Absolute.
    """

    name: str
    root: Path
    mode: Mode
