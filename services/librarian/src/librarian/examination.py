"""Decides whether a file can be taken in now, and what it is; in one opening of it."""

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from photo_factory.media import HEAD_BYTES, Kind, identify, incompleteness, is_usual_suffix
from photo_factory.storage import (
    Identity,
    Incoming,
    SourceChangedError,
    SourceUnreadableError,
    hash_open,
)

from librarian.companions import SidecarKind, sidecar_kind
from librarian.inbox import absolute, base_name
from librarian.inboxes import Inbox
from librarian.jpeg_tags import read_jpeg_tags
from librarian.queries import InboxFile
from librarian.settings import LibrarianSettings
from librarian.sidecars import sidecar_fault
from librarian.tag_values import Tags

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
PASSING_FAULTS = frozenset({errno.EIO, errno.ESTALE, errno.ENODEV, errno.ENOTCONN, errno.ETIMEDOUT})
"""What a disk that is being unplugged answers: tried again for a while before it counts."""
BUSY = frozenset({errno.EBUSY, errno.EAGAIN, errno.ETXTBSY})
"""Another program holds the file, here or at the other end of a share; that passes."""
FAULT_SECONDS = 300.0
RETRY_SECONDS = 30.0
JPEG = "image/jpeg"
LONGEST_SUFFIX = 8
TAKEN_AT_GOOGLE = b'"photoTakenTime"'
OF_TAKEOUT = (
    "Google's metadata of a photo, and its name alone does not tell of which. Import the whole "
    "Takeout with photo-factory import --takeout FOLDER; then it is used."
)
OWN_NAMES = 2
"""Links of a file in the inbox that a killed librarian had placed: the inbox's and its own."""


@dataclass(frozen=True, slots=True)
class Nature:
    """What a media file is by its content.

    Attributes:
        tags: What the quick reader says; None where ExifTool must be asked.
        is_misnamed: Its extension is not one of its type.
    """

    kind: Kind
    tags: Tags | None
    is_misnamed: bool


@dataclass(frozen=True, slots=True)
class Examined:
    """A complete, unchanging media file and its hash.

    Attributes:
        copy: Where the library's copy waits for its name; None if the file is to be linked.
    """

    file: InboxFile
    source: Path
    sha256: str
    nature: Nature
    copy: Path | None


@dataclass(frozen=True, slots=True)
class ExaminedSidecar:
    """The same of a file that belongs to a photo or video."""

    file: InboxFile
    source: Path
    sha256: str
    kind: SidecarKind
    copy: Path | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now: it has changed, is being written, looks unfinished, or there is no room."""

    identity: Identity
    delay_seconds: float
    reason: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """It needs a person; it stays where it is."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing stands there any more."""


Verdict = Examined | ExaminedSidecar | Wait | Refusal | Gone


