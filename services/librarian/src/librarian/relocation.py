"""Moves an original and its sidecars to other names within the library, losing nothing.

The order of writes: the intention is committed; each file is linked to its new name, which fails
rather than replaces; the folder is on disk; the rows get the new paths in one transaction; the old
names are removed; the intention is forgotten. So at every instant the path in the row or the new
path of the intention leads to the bytes, and whatever begins next can go on from there. Where the
file system has no hard links, the link is a rename: then the file is at its new name before its
row says so, which the intention tells as well.
"""

import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

import psycopg
import structlog
from photo_factory import storage
from photo_factory.database import Connection
from psycopg.pq import TransactionStatus

from librarian import relocation_queries as queries
from librarian.relocation_queries import Belonging, Move, hold_still

LOGGER = structlog.get_logger()


def relocate(connection: Connection, library: Path, asset_id: int, folder: str, name: str) -> str:
    """Move an asset's original to a folder of the library, its sidecars along with it.

    Nothing is replaced: on a clash _1, _2, … is put before the suffix, for the sidecars as for
    the original. It is undone by relocating to the former folder and name.

    Args:
        connection: In autocommit mode and outside a transaction: each step is committed.
        library: Root of the originals.
        asset_id: Its row; nobody else relocates it meanwhile.
        folder: Below the library, such as 2024/2024-05-17.
        name: Wanted name.

    Returns:
        The new path, relative to the library; the present one if the original is there already.

    Raises:
        ValueError: Folder or name would lead out of the library.
        LookupError: There is no such asset.
        FileNotFoundError: The original is not where its row says; nothing has changed.
        OSError: The library cannot be written; nothing has changed, or the rest is done by
            `finish_relocations`.
        psycopg.errors.LockNotAvailable: Another process has been relocating it for too long.
    """
    _check_connection(connection)
    _check_target(library, folder, name)
    with hold_still(connection, asset_id):
        _go_on(connection, library, queries.begun(connection, asset_id))
        return _relocate(connection, library, asset_id, folder, name)


def finish_relocations(connection: Connection, library: Path) -> int:
    """Bring moves to their end that a killed process has left halfway; to be called at the start.

    What a living process is at is left to it, and what fails stays for the next call.

    Returns:
        How many assets were dealt with.
    """
    _check_connection(connection)
    finished = 0
    for asset_id in sorted({move.asset_id for move in queries.begun(connection)}):
        try:
            with hold_still(connection, asset_id):
                finished += _finish_one(connection, library, asset_id)
        except psycopg.errors.LockNotAvailable:
            LOGGER.info("relocation left to another process", asset=asset_id)
        except OSError as error:
            LOGGER.error("relocation not finished", asset=asset_id, reason=str(error))  # noqa: TRY400 - a sentence, no traceback
    for path in queries.forget_ownerless(connection):
        LOGGER.warning("relocation of a file without a row given up", path=path)
    return finished


def _finish_one(connection: Connection, library: Path, asset_id: int) -> bool:
    """Go on with what has begun; if its new names are in use by now, find others."""
    moves = queries.begun(connection, asset_id)
    clashed = _go_on(connection, library, moves)
    for move in clashed:
        if move.owner == "media_assets" and (library / move.path).exists():
            target = PurePosixPath(move.new_path)
            _relocate(connection, library, asset_id, str(target.parent), target.name)
    return bool(moves)


def _check_connection(connection: Connection) -> None:
    is_idle = connection.info.transaction_status == TransactionStatus.IDLE
    if not (connection.autocommit and is_idle):
        message = "a relocation commits step by step and cannot be part of a transaction"
        raise ValueError(message)


def _check_target(library: Path, folder: str, name: str) -> None:
    """Refuse what would lead out of the library, or into a folder that is not for originals."""
    parts = folder.split("/")
    is_plain = all(part and not part.startswith(".") for part in parts) and "\0" not in folder
    if not is_plain:
        message = f"{folder!r} is no folder for originals"
        raise ValueError(message)
    if name in {"", ".", ".."} or "/" in name or "\0" in name:
        message = f"{name!r} is no name for a file"
        raise ValueError(message)
    if not (library / folder).resolve().is_relative_to(library.resolve()):
        message = f"{folder!r} leads out of the library by a symbolic link"
        raise ValueError(message)


