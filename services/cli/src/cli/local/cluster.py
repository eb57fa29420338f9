"""Makes the files of an embedded PostgreSQL, all at once or not at all."""

import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cli.local.binaries import Binaries
from cli.local.errors import LocalModeError
from cli.local.identity import Identity
from cli.local.tether import tether

ROLE = "photo_factory"
LOCALES = ("C.UTF-8", "C")
"""The first one that the machine has. Both sort by code point on every machine and version."""

CLEAN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class ClusterError(LocalModeError):
    """The database cannot be made or opened."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The folder of an embedded PostgreSQL: its data and the password of its only role."""

    folder: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.folder / "cluster"

    @property
    def password(self) -> str:
        """The password of the role that owns everything."""
        return (self.folder / "password").read_text().strip()

    @property
    def exists(self) -> bool:
        """Whether it has been made."""
        return (self.data / "PG_VERSION").exists()

    def make(self, binaries: Binaries, identity: Identity) -> None:
        """Make it beside its place and rename it, so that a half-made one is never opened.

        Raises:
            ClusterError: initdb failed, or something else lies at that place.
        """
        if self.folder.exists():
            message = f"{self.folder} is no database of ours. Move it away and start again."
            raise ClusterError(message)
        new = Cluster(self.folder.with_name(f"{self.folder.name}.new"))
        if new.folder.exists():
            shutil.rmtree(new.folder)
        new.folder.mkdir(mode=0o700, parents=True)
        _write_private(new.folder / "password", secrets.token_urlsafe(32))
        take_over(new.folder, identity)
        new._initialise(binaries, identity)
        new.folder.rename(self.folder)
        _sync(self.folder.parent)

    def _initialise(self, binaries: Binaries, identity: Identity) -> None:
        reason = ""
        for locale in LOCALES:
            done = subprocess.run(  # noqa: S603 - our own arguments
                [
                    *identity.prefix,
                    *tether("INT"),
                    binaries.program("initdb"),
                    f"--pgdata={self.data}",
                    f"--username={ROLE}",
                    f"--pwfile={self.folder / 'password'}",
                    "--auth=scram-sha-256",
                    "--data-checksums",
                    "--encoding=UTF8",
                    f"--locale={locale}",
                    "--no-instructions",
                ],
                cwd="/",
                env=CLEAN_ENVIRONMENT,
                capture_output=True,
                text=True,
                check=False,
                start_new_session=True,
            )
            if done.returncode == 0:
                return
            reason = done.stderr.strip()
            if "invalid locale" not in reason:
                break
        message = f"PostgreSQL could not make a new database in {self.folder}: {reason}"
        raise ClusterError(message)


def take_over(folder: Path, identity: Identity) -> None:
    """Give a folder of ours to the identity, if it belongs to somebody else.

    Raises:
        ClusterError: It belongs to somebody else, and this user may not change that.
    """
    if folder.stat().st_uid == identity.owner:
        return
    if os.geteuid() != 0:
        message = f"{folder} belongs to another user. Start as that user, or as root."
        raise ClusterError(message)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(parent) / name, identity.owner, identity.group, follow_symlinks=False)
    os.chown(folder, identity.owner, identity.group)


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