class Examiner:
    """Examines files; many threads may at the same time.

    Args:
        settings: How long an unfinished file may wait.
        inboxes: By name.
        copied: Those whose files cannot or must not be linked into the library.
        incoming: Where copies go, of files that cannot be linked into the library.
        alive: Called during long work; what it raises ends the examination.
    """

    def __init__(
        self,
        settings: LibrarianSettings,
        inboxes: Mapping[str, Inbox],
        copied: AbstractSet[str],
        incoming: Incoming,
        alive: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._alive = alive
        self._inboxes = inboxes
        self._copied = copied
        self._real_roots: dict[str, bytes] = {}
        self._incoming = incoming

    def examine(self, file: InboxFile) -> Verdict:
        """Look at a file that is due.

        It is hashed only if it is a complete media file that nobody has open for writing, and
        counts only if it was the same file before and after.
        """
        source = absolute(self._inboxes[file.inbox].root, file.path_bytes)
        try:
            descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                if not self._is_below(file, descriptor) or _is_folder(descriptor):
                    return Gone()  # what a folder holds is seen by itself
                verdict = self._examine(file, source, descriptor)
            finally:
                os.close(descriptor)
            if isinstance(verdict, Examined | ExaminedSidecar):
                return self._confirm(verdict)
        except (FileNotFoundError, NotADirectoryError):
            return Gone()
        except OSError as error:
            return _unreadable(file, error)
        return verdict

    def _is_below(self, file: InboxFile, descriptor: int) -> bool:
        """Whether the open file lies in its inbox: no folder on the way has become a link."""
        opened = os.readlink(b"/proc/self/fd/%d" % descriptor)  # noqa: PTH115 - Path takes no bytes
        for _ in range(2):
            root = self._real_roots.get(file.inbox)
            if root is not None and opened == root + b"/" + file.path_bytes:
                return True
            inbox = self._inboxes[file.inbox]
            self._real_roots[file.inbox] = os.fsencode(os.path.realpath(inbox.root))
        return False

    def _examine(self, file: InboxFile, source: Path, descriptor: int) -> Verdict:
        status = os.fstat(descriptor)
        found = Identity.of(status)
        if not stat.S_ISREG(status.st_mode):
            return Refusal("not_a_regular_file", f"{file.path}: it is no ordinary file.")
        if found != file.identity or _is_being_written(descriptor):
            return Wait(found, self._settings.stability_seconds)
        nature = self._identify(file, descriptor)
        if isinstance(nature, Wait | Refusal):
            return nature
        os.lseek(descriptor, 0, os.SEEK_SET)
        content = self._take_content(file, descriptor, status)
        if isinstance(content, Wait):
            return content
        copy, sha256 = content
        if isinstance(nature, Nature):
            return Examined(file, source, sha256, nature, copy)
        return ExaminedSidecar(file, source, sha256, nature, copy)

    def _identify(self, file: InboxFile, descriptor: int) -> Nature | SidecarKind | Wait | Refusal:
        """What the file is by its content, or why it cannot be taken in."""
        if file.size_bytes == 0:
            return Refusal(
                "empty_file", f"{file.path}: the file is empty (0 bytes). Copy it here once more."
            )
        name = os.fsdecode(base_name(file.path_bytes))
        head = os.pread(descriptor, HEAD_BYTES, 0)
        sidecar = sidecar_kind(name)
        if sidecar is not None:
            fault = sidecar_fault(file.path, sidecar, head, file.size_bytes)
            return sidecar if fault is None else Refusal("sidecar_not_readable", fault)
        suffix = Path(name).suffix.lower()
        kind = identify(head, suffix)
        if kind is None:
            reason = "its content is no photo or video that Photo Factory knows."
            if TAKEN_AT_GOOGLE in head:
                reason = f"it is {OF_TAKEOUT}"
            return Refusal("not_media", f"{file.path}: {reason}")
        with open(descriptor, "rb", buffering=0, closefd=False) as opened:
            lack = incompleteness(opened, kind)
            if lack is not None:
                return self._unfinished(file, lack)
            tags = read_jpeg_tags(opened) if kind.mime_type == JPEG else None
        return Nature(kind, tags, not is_usual_suffix(kind, suffix))

    def _unfinished(self, file: InboxFile, lack: str) -> Wait | Refusal:
        """A file that ends too early for its format waits longer before it counts as damaged."""
        if file.unchanged_seconds < self._settings.incomplete_seconds:
            left = self._settings.incomplete_seconds - file.unchanged_seconds
            return Wait(file.identity, max(left, 1.0), f"looks unfinished: {lack}")
        return Refusal(
            "truncated",
            f"{file.path}: the file is not complete: {lack}. Copy it here once more; "
            "if the source is damaged as well, it stays where it is.",
        )

    def _take_content(
        self, file: InboxFile, descriptor: int, status: os.stat_result
    ) -> tuple[Path | None, str] | Wait:
        """Hash the bytes; copy them if they cannot be linked."""
        if file.inbox not in self._copied and not self._has_other_names(file, status):
            return None, hash_open(descriptor, self._alive)
        try:
            suffix = _sane_suffix(file)
            goes = self._inboxes[file.inbox].mode == "move"
            return self._incoming.copy(descriptor, suffix, is_flushed_later=True, is_read_back=goes)
        except SourceChangedError:
            return Wait(Identity.of(os.fstat(descriptor)), self._settings.stability_seconds)
        except SourceUnreadableError:
            raise
        except OSError as error:
            return library_trouble(file, self._settings.library, error)

    def _has_other_names(self, file: InboxFile, status: os.stat_result) -> bool:
        """Whether another program may reach the same bytes by another name, and change them."""
        if status.st_nlink == 1:
            return False
        if file.intended_path is None:
            return True
        with contextlib.suppress(OSError):  # it is the name that a killed librarian gave it
            ours = (self._settings.library / file.intended_path).stat()
            return not (os.path.samestat(ours, status) and status.st_nlink == OWN_NAMES)
        return True

    def _confirm(self, verdict: Examined | ExaminedSidecar) -> Verdict:
        """See that the file is still the one that was read; else its copy is for nothing."""
        found = None
        try:
            found = Identity.of(verdict.source.lstat())
        finally:
            if found != verdict.file.identity and verdict.copy is not None:
                verdict.copy.unlink(missing_ok=True)
        if found != verdict.file.identity:
            return Wait(found, self._settings.stability_seconds)
        return verdict


def library_trouble(file: InboxFile, library: Path, error: OSError) -> Wait:
    """The library cannot be written: nothing is the file's fault, so it just waits."""
    reason = f"the library {library} cannot be written: {error.strerror}"
    code = "library_read_only"
    if error.errno in NO_ROOM:
        code = "disk_full"
        wanted = f"{file.size_bytes / 1e6:.1f} MB"
        reason = f"there is no room in the library {library} for {wanted}: {error.strerror}"
    return Wait(file.identity, RETRY_SECONDS, reason, code)


def _is_folder(descriptor: int) -> bool:
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)


def _sane_suffix(file: InboxFile) -> str:
    """The file's extension, by which ExifTool tells RAW formats apart, if it is an ordinary one."""
    suffix = Path(os.fsdecode(base_name(file.path_bytes))).suffix
    is_sane = suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= LONGEST_SUFFIX
    return suffix if is_sane else ""


def _is_being_written(descriptor: int) -> bool:
    """Whether a program has the file open for writing, where the system can tell.

    A read lease is granted only if nobody has (Linux, fcntl(2)); it is given back at once. A
    copy that pauses for longer than the stability delay is noticed by this alone.
    """
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN  # anything else: this file system cannot tell
    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _unreadable(file: InboxFile, error: OSError) -> Refusal | Wait:
    if error.errno == errno.ELOOP:
        return Refusal("symlink", f"{file.path}: it is a symbolic link. Links are not followed.")
    if error.errno == errno.ENXIO:
        return Refusal("not_a_regular_file", f"{file.path}: it is no ordinary file.")
    if error.errno in BUSY:
        return Wait(file.identity, RETRY_SECONDS, "another program has it in use")
    if error.errno in PASSING_FAULTS and file.unchanged_seconds < FAULT_SECONDS:
        return Wait(file.identity, RETRY_SECONDS, f"it cannot be read now: {error.strerror}")
    return Refusal(
        "unreadable",
        f"{file.path}: it cannot be read ({error.strerror}). Check its permissions and the disk.",
    )