def _relocate(connection: Connection, library: Path, asset_id: int, folder: str, name: str) -> str:
    """Find a free name for all files of the asset together, and move them."""
    original, sidecars = _standing(connection, library, asset_id)
    storage.make_folder(library, folder)
    for candidate in storage.candidate_names(name):
        path = f"{folder}/{candidate}"
        if path == original.path or _is_one_entry(library / original.path, library / path):
            return original.path
        moves = _plan(asset_id, original, sidecars, PurePosixPath(path))
        new_paths = [move.new_path for move in moves]
        if any(_is_in_use(library / new) for new in new_paths) or queries.owned(
            connection, new_paths
        ):
            continue
        queries.intend(connection, moves)
        if _try(connection, library, moves):
            return path
    message = f"no free name for {name} in {folder}"
    raise FileExistsError(message)


def _standing(
    connection: Connection, library: Path, asset_id: int
) -> tuple[Belonging, list[Belonging]]:
    """The original and those sidecars whose files are there."""
    files = queries.belongings(connection, asset_id)
    if not files or files[0].owner != "media_assets":
        message = f"there is no asset {asset_id}"
        raise LookupError(message)
    original, sidecars = files[0], files[1:]
    if not os.path.lexists(library / original.path):
        message = f"{original.path} is not in the library"
        raise FileNotFoundError(message)
    return original, [file for file in sidecars if os.path.lexists(library / file.path)]


def _plan(
    asset_id: int, original: Belonging, sidecars: Sequence[Belonging], target: PurePosixPath
) -> list[Move]:
    """Every file's new name: each sidecar keeps what its name adds to the original's."""
    moves = [_move(asset_id, original, str(target))]
    former = PurePosixPath(original.path)
    used = {moves[0].new_path}
    for sidecar in sidecars:
        wanted = _companion_name(PurePosixPath(sidecar.path).name, former, target)
        paths = (str(target.with_name(name)) for name in storage.candidate_names(wanted))
        path = next(path for path in paths if path not in used)
        used.add(path)
        if path != sidecar.path:
            moves.append(_move(asset_id, sidecar, path))
    return moves


def _move(asset_id: int, file: Belonging, new_path: str) -> Move:
    return Move(asset_id, file.owner, file.id, file.path, new_path, file.sha256)


def _companion_name(name: str, former: PurePosixPath, target: PurePosixPath) -> str:
    """a.xmp and a.jpg.xmp beside a.jpg become b.xmp and b.jpg.xmp beside b.jpg."""
    if name.startswith(former.name):
        return target.name + name.removeprefix(former.name)
    if name.startswith(former.stem):
        return target.stem + name.removeprefix(former.stem)
    return target.name + PurePosixPath(name).suffix


