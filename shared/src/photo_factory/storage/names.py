"""Names in the library: which ones a file may get, and taking one without replacing anything."""

import ctypes
import errno
import fcntl
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

MOST_CLASHES = 100_000
LONGEST_NAME_BYTES = 255
LONGEST_SUFFIX_BYTES = 32
AT_FDCWD = -100
RENAME_NOREPLACE = 1
NO_HARD_LINKS = frozenset(
    {errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS, errno.EACCES}
)
"""Answers of file systems without hard links, or between two of them (EACCES: some FUSE, SMB)."""
NO_SUCH_NAME = frozenset({errno.EINVAL, errno.EILSEQ, errno.ENAMETOOLONG})
"""Answers of file systems that cannot have a name: those of Windows (exFAT, NTFS, SMB) know no
colon, some no character outside of their character set, and encrypted shares no long names."""
PLAINEST = 2
LONGEST_PLAIN_BYTES = 100
"""eCryptfs, of which the encrypted folders of a NAS are made, takes names of 143 bytes."""
NOT_FOR_WINDOWS = re.compile(r'[<>:"/\\|?*]|[ .]+\Z')
NO_SUCH_RENAME = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})
"""Answers of file systems that cannot rename without replacing (renameat2(2))."""


def candidate_names(name: str) -> Iterator[str]:
    """The name, then with _1, _2, … before its suffix, each within the file system's limit.

    The stem is shortened where the name would grow too long, whole characters at a time.
    """
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - Path would take ".jpg" for a stem
    for number in range(MOST_CLASHES):
        yield numbered(stem, suffix, number)


def numbered(stem: str, suffix: str, number: int, beside: Iterable[str] = ()) -> str:
    """A stem with its suffix, and _<number> between them unless that is 0, not too long.

    Args:
        stem: Shortened where there is no room for all of it, whole characters at a time.
        suffix: Shortened only if it is very long.
        number: Of this attempt to find a free name.
        beside: Suffixes of other files; all get the same stem.
    """
    mark = f"_{number}" if number else ""
    longest = max(len(os.fsencode(one)) for one in (suffix, *beside))
    if len(os.fsencode(stem)) + len(mark) + longest > LONGEST_NAME_BYTES:
        suffix = _shorten(suffix, LONGEST_SUFFIX_BYTES)
        stem = _shorten(stem, LONGEST_NAME_BYTES - len(mark) - min(longest, LONGEST_SUFFIX_BYTES))
    return f"{stem}{mark}{suffix}"


def plain_stem(stem: str, plainness: int) -> str:
    """A stem for a file system that has refused a name.

    Args:
        stem: As it is wanted.
        plainness: 0 changes nothing; 1 replaces what file systems of Windows cannot have, and
            shortens; `PLAINEST` also replaces all that is not ASCII.
    """
    if plainness == 0:
        return stem
    plain = NOT_FOR_WINDOWS.sub("_", stem)
    if plainness == PLAINEST:
        plain = re.sub(r"[^ -~]", "_", plain)
    return _shorten(plain, LONGEST_PLAIN_BYTES)


def _shorten(text: str, most_bytes: int) -> str:
    return os.fsencode(text)[:most_bytes].decode(errors="ignore")


def link_without_replacing(source: Path, target: Path) -> None:
    """Give a file a new name, failing where something stands at it already.

    With hard links the source is there afterwards as well; without, it is gone. In order of
    trial: link(2), renameat2(2) with RENAME_NOREPLACE, and on a file system that has neither, an
    empty file made with O_EXCL reserves the name and is then replaced by the source.

    Raises:
        FileExistsError: The name is in use.
        OSError: Anything else that keeps the file from getting it.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        if not _rename_without_replacing(source, target):
            _rename_onto_reservation(source, target)


def _rename_without_replacing(source: Path, target: Path) -> bool:
    """Rename if the file system can do it without replacing; False if it cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    names = (os.fsencode(source), os.fsencode(target))
    if libc.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_NOREPLACE) == 0:
        return True
    code = ctypes.get_errno()
    if code in NO_SUCH_RENAME:
        return False
    raise OSError(code, os.strerror(code), str(source), None, str(target))


def _rename_onto_reservation(source: Path, target: Path) -> None:
    """Reserve the name with an empty file and replace that; a crash leaves the file empty."""
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if _is_locked_for_us(folder):
            _clear_old_reservation(target)
        ours = _reserve(target)
        try:
            source.replace(target)
        except OSError:
            if os.path.samestat(ours, target.lstat()):
                target.unlink()
            raise
    finally:
        os.close(folder)


def _is_locked_for_us(folder: int) -> bool:
    """Wait until nobody else is between reserving and replacing in a folder; False if unknown."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
    except OSError:
        return False
    return True


def _reserve(target: Path) -> os.stat_result:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        ours = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    found = target.lstat()
    if not os.path.samestat(found, ours) or found.st_size:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    return ours


def _clear_old_reservation(target: Path) -> None:
    """An empty file is no original (none is ever stored): only a reservation cut short.

    To be called under the lock: another one's reservation, just made, looks the same.
    """
    try:
        found = target.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISREG(found.st_mode) and found.st_size == 0:
        target.unlink()
