"""Makes the files of a shot in the target: under temporary names, checked, then named for good.

Nothing there is ever replaced. What has its final name is whole and on disk, whenever this ends.
"""

import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from photo_factory import storage
from photo_factory.storage import Incoming, SourceChangedError, SourceUnreadableError

from cli.export.ledger import Ledger
from cli.export.order import Making
from cli.export.originals import Originals, PieceError
from cli.export.pieces import Piece, Shot, names, plain, plan, stored_again
from cli.export.queries import Asset
from cli.export.tags import Recipe
from cli.export.writer import WriteError, Writer
from cli.verification.original import reason

Verdict = Literal["copied", "there", "failed"]
MOST_CLASHES = 100_000
EMPTY_XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
    b"xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'></rdf:RDF></x:xmpmeta>\n"
)
OF_ONE_FILE = frozenset({errno.EINVAL, errno.ENAMETOOLONG, errno.EFBIG, errno.EILSEQ})
"""What a disk answers that cannot have this name or this size; anything else concerns all files."""
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/tiff": ".tif", "image/gif": ".gif"}
"""So that ExifTool goes by the content of a file whose name says something else."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an asset.

    Attributes:
        path: In the library.
        stored_as: In the target; None for one that failed.
        sidecars: The same for its sidecars, stored ones and written ones.
        note: What a person should know though all went well.
        message: Why it failed, or one of its sidecars did.
    """

    asset_id: int
    path: str
    size_bytes: int
    verdict: Verdict
    stored_as: str | None = None
    sidecars: tuple[str, ...] = ()
    note: str | None = None
    message: str | None = None


@dataclass(slots=True)
class _Made:
    """A file that waits under a temporary name for its final one."""

    path: Path
    sha256: str


