"""Chooses the user that PostgreSQL runs as. It refuses root, so root needs another way."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.local.errors import LocalModeError

NOBODY = 65534
NAMESPACE = "user namespace"


class IdentityError(LocalModeError):
    """There is no user to run PostgreSQL as."""


@dataclass(frozen=True, slots=True)
class Identity:
    """How PostgreSQL is started, and who owns its files then.

    Attributes:
        name: For people.
        prefix: Goes before the command.
        owner: User id of the files, as seen from outside.
        group: Group id of the files.
    """

    name: str
    prefix: tuple[str, ...]
    owner: int
    group: int

    def can_use(self, program: Path, folder: Path) -> bool:
        """Whether it may run a program and pass through a folder."""
        script = 'test -r "$1" && test -x "$1" && test -x "$2"'
        try:
            probe = subprocess.run(  # noqa: S603 - fixed arguments
                [*self.prefix, "/bin/sh", "-c", script, "sh", str(program), str(folder)],
                cwd="/",
                capture_output=True,
                timeout=30,
                check=False,
            )
        except OSError:
            return False
        return probe.returncode == 0


def choose_identity(program: Path, folder: Path) -> Identity:
    """The identity under which PostgreSQL can keep its files below a folder.

    An ordinary user runs it as itself. Root runs it in a user namespace, where root's files
    appear to belong to a system user: nothing changes its owner and no rights are opened. Where
    namespaces are refused, an existing system user that can get there does it.

    Raises:
        IdentityError: Root found no way.
    """
    if os.geteuid() != 0:
        return Identity("this user", (), os.geteuid(), os.getegid())
    for identity in _candidates(folder):
        if identity.can_use(program, folder):
            return identity
    message = (
        "PostgreSQL does not run as root, and no other user of this machine can get to "
        f"{folder} and {program.parent}. Start as an ordinary user, put both where every user may "
        "enter, or set PF_DATABASE_URL."
    )
    raise IdentityError(message)


def _candidates(folder: Path) -> Iterator[Identity]:
    users = [user for user in pwd.getpwall() if user.pw_uid not in {0, NOBODY}]
    preferred = {"postgres": 0, "daemon": 1}
    users.sort(key=lambda user: (preferred.get(user.pw_name, 2), user.pw_uid))
    keeper = _keeper(folder / "postgres")
    if keeper is not None:
        yield keeper
    unshare = shutil.which("unshare")
    if unshare is not None and users:
        user = users[0]
        maps = (f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}")
        yield Identity(NAMESPACE, (unshare, "--user", *maps, "--"), 0, 0)
    yield from (_other_user(user.pw_name, user.pw_uid, user.pw_gid) for user in users)


def _keeper(cluster: Path) -> Identity | None:
    """Whoever made the cluster, if that was not root: its files keep their owner."""
    try:
        found = cluster.stat()
    except FileNotFoundError:
        return None
    return _other_user("its owner", found.st_uid, found.st_gid) if found.st_uid != 0 else None


def _other_user(name: str, user: int, group: int) -> Identity:
    setpriv = shutil.which("setpriv") or "setpriv"
    change = (f"--reuid={user}", f"--regid={group}", "--clear-groups")
    return Identity(name, (setpriv, *change, "--"), user, group)
