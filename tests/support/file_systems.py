"""Other file systems than the one at hand: real ones, and the answers of those that lack a call."""

import ctypes
import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import pytest

KINDS = ("hard links", "no hard links", "neither")
"""neither: renameat2(2) cannot be told to replace nothing either, as on some network shares."""


def refusing(code: int) -> Callable[..., NoReturn]:
    """A call of the system that always answers with this error."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    return refuse


class _WithoutRenameat2(ctypes.CDLL):
    """The C library on a file system that cannot rename without replacing."""

    def renameat2(self, *_: object) -> int:
        ctypes.set_errno(errno.EINVAL)
        return -1


def see_as(kind: str, patch: pytest.MonkeyPatch) -> None:
    """Let this process see every file system as one of KINDS."""
    if kind != "hard links":
        patch.setattr(os, "link", refusing(errno.EPERM))
    if kind == "neither":
        patch.setattr(ctypes, "CDLL", _WithoutRenameat2)


def see_picky_names(is_fit: Callable[[str], bool], code: int, patch: pytest.MonkeyPatch) -> None:
    """Let this process see file systems that have no names but fit ones."""
    link = os.link

    def link_if_fit(source: Path, target: Path, *, follow_symlinks: bool) -> None:
        if not is_fit(target.name):
            raise OSError(code, os.strerror(code), str(target))
        link(source, target, follow_symlinks=follow_symlinks)

    patch.setattr(os, "link", link_if_fit)


@contextmanager
def another_file_system() -> Iterator[Path]:
    """An empty folder on another file system than the tests' own (shared memory)."""
    folder = Path("/dev/shm") / f"photo-factory-{uuid4()}"  # noqa: S108 - a second file system
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def as_somebody_else(*owned: Path) -> Iterator[None]:
    """Look and act as an ordinary user, for root may do everything.

    Args:
        owned: Folders that are made that user's own, with all that is in them.
    """
    user = os.geteuid()
    stranger = user or 65534
    for folder in owned if user == 0 else ():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, stranger, -1, follow_symlinks=False)
        for above in folder.parents:
            if len(above.parts) > 2:
                above.chmod(above.stat().st_mode | 0o011)
    os.seteuid(stranger)
    try:
        yield
    finally:
        os.seteuid(user)