class Exporter:
    """Puts shots into a target.

    Args:
        originals: What is copied.
        target: The folder that is exported to.
        incoming: Holds temporary files in the target; open.
        writer: Writes tags.
        ledger: What was made by earlier runs.
    """

    def __init__(
        self,
        originals: Originals,
        target: Path,
        incoming: Incoming,
        writer: Writer,
        ledger: Ledger,
    ) -> None:
        self._originals = originals
        self._target = target
        self._incoming = incoming
        self._writer = writer
        self._ledger = ledger

    def rehearse(self, shot: Shot, making: Making) -> list[Result]:
        """Tell what an export would do, and do nothing."""
        pieces = plan(shot, making)
        number = self._number(shot.folder, pieces, {})
        chosen = [f"{shot.folder}/{name}" for name in names(pieces, number)]
        missing = {one for one in chosen if not os.path.lexists(self._target / one)}
        refused = {one: one.refusal for one in pieces if one.refusal is not None}
        return [_result(asset, pieces, chosen, missing, refused) for asset in shot.assets]

    def export(self, shot: Shot, making: Making) -> list[Result]:
        """Put what is not there yet into the target.

        Raises:
            OSError: The target cannot take more.
        """
        pieces = plan(shot, making)
        if (there := self._there(shot, pieces)) is not None:
            return there
        made: dict[Piece, _Made] = {}
        faults: dict[Piece, str] = {}
        try:
            pieces = self._make(pieces, made, faults)
            whole = [one for one in pieces if one not in faults]
            chosen, missing = self._place(shot.folder, whole, made, faults)
        finally:
            for one in made.values():
                one.path.unlink(missing_ok=True)
        return [_result(asset, whole, chosen, missing, faults) for asset in shot.assets]

    def _there(self, shot: Shot, pieces: Sequence[Piece]) -> list[Result] | None:
        """The results if all of it is there already; nothing is made to find out."""
        number = self._number(shot.folder, pieces, {})
        chosen = [f"{shot.folder}/{name}" for name in names(pieces, number)]
        if any(not os.path.lexists(self._target / one) for one in chosen):
            return None
        if any(one.refusal is not None for one in pieces):
            return None  # made by an earlier run that was told to
        return [_result(asset, pieces, chosen, set(), {}) for asset in shot.assets]

    def _number(self, folder: str, pieces: Sequence[Piece], made: dict[Piece, _Made]) -> int:
        """The first number under which nothing stands in the way."""
        for number in range(MOST_CLASHES):
            chosen = zip(pieces, names(pieces, number), strict=True)
            if all(self._is_free(f"{folder}/{name}", one, made.get(one)) for one, name in chosen):
                return number
        message = f"no free name for {pieces[0].stem} in {folder}"
        raise FileExistsError(message)

    def _is_free(self, name: str, piece: Piece, made: _Made | None) -> bool:
        """Whether nothing stands at a name, or the very file that should."""
        path = self._target / name
        try:
            found = path.lstat()
        except FileNotFoundError:
            return True
        if not stat.S_ISREG(found.st_mode):
            return False
        if made is not None:
            return storage.holds(path, made.sha256)
        if piece.recipe is None:
            is_same_size = found.st_size == piece.size_bytes
            return is_same_size and storage.holds(path, piece.sha256 or "")
        return self._ledger.knows(name, piece.recipe_key, storage.hash_file(path))

    def _make(
        self, pieces: Sequence[Piece], made: dict[Piece, _Made], faults: dict[Piece, str]
    ) -> list[Piece]:
        """Make what is no plain copy; where ExifTool refuses, other pieces take their place."""
        final: list[Piece] = []
        for piece in pieces:
            for one in self._made(piece, made, faults):
                taken = {(other.stem, other.rest) for other in final if other not in faults}
                if (one.stem, one.rest) not in taken:
                    final.append(one)
        return final

    def _made(
        self, piece: Piece, made: dict[Piece, _Made], faults: dict[Piece, str]
    ) -> list[Piece]:
        if piece.refusal is not None:
            faults[piece] = f"{piece.asset.path} {piece.refusal}"
            return [piece]
        if piece.recipe is None:
            return [piece]
        try:
            made[piece] = self._write(piece, piece.recipe)
        except PieceError as error:
            faults[piece] = str(error)
        except WriteError as error:
            if piece.asset.is_private:
                faults[piece] = f"{piece.asset.path}: its coordinates stay in a copy: {error}"
                return [piece]
            return self._unwritten(piece, f"ExifTool refuses it: {error}", made, faults)
        return [piece]

    def _unwritten(
        self, piece: Piece, why: str, made: dict[Piece, _Made], faults: dict[Piece, str]
    ) -> list[Piece]:
        """What is exported instead of a file that ExifTool does not write."""
        if piece.part == "original":
            copy, *rest = plain(piece, why)
            return [copy, *(one for sidecar in rest for one in self._made(sidecar, made, faults))]
        again = stored_again(piece)
        copied = ". It is copied as it is, without what the library knows" if again else ""
        faults[piece] = f"{piece.source or piece.asset.path}: {why}{copied}"
        return [piece, *again]

    def _write(self, piece: Piece, recipe: Recipe) -> _Made:
        path = self._empty_xmp() if piece.source is None else self._copy(piece).path
        try:
            self._check_room(path.stat().st_size)
            self._writer.write(path, recipe)
            if piece.asset.is_private:
                self._writer.check_stripped(path)
            storage.sync_file(path)
            return _Made(path, storage.hash_file(path))
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def _check_room(self, size_bytes: int) -> None:
        """ExifTool writes a second copy; no room for it is no fault of the file."""
        disk = os.statvfs(self._target)
        if disk.f_bavail * disk.f_frsize < size_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._target))

    def _empty_xmp(self) -> Path:
        descriptor = os.memfd_create("xmp")
        try:
            os.write(descriptor, EMPTY_XMP)
            os.lseek(descriptor, 0, os.SEEK_SET)
            return self._incoming.copy(descriptor, ".xmp")[0]
        finally:
            os.close(descriptor)

    def _copy(self, piece: Piece) -> _Made:
        """A copy of the source under a temporary name, with the hash that its row has."""
        suffix = ".xmp" if piece.part == "sidecar" else SUFFIXES.get(piece.asset.mime_type, "")
        descriptor = self._originals.open(piece.source or "", piece.sha256 or "")
        try:
            path, sha256 = self._incoming.copy(descriptor, suffix)
        except (SourceChangedError, SourceUnreadableError) as error:
            message = f"{piece.source} cannot be read: {error}"
            raise PieceError(message) from error
        finally:
            os.close(descriptor)
        if sha256 != piece.sha256:
            path.unlink(missing_ok=True)
            message = (
                f"{piece.source} is not what was stored, so it was not copied; "
                "see photo-factory verify"
            )
            raise PieceError(message)
        return _Made(path, sha256)

    def _place(
        self,
        folder: str,
        pieces: Sequence[Piece],
        made: dict[Piece, _Made],
        faults: dict[Piece, str],
    ) -> tuple[list[str], set[str]]:
        """Give all of them their names; returns these, and which of them are new."""
        new: set[str] = set()
        while True:
            number = self._number(folder, pieces, made) if pieces else 0
            chosen = [f"{folder}/{name}" for name in names(pieces, number)]
            try:
                for piece, name in zip(pieces, chosen, strict=True):
                    if piece not in faults:
                        self._put(piece, name, made, faults, new)
            except FileExistsError:
                continue  # another program was quicker
            break
        if new:
            storage.sync_folder(self._target / folder)
        for piece, name in zip(pieces, chosen, strict=True):
            if piece.recipe is not None and piece in made and piece not in faults:
                self._ledger.note(name, piece.recipe_key, made[piece].sha256)
        return chosen, new

    def _put(
        self,
        piece: Piece,
        name: str,
        made: dict[Piece, _Made],
        faults: dict[Piece, str],
        new: set[str],
    ) -> None:
        target = self._target / name
        try:
            if os.path.lexists(target):
                return
            if piece not in made:
                made[piece] = self._copy(piece)
            storage.make_folder(self._target, str(PurePosixPath(name).parent))
            storage.link_without_replacing(made[piece].path, target)
        except PieceError as error:
            faults[piece] = str(error)
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno not in OF_ONE_FILE:
                raise
            faults[piece] = f"{name} cannot be written in this target: {reason(error)}"
        else:
            new.add(name)


def _result(
    asset: Asset,
    pieces: Sequence[Piece],
    chosen: Sequence[str],
    new: set[str],
    faults: dict[Piece, str],
) -> Result:
    own = [
        (piece, name)
        for piece, name in zip(pieces, chosen, strict=True)
        if piece.asset is asset and piece not in faults
    ]
    stored_as = next((name for piece, name in own if piece.part == "original"), None)
    faulty = [fault for piece, fault in faults.items() if piece.asset is asset]
    verdict: Verdict = "copied" if any(name in new for _, name in own) else "there"
    return Result(
        asset.id,
        asset.path,
        asset.size_bytes,
        "failed" if faulty else verdict,
        stored_as,
        tuple(name for piece, name in own if piece.part == "sidecar"),
        next((piece.note for piece, _ in own if piece.note), None),
        "; ".join(faulty) or None,
    )
