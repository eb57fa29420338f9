"""What can be set about the librarian."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from photo_factory.settings import Settings
from pydantic import Field, field_validator


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
        300, description="Seconds between two scans of the whole inbox, for what events missed."
    )
    poll_scan_seconds: Annotated[float, Field(ge=1, le=86_400)] = Field(
        10, description="The same where the inbox raises no events."
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

    @property
    def home(self) -> ZoneInfo | None:
        """The time zone at home, if it is set."""
        return ZoneInfo(self.home_timezone) if self.home_timezone else None
