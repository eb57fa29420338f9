"""What can be set about the librarian."""

import os
import re
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from photo_factory.settings import Settings
from pydantic import Field, SecretStr, field_validator, model_validator

from librarian.inboxes import MAIN_INBOX, Inbox, Mode

INBOX_NAME = re.compile(r"[a-z0-9-]{1,30}")
MODES: tuple[Mode, ...] = ("move", "keep")


class LibrarianSettings(Settings):
    """The common settings and the librarian's own."""

    stability_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        5, description="A file is taken in once its size and time have not changed for so long."
    )
    incomplete_seconds: Annotated[float, Field(ge=0, le=86_400)] = Field(
        30,
        description="A file that ends too early for its format may take so long to grow before "
        "it counts as damaged.",
    )
    scan_seconds: Annotated[float, Field(ge=1, le=86_400)] = Field(
        300, description="Seconds between two scans of an inbox, for what events missed."
    )
    poll_scan_seconds: Annotated[float, Field(ge=1, le=86_400)] = Field(
        10, description="The same where an inbox raises no events."
    )
    watch_mode: Literal["auto", "events", "poll"] = Field(
        "auto",
        description="How new files are noticed: events of the file system, scans alone (poll), "
        "or events unless the inbox is on a network share (auto).",
    )
    home_timezone: str = Field(
        "",
        description="Time zone at home, such as Europe/Rome, for videos that say no other. "
        "Empty: their time in UTC is kept.",
    )
    inbox_mode: Mode = Field(
        "move",
        description="What becomes of a file in the inbox once it is stored: it is removed (move), "
        "or stays and is not read again (keep).",
    )
    more_inboxes: str = Field(
        "",
        description="Further inboxes, each as name:mode:path, separated by commas: "
        "camera:keep:/mnt/camera, scans:move:/srv/scans. With Docker, a path is one inside the "
        "librarian's container.",
    )
    other_files: Literal["leave", "quarantine"] = Field(
        "leave",
        description="What becomes of files in the inbox that are no photo or video: they stay and "
        "are shown (leave), or are moved to the quarantine folder.",
    )
    keep_free_bytes: Annotated[int, Field(ge=0)] = Field(
        1 << 30,
        description="The librarian pauses before the library's disk has less room than this.",
    )
    syncthing_url: str = Field(
        "",
        description="Address of Syncthing, such as http://127.0.0.1:8384. It is asked, and never "
        "told, whether removing files from an inbox would travel back to the phones.",
    )
    syncthing_api_key: SecretStr | None = Field(
        None, description="Syncthing's API key, from its page under Actions, Settings."
    )
    syncthing_api_key_file: Path | None = Field(
        None, description="File with Syncthing's API key, instead of the key itself."
    )

    @field_validator("home_timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name:
            try:
                ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError) as error:
                message = f"{name} is no time zone; an example is Europe/Rome"
                raise ValueError(message) from error
        return name

    @field_validator("more_inboxes")
    @classmethod
    def _are_inboxes(cls, text: str) -> str:
        parse_inboxes(text)
        return text

    @field_validator("syncthing_url")
    @classmethod
    def _is_address(cls, address: str) -> str:
        if address and not address.startswith(("http://", "https://")):
            message = f"{address} is no address; an example is http://127.0.0.1:8384"
            raise ValueError(message)
        return address.rstrip("/")

    @model_validator(mode="after")
    def _inboxes_do_not_nest(self) -> "LibrarianSettings":
        """Refuse an inbox in or around another one or the library: it would swallow what it finds.

        Links are followed here, so that a detour through one does not hide it.
        """
        inboxes = {_folder_of(inbox): inbox.root for inbox in self.inboxes}
        others = {
            "the library": self.library,
            "the derivatives folder": self.derivatives,
            "the quarantine folder": self.quarantine,
        }
        for name, root in inboxes.items():
            for other, other_root in {**inboxes, **others}.items():
                if name != other and (_is_inside(root, other_root) or _is_inside(other_root, root)):
                    message = f"{name} {root} and {other} {other_root} lie inside one another"
                    raise ValueError(message)
        return self

    @property
    def home(self) -> ZoneInfo | None:
        """The time zone at home, if it is set."""
        return ZoneInfo(self.home_timezone) if self.home_timezone else None

    @property
    def inboxes(self) -> tuple[Inbox, ...]:
        """All inboxes, the main one first."""
        return (
            Inbox(MAIN_INBOX, self.inbox, self.inbox_mode),
            *parse_inboxes(self.more_inboxes),
        )

    def syncthing_key(self) -> str | None:
        """Syncthing's API key, wherever it is; None if there is none.

        Raises:
            OSError: The file with the key cannot be read.
        """
        if self.syncthing_api_key is not None:
            return self.syncthing_api_key.get_secret_value()
        if self.syncthing_api_key_file is not None:
            return self.syncthing_api_key_file.read_text().strip() or None
        return None


def parse_inboxes(text: str) -> tuple[Inbox, ...]:
    """Read the entries of PF_MORE_INBOXES.

    Raises:
        ValueError: An entry is wrong; the message is for the person who wrote it.
    """
    inboxes: list[Inbox] = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        inbox = _parse_inbox(entry)
        if any(inbox.name == other.name for other in inboxes):
            message = f"two inboxes have the name {inbox.name}; each needs its own"
            raise ValueError(message)
        inboxes.append(inbox)
    return tuple(inboxes)


def _parse_inbox(entry: str) -> Inbox:
    name, *rest = (part.strip() for part in entry.split(":", 2))
    mode, path = rest if len(rest) == len(("mode", "path")) else ("", "")
    if not path:
        problem = "is not of the form name:mode:path, such as camera:keep:/mnt/camera"
    elif not INBOX_NAME.fullmatch(name):
        problem = f"has the name {name!r}; a name has 1 to 30 small letters, digits and hyphens"
    elif name == MAIN_INBOX:
        problem = f"has the name {MAIN_INBOX}, which the main inbox has"
    elif mode not in MODES:
        problem = f"has the mode {mode!r}; it is move or keep"
    elif not Path(path).is_absolute():
        problem = f"has the path {path}, which does not begin with /"
    else:
        return Inbox(name, Path(os.path.normpath(path)), "keep" if mode == "keep" else "move")
    message = f"the inbox {entry} {problem}"
    raise ValueError(message)


def _folder_of(inbox: Inbox) -> str:
    return f"the folder of the inbox {inbox.name}"


def _is_inside(path: Path, other: Path) -> bool:
    return path.resolve().is_relative_to(other.resolve())