def _is_in_use(path: Path) -> bool:
    """Whether something stands there; an empty file may be a reservation that was cut short."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    return status.st_size > 0 or not stat.S_ISREG(status.st_mode)


def _try(connection: Connection, library: Path, moves: Sequence[Move]) -> bool:
    """Carry moves out; False if a new name is in use, and then all is as before."""
    try:
        _advance(connection, library, moves)
    except FileExistsError:
        _withdraw(connection, library, moves)
        return False
    except OSError:
        with suppress(OSError):  # of the same cause; then `finish_relocations` sees to it
            _withdraw(connection, library, moves)
        raise
    _clear_up(connection, library, moves)
    return True


def _go_on(connection: Connection, library: Path, moves: Sequence[Move]) -> list[Move]:
    """Bring moves to their end that were begun before; returns those that clashed.

    A file that is at neither name is given up: its row keeps its path.
    """
    found = [move for move in moves if _is_anywhere(library, move)]
    lost = [move for move in moves if move not in found]
    if lost:
        LOGGER.error("nothing to relocate", paths=[move.path for move in lost])
        queries.end(connection, lost)
    clashed: list[Move] = []
    try:
        _advance(connection, library, found)
    except (FileExistsError, FileNotFoundError):
        clashed = [move for move in found if not move.is_recorded]
        _withdraw(connection, library, clashed)
    _clear_up(connection, library, [move for move in found if move not in clashed])
    return clashed


def _is_anywhere(library: Path, move: Move) -> bool:
    return os.path.lexists(library / move.path) or os.path.lexists(library / move.new_path)


def _advance(connection: Connection, library: Path, moves: Sequence[Move]) -> None:
    """Give the files their new names and the rows their new paths, as far as they lack them.

    Raises:
        FileExistsError: A new name belongs to another file; the rows are as they were.
        FileNotFoundError: A file is at neither of its names; the rows are as they were.
    """
    for move in moves:
        _link(library, move)
    _sync_folders(library, moves)
    unrecorded = [move for move in moves if not move.is_recorded]
    try:
        queries.record(connection, unrecorded)
    except psycopg.errors.UniqueViolation as error:
        message = "another row has the new path"
        raise FileExistsError(message) from error


def _clear_up(connection: Connection, library: Path, moves: Sequence[Move]) -> None:
    """Remove the old names of files whose rows have the new ones; what fails is tried again."""
    try:
        for move in moves:
            if _are_two_names(library, move):
                (library / move.path).unlink()
        _sync_folders(library, moves)
    except OSError as error:
        LOGGER.warning("old name not removed yet", reason=str(error))
        return
    queries.end(connection, moves)
    if moves:
        LOGGER.info("relocated", paths=[[move.path, move.new_path] for move in moves])


def _link(library: Path, move: Move) -> None:
    """Make the new name lead to the file, unless it does so already."""
    old, new = library / move.path, library / move.new_path
    if move.is_recorded and os.path.lexists(new):
        return
    if os.path.lexists(old):
        if not _are_two_names(library, move):
            storage.link_without_replacing(old, new)
    elif not storage.holds(new, move.sha256):
        message = f"{move.path} is neither there nor at {move.new_path}"
        raise FileNotFoundError(message)


def _withdraw(connection: Connection, library: Path, moves: Sequence[Move]) -> None:
    """Take new names back that no row has, and forget the intention."""
    in_use = queries.owned(connection, [move.new_path for move in moves])
    touched = [move for move in moves if not move.is_recorded and move.new_path not in in_use]
    for move in touched:
        old, new = library / move.path, library / move.new_path
        if not os.path.lexists(old) and storage.holds(new, move.sha256):
            storage.link_without_replacing(new, old)
            _sync_folders(library, [move])
        if _are_two_names(library, move):
            new.unlink()
    _sync_folders(library, touched)
    queries.end(connection, moves)


def _are_two_names(library: Path, move: Move) -> bool:
    """Whether both names exist and one can go: they are links to one file, or hold equal bytes.

    Asked directly before a name is removed, so that neither a file that has come under the old
    name meanwhile goes, nor the only one that is left.
    """
    old, new = library / move.path, library / move.new_path
    try:
        first, second = old.lstat(), new.lstat()
        if _is_one_entry(old, new):
            return False
    except (FileNotFoundError, NotADirectoryError):
        return False
    if os.path.samestat(first, second):
        return True
    are_equal = first.st_size == second.st_size and all(
        storage.holds(path, move.sha256) for path in (old, new)
    )
    if are_equal:
        storage.sync_file(new)  # made by somebody else, so perhaps not on disk yet
    return are_equal


def _is_one_entry(first: Path, second: Path) -> bool:
    """Whether two spellings name one entry of a folder, as where a.jpg and A.JPG are the same."""
    try:
        if not first.parent.samefile(second.parent):
            return False
        if not os.path.samestat(first.lstat(), second.lstat()):
            return False
    except (FileNotFoundError, NotADirectoryError):
        return False
    names = {entry.name for entry in first.parent.iterdir()}
    return first.name == second.name or not {first.name, second.name} <= names


def _sync_folders(library: Path, moves: Iterable[Move]) -> None:
    """Put on disk what has changed in the folders of the old and the new names."""
    paths = [path for move in moves for path in (move.path, move.new_path)]
    for folder in sorted({(library / path).parent for path in paths}):
        with suppress(FileNotFoundError):  # an emptied folder may have been removed by hand
            storage.sync_folder(folder)
