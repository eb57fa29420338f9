"""Waits until bytes and names are on disk."""

import os
from collections.abc import Iterable
from pathlib import Path


def sync_file(path: Path) -> None:
    """Wait until a file's bytes are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until a folder's entries are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(root: Path, relatives: Iterable[str]) -> None:
    """Create many folders below a root, durably, each parent synced once."""
    made: set[Path] = set()
    for relative in relatives:
        folder = root / relative
        if not folder.is_dir():
            missing = [folder, *(p for p in folder.parents if p != root and root in p.parents)]
            for level in reversed(missing):
                if not level.is_dir():
                    level.mkdir(exist_ok=True)
                    made.add(level.parent)
    for parent in made:
        sync_folder(parent)


def make_folder(root: Path, relative: str) -> Path:
    """Create a folder below a root, durably: each new level is on disk in its parent."""
    folder = root
    for part in Path(relative).parts:
        parent, folder = folder, folder / part
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        sync_folder(parent)
    return folder


def publish(scratch: Path, root: Path, target: str) -> None:
    """Move a finished derivative to its final name below a root, durably.

    Doing it again is harmless: an earlier try may have moved the file before its row was written.
    """
    final = root / target
    if not scratch.exists() and final.exists():
        return
    sync_file(scratch)
    folder = make_folder(root, str(Path(target).parent))
    scratch.replace(final)
    sync_folder(folder)
