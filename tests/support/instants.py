"""Lets something happen in the midst of ingest: just before a chosen call of the system."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


class Instant:
    """Before the n-th call of a kind that is about a file below a folder, something is done, once.

    Args:
        patch: Undoes it with the test.
        call: Name in `os`: of a call that takes a path or a descriptor first.
        folder: Other calls are not counted.
        number: From 1 on.
        action: What is done; in whichever thread makes the call.
    """

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        call: str,
        folder: Path,
        number: int,
        action: Callable[[], None],
    ) -> None:
        self._folder = folder
        self._left = number
        self._action = action
        self._lock = threading.Lock()
        self.has_come = False
        patch.setattr(os, call, self._observed(getattr(os, call)))

    def _observed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def observed(target: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - stands in for any call
            if not self.has_come and self._is_below(target):
                self._count()
            return call(target, *args, **kwargs)

        return observed

    def _count(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.has_come = True
                self._action()

    def _is_below(self, target: object) -> bool:
        path = Path(f"/proc/self/fd/{target}").readlink() if isinstance(target, int) else target
        is_path = isinstance(path, str | Path)
        return is_path and Path(str(path)).is_relative_to(self._folder)
