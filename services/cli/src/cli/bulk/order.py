"""What a person has asked an import to do."""

from dataclasses import dataclass
from pathlib import Path

from librarian.inboxes import Mode


@dataclass(frozen=True, slots=True)
class Order:
    """The command's arguments.

    Attributes:
        mode: keep copies, and leaves the source as it is; move removes what is stored.
        is_takeout: The paths are parts of a Google Takeout.
        with_trash: Of a Takeout, take in also what lay in Google's trash.
    """

    paths: tuple[Path, ...]
    mode: Mode
    is_dry_run: bool
    as_json: bool
    is_takeout: bool = False
    with_trash: bool = False

    @property
    def verb(self) -> str:
        """The option that stands for the mode: copy or move."""
        return "copy" if self.mode == "keep" else "move"
