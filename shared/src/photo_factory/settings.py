"""Settings that every service understands, read once at the start and passed on."""

import sys
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

STATE_FOLDER = ".photo-factory"
"""Folder below the data folder that holds the state of local mode: database, logs, locks."""


class Settings(BaseSettings):
    """What all services share. A service with settings of its own extends this class."""

    model_config = SettingsConfigDict(
        env_prefix="PF_",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,  # an address may contain a password
    )

    data_dir: Path = Field(
        Path("data"), description="Folder that holds everything, unless a path below moves it."
    )
    inbox_dir: Path | None = Field(
        None, description="Where photos are dropped. Default: inbox in the data folder."
    )
    library_dir: Path | None = Field(
        None, description="Where originals are kept. Default: library in the data folder."
    )
    derivatives_dir: Path | None = Field(
        None, description="Where thumbnails are kept. Default: derivatives in the data folder."
    )
    quarantine_dir: Path | None = Field(
        None,
        description="Where damaged files are put aside. Default: quarantine in the data folder.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="Address of PostgreSQL, postgresql://user:password@host:port/name. "
        "Without it, local mode runs a PostgreSQL of its own.",
    )
    database_password_file: Path | None = Field(
        None, description="File with the password for PF_DATABASE_URL, if that names none."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: readable lines on a terminal, JSON elsewhere."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe message that is logged."
    )
    instance: str = Field(
        "",
        max_length=100,
        description="Name of this copy of the service, if several run. Default: the host's name.",
    )
    heartbeat_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        60, description="Seconds between two heartbeats of a service."
    )
    poll_seconds: Annotated[float, Field(gt=0, le=600)] = Field(
        15, description="Longest wait before looking for work again when no notice has come."
    )
    grace_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        20, description="Seconds that work in hand may take to finish after a stop was asked for."
    )
    health_file: Path | None = Field(
        None, description="File that a working loop touches, for a container's health check."
    )

    @model_validator(mode="after")
    def _roots_do_not_nest(self) -> "Settings":
        """Refuse folders inside one another: the inbox is emptied, the library is not."""
        roots = {"inbox": self.inbox, "library": self.library, "derivatives": self.derivatives}
        for name, root in roots.items():
            for other_name, other in roots.items():
                if name != other_name and root.is_relative_to(other):
                    message = f"the {name} folder {root} lies inside the {other_name} {other}"
                    raise ValueError(message)
        return self

    @property
    def data(self) -> Path:
        """Absolute path of the data folder."""
        return self.data_dir.expanduser().absolute()

    @property
    def inbox(self) -> Path:
        """Absolute path of the inbox."""
        return self._folder(self.inbox_dir, "inbox")

    @property
    def library(self) -> Path:
        """Absolute path of the library."""
        return self._folder(self.library_dir, "library")

    @property
    def derivatives(self) -> Path:
        """Absolute path of the derivatives."""
        return self._folder(self.derivatives_dir, "derivatives")

    @property
    def quarantine(self) -> Path:
        """Absolute path of the quarantine."""
        return self._folder(self.quarantine_dir, "quarantine")

    @property
    def state(self) -> Path:
        """Absolute path of local mode's state folder."""
        return self.data / STATE_FOLDER

    @property
    def local_database_url_file(self) -> Path:
        """File in which local mode keeps the address of its own PostgreSQL, mode 0600."""
        return self.state / "database_url"

    def _folder(self, chosen: Path | None, name: str) -> Path:
        return chosen.expanduser().absolute() if chosen else self.data / name

    def database_address(self) -> str:
        """The address to connect to, password included.

        Order: PF_DATABASE_URL (with PF_DATABASE_PASSWORD_FILE), then the address that local mode
        left in the data folder.

        Raises:
            ValueError: No database is configured, or its password file cannot be read.
        """
        if self.database_url is not None:
            return self._with_password(self.database_url.get_secret_value())
        try:
            return self.local_database_url_file.read_text().strip()
        except FileNotFoundError:
            message = (
                f"no database: set PF_DATABASE_URL, or start local mode on {self.data} "
                "first (photo-factory up)"
            )
            raise ValueError(message) from None

    def _with_password(self, url: str) -> str:
        if self.database_password_file is None:
            return url
        try:
            password = self.database_password_file.read_text().strip()
        except OSError as error:
            message = f"PF_DATABASE_PASSWORD_FILE: {error}"
            raise ValueError(message) from error
        parts = urlsplit(url)
        user, _, host = parts.netloc.rpartition("@")
        user = user.partition(":")[0]
        return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


class DashboardAddress(Settings):
    """Where the dashboard listens: its own setting, and local mode's, which checks it first."""

    dashboard_address: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address that the dashboard listens on. 0.0.0.0 opens it to the network.",
    )
    dashboard_port: Annotated[int, Field(ge=1, le=65535)] = Field(
        8501, description="Port that the dashboard listens on."
    )


SettingsT = TypeVar("SettingsT", bound=Settings)


def load(kind: type[SettingsT]) -> SettingsT:
    """Read settings from the environment; wrong ones end the process with a sentence each.

    Raises:
        SystemExit: With code 2, after the problems have been written to standard error.
    """
    try:
        return kind()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = "_".join(str(part) for part in problem["loc"]).upper()
            setting = f"PF_{name}: " if name else ""
            sys.stderr.write(f"wrong configuration: {setting}{plain(problem['msg'])}\n")
        raise SystemExit(2) from None


def plain(message: str) -> str:
    """What is wrong with a setting, without the words that pydantic puts before our own."""
    return message.removeprefix("Value error, ")
