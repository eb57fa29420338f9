"""What a person has asked an import to do."""

from dataclasses import dataclass
from pathlib import Path

from librarian.inboxes import Mode


@dataclass(frozen=True, slots=True)
class Order:
    """The command's arguments.

    Attributes:
        mode: keep copies, and leaves the source as it is; move removes what is stored.
    """

    paths: tuple[Path, ...]
    mode: Mode
    is_dry_run: bool
    as_json: bool

    @property
    def verb(self) -> str:
        """The option that stands for the mode: copy or move."""
        return "copy" if self.mode == "keep" else "move"
