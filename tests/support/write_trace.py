"""Notes in which order names are given, bytes and names put on disk, and rows committed."""

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest

Node = tuple[int, int]
"""What a file or folder is for the system: device and inode."""


@dataclass(frozen=True)
class Event:
    """Something that a power cut may undo, or that keeps it from doing so.

    Attributes:
        what: named: a file or folder has got a name. synced: its bytes, or the names in it, are on
            disk. synced all: all of them are. committed: a transaction has ended.
        node: Of the file or folder.
        folder: In which the name is.
        path: The name.
    """

    what: Literal["named", "synced", "synced all", "committed"]
    node: Node | None = None
    folder: Node | None = None
    path: Path | None = None


class Trace:
    """The events of this process from now on, in their order.

    Args:
        library: Names elsewhere are left out, and those of half copied files.
        patch: Undoes it with the test.
    """

    def __init__(self, library: Path, patch: pytest.MonkeyPatch) -> None:
        self._library = library
        self.events: list[Event] = []
        patch.setattr(os, "link", self._naming(os.link, 1))
        patch.setattr(os, "mkdir", self._naming(os.mkdir, 0))
        patch.setattr(os, "replace", self._naming(os.replace, 1))
        patch.setattr(os, "fsync", self._syncing(os.fsync))
        patch.setattr(ctypes, "CDLL", self._library_with_names(ctypes.CDLL))
        patch.setattr(psycopg.Transaction, "__exit__", self._committing())

    def unsafe(self) -> list[Path]:
        """Names that the next commit did not wait for: a power cut after it could lose them."""
        return [
            event.path
            for at, event in enumerate(self.events)
            if event.what == "named" and event.path is not None and not self._is_safe(at, event)
        ]

    def _is_safe(self, at: int, event: Event) -> bool:
        later = [other.what for other in self.events[at:]]
        end = at + later.index("committed") if "committed" in later else len(self.events)
        before, since = self.events[:end], self.events[at:end]
        is_name_safe = any(_syncs(other, event.folder) for other in since)
        assert event.path is not None
        return is_name_safe and (
            event.path.is_dir() or any(_syncs(other, event.node) for other in before)
        )

    def _naming(self, call: Callable[..., Any], place: int) -> Callable[..., Any]:
        def naming(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - stands in for any call
            result = call(*args, **kwargs)
            self._note_name(Path(args[place]))
            return result

        return naming

    def _note_name(self, path: Path) -> None:
        inside = path.relative_to(self._library).parts if self._library in path.parents else ()
        if inside and not inside[0].startswith("."):
            self.events.append(Event("named", _node(path), _node(path.parent), path))

    def _syncing(self, call: Callable[[int], None]) -> Callable[[int], None]:
        def syncing(descriptor: int) -> None:
            call(descriptor)
            status = os.fstat(descriptor)
            self.events.append(Event("synced", (status.st_dev, status.st_ino)))

        return syncing

    def _library_with_names(self, library: type[ctypes.CDLL]) -> type[ctypes.CDLL]:
        trace = self

        class Traced(library):  # type: ignore[misc, valid-type] # whatever stands there by now
            def syncfs(self, descriptor: int) -> int:
                result = int(self._real("syncfs")(descriptor))
                trace.events.append(Event("synced all"))
                return result

            def renameat2(self, *args: Any) -> int:  # noqa: ANN401 - as the C function
                result = int(self._real("renameat2")(*args))
                if result == 0:
                    trace._note_name(Path(os.fsdecode(args[3])))
                return result

            def _real(self, name: str) -> Callable[..., Any]:
                found: Callable[..., Any] = getattr(super(), name, None) or self[name]
                return found

        return Traced

    def _committing(self) -> Callable[..., Any]:
        leave = psycopg.Transaction.__exit__

        def committing(*args: Any) -> Any:  # noqa: ANN401 - as the method
            self.events.append(Event("committed"))
            return leave(*args)

        return committing


def _syncs(event: Event, node: Node | None) -> bool:
    return event.what == "synced all" or (event.what == "synced" and event.node == node)


def _node(path: Path) -> Node:
    status = path.lstat()
    return status.st_dev, status.st_ino
