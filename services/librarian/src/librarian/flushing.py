"""Puts on disk what a batch has written, without paying for each file of it."""

import ctypes
import os
from collections.abc import Collection
from pathlib import Path

from photo_factory import storage

from librarian import mounts

FLUSHED_AS_A_WHOLE = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "bcachefs", "zfs"})
"""Local file systems on which syncfs(2) waits for bytes and names; on FUSE it may do nothing."""
FEW = 8
"""Up to so many files and folders are flushed one by one: syncfs also waits for what other
programs have written, which one photo need not."""


def flush(library: Path, files: Collection[Path], folders: Collection[Path]) -> None:
    """Wait until files of the library and the entries of folders in it are on disk.

    One syncfs(2) costs as much as one fsync(2), which is what each file and folder would need.

    Raises:
        OSError: Something could not be written.
    """
    is_worth_it = len(files) + len(folders) > FEW
    if is_worth_it and mounts.file_system(library) in FLUSHED_AS_A_WHOLE:
        _sync_file_system(library)
        return
    for file in files:
        storage.sync_file(file)
    for folder in folders:
        storage.sync_folder(folder)


def _sync_file_system(folder: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if libc.syncfs(descriptor) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(descriptor)
