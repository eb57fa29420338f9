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
PASS_ANYWHERE = (
    "--securebits=+no_setuid_fixup",  # else access(2), which initdb asks, ignores capabilities
    "--bounding-set=-all,+dac_read_search",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
)
"""Lets a system user pass through folders that are closed to it, such as /root, and nothing more
than read there. Root started it and could do all that anyway; no folder's rights are changed."""


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
    namespaces are refused (in a chroot, in most containers), an existing system user does it, if
    need be with the one capability of passing through closed folders.

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
        yield from keeper
        return
    unshare = shutil.which("unshare")
    if unshare is not None and users:
        user = users[0]
        maps = (f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}")
        yield Identity(NAMESPACE, (unshare, "--user", *maps, "--"), 0, 0)
    yield from (_other_user(user.pw_name, user.pw_uid, user.pw_gid) for user in users)
    if users:
        yield _other_user(users[0].pw_name, users[0].pw_uid, users[0].pw_gid, PASS_ANYWHERE)


def _keeper(cluster: Path) -> tuple[Identity, Identity] | None:
    """Whoever made the cluster, if that was not root: its files keep their owner."""
    try:
        found = cluster.stat()
    except FileNotFoundError:
        return None
    if found.st_uid == 0:
        return None
    who = ("its owner", found.st_uid, found.st_gid)
    return _other_user(*who), _other_user(*who, PASS_ANYWHERE)


def _other_user(name: str, user: int, group: int, more: tuple[str, ...] = ()) -> Identity:
    setpriv = shutil.which("setpriv") or "setpriv"
    change = (f"--reuid={user}", f"--regid={group}", "--clear-groups")
    return Identity(name, (setpriv, *change, *more, "--"), user, group)
