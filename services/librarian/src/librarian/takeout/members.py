"""What all kinds of parts of a Takeout share: their members, their faults, their one tree."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, BinaryIO, Protocol, cast

from librarian.takeout.paths import UnsafePathError, safe_path

MOST_MEMBER_BYTES = 1 << 44
"""No file system that people have takes a larger file (ext4: 16 TiB)."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a part.

    Attributes:
        part: The name of its part.
        path: Within the tree of all parts, unique there, safe, with "/", in NFC.
        size_bytes: As declared; its stream gives exactly as many, or fails.
        modified: Aware; None if the part does not say.
    """

    part: str
    path: str
    size_bytes: int
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a member, or a part or its rest, is left out.

    Attributes:
        part: The part's name.
        path: The member's name, fit to be printed; None if it is about the part itself.
        code: Stable, in snake case.
        message: For people, a whole sentence.
    """

    part: str
    path: str | None
    code: str
    message: str


class DamagedError(Exception):
    """The bytes of a member cannot be had; raised by its stream.

    Args:
        fault: The same as stands in the faults of the parts.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Part(Protocol):
    """One of the folders or archives that make up a Takeout."""

    @property
    def name(self) -> str:
        """For people: the name of its file or folder."""
        ...

    def members(self) -> Iterator[tuple[Member, BinaryIO]]:
        """Go once through it in its own order; may be repeated, with the same paths.

        A stream is valid until the next member is asked for. Reading from it raises `DamagedError`
        if the archive is damaged there.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Claim:
    """The first that came with a path."""

    part: int
    place: int
    size_bytes: int
    checksum: int | None


class Tree:
    """Collects what the parts have in common: their faults, and who has which path.

    Attributes:
        faults: In the order in which they were met, each once even if parts are read twice.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._known: set[tuple[str, str | None, str]] = set()
        self._claims: dict[str, _Claim] = {}

    def report(self, fault: Fault) -> None:
        """Note a fault, unless it was noted when its part was read before."""
        key = (fault.part, fault.path, fault.code)
        if key not in self._known:
            self._known.add(key)
            self.faults.append(fault)

    def claim(self, path: str, claim: _Claim, others: Iterator[str]) -> str | None:
        """The path that a member has in the tree; None if it came before with the same content."""
        while True:
            holder = self._claims.setdefault(path, claim)
            if (holder.part, holder.place) == (claim.part, claim.place):
                return path
            is_equal = (holder.size_bytes, holder.checksum) == (claim.size_bytes, claim.checksum)
            if is_equal and claim.checksum is not None:
                return None
            path = next(others)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one part registers its members.

    Attributes:
        tree: Common to all parts.
        part: The part's name.
        number: Its place among the parts.
        export: What the names of all parts of one export have in common, or the part's name.
    """

    tree: Tree
    part: str
    number: int
    export: str

    def report(self, path: str | None, code: str, message: str) -> Fault:
        """Note that a member, or the part itself, is left out."""
        fault = Fault(self.part, None if path is None else _printable(path), code, message)
        self.tree.report(fault)
        return fault

    def report_member(self, path: str, code: str, reason: str) -> Fault:
        """The same, with a sentence made of the member, its part, and a reason."""
        return self.report(path, code, f"{_printable(path)} in {self.part} {reason}.")

    def register(
        self,
        name: str,
        place: int,
        size_bytes: int,
        modified: datetime | None,
        checksum: int | None = None,
    ) -> Member | None:
        """A member with its path in the tree; None if it is not to be read.

        Args:
            name: As the archive has it.
            place: Which of the part's members it is, the same each time that the part is read.
            size_bytes: As declared.
            modified: Aware, or None.
            checksum: Of its content if the archive has one.
        """
        try:
            path = safe_path(name)
        except UnsafePathError as error:
            self.report_member(name, error.code, f"{error.reason}; it is left out")
            return None
        if not 0 <= size_bytes <= MOST_MEMBER_BYTES:
            reason = "declares a size that no file can have; it is left out"
            self.report_member(name, "size_impossible", reason)
            return None
        claim = _Claim(self.number, place, size_bytes, checksum)
        own = self.tree.claim(path, claim, self._other_paths(path))
        return None if own is None else Member(self.part, own, size_bytes, modified)

    def _other_paths(self, path: str) -> Iterator[str]:
        """Where a file goes whose path another file has: two exports have the same folders."""
        yield f"{self.export}/{path}"
        number = 1
        while True:
            yield f"{self.part}#{number}/{path}"
            number += 1

    def stream(self, source: IO[bytes], member: Member) -> BinaryIO:
        """A member's bytes, as many as it declares."""
        return cast("BinaryIO", _MemberStream(source, member, self))


class _MemberStream(io.RawIOBase):
    """Gives as many bytes as declared, never more, and says which member is damaged."""

    def __init__(self, source: IO[bytes], member: Member, desk: Desk) -> None:
        self._source, self._member, self._desk = source, member, desk
        self._left = member.size_bytes

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to so many bytes; fewer only at the end."""
        if self.closed:
            message = "the stream of a member is valid until the next member only"
            raise ValueError(message)
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        pieces = []
        while wanted:
            piece = self._piece(wanted)
            pieces.append(piece)
            wanted -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override] # any buffer is
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def _piece(self, wanted: int) -> bytes:
        try:
            piece = self._source.read(wanted)
        except Exception as error:
            # Decoders raise many kinds for damaged input, some of them by mistake.
            reason = f"cannot be read ({error})"
            raise self._damaged(reason) from error
        if not piece:
            reason = "ends before its declared size"
            raise self._damaged(reason)
        self._left -= len(piece)
        return piece

    def _damaged(self, reason: str) -> DamagedError:
        fault = self._desk.report_member(
            self._member.path, "member_damaged", f"{reason}; download the part again"
        )
        return DamagedError(fault)


def instant(seconds: float) -> datetime | None:
    """A time since 1970 as archives and file systems have it; None if no calendar has it."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _printable(path: str) -> str:
    """Fit for terminals and the database, whatever it was."""
    text = path.encode("utf-8", "backslashreplace").decode()
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)
