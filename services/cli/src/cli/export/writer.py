"""Writes tags into files with one ExifTool that is kept open.

ExifTool may hang or die on a damaged file: each call has a deadline, after which it is killed and
the next call starts another. It is told nothing but names that were made up here, relative to its
working folder, and values in a JSON file: no name and no value of a photo is ever an argument.
"""

import base64
import ctypes
import json
import os
import re
import resource
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.export.tags import Recipe

CALL_SECONDS = 60.0
SLOWEST_BYTES_PER_SECOND = 2_000_000
"""A film is copied as a whole; slower disks would be no disks."""
MEMORY_LIMIT_BYTES = 2 << 30
PR_SET_PDEATHSIG = 1
OPTIONS = ("-n", "-P", "-overwrite_original", "-api", "LargeFileSupport=1", "-charset", "UTF8")
DONE = re.compile(rb"^ +1 image files (?:updated|unchanged)$", re.MULTILINE)
COMPLAINT = re.compile(r"^Error: (?:\[minor\] )?(?P<why>.*?)(?: - \S+)?$", re.MULTILINE)
TELLING = ("*GPS*", "*Latitude*", "*Longitude*", "GeoTag*")
"""Names of tags that tell of coordinates, whatever group they are in."""
LOOK = ("-n", "-s", "-G1", "-a", "-ee", "-charset", "UTF8", "-api", "LargeFileSupport=1")
FOUND = re.compile(r"^\[(?!ExifTool\]|File\]|Composite\])[^\]]*\] +(\S+) +:", re.MULTILINE)
READS_AS_BASE64 = re.compile(r"base64:")
"""ExifTool decodes values of JSON that begin like this."""

_libc = ctypes.CDLL(None)


class WriteError(Exception):
    """A file was not written, and is what it was; the message says why, in a few words."""


class Writer:
    """Owns an ExifTool; it starts with the first file.

    Args:
        executable: Name or path of ExifTool.
        call_seconds: Time that one file may take, beside some for its size.
    """

    def __init__(self, executable: str = "exiftool", call_seconds: float = CALL_SECONDS) -> None:
        self._executable = executable
        self._call_seconds = call_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._calls = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, path: Path, recipe: Recipe) -> None:
        """Write tags into a file.

        Args:
            path: Its name is of letters, digits, dots and dashes, and does not begin with a dash;
                the names of its folders may be any.
            recipe: What to write.

        Raises:
            WriteError: ExifTool refused, failed, or took too long.
        """
        values = path.with_name(f"{path.name}.json")
        values.write_text(as_json(recipe.tags), encoding="utf-8")
        try:
            seconds = self._call_seconds + path.stat().st_size / SLOWEST_BYTES_PER_SECOND
            removals = [f"-{name}=" for name in recipe.removed]
            arguments = [*OPTIONS, *removals, f"-json={values.name}", path.name]
            answer = self._ask(path.parent, arguments, seconds)
        finally:
            values.unlink(missing_ok=True)
            # Left by an ExifTool that was killed.
            path.with_name(f"{path.name}_exiftool_tmp").unlink(missing_ok=True)
        if DONE.search(answer) is None:
            complaint = COMPLAINT.search(answer.decode(errors="replace"))
            raise WriteError(complaint["why"] if complaint else "ExifTool did not write it")

    def check_stripped(self, path: Path) -> None:
        """Look for coordinates anywhere in a file, also in what is embedded in it.

        Raises:
            WriteError: There are some, or the file could not be read.
        """
        seconds = self._call_seconds + path.stat().st_size / SLOWEST_BYTES_PER_SECOND
        tags = [f"-{name}" for name in TELLING]
        answer = self._ask(path.parent, [*LOOK, *tags, path.name], seconds)
        found = FOUND.findall(answer.decode(errors="replace"))
        if found:
            message = f"it still has {found[0]}"
            raise WriteError(message)

    def close(self) -> None:
        """End ExifTool."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _ask(self, folder: Path, arguments: list[str], seconds: float) -> bytes:
        self._calls += 1
        end = b"{ready%d}\n" % self._calls
        lines = [*arguments, f"-execute{self._calls}"]
        try:
            process = self._started(folder)
            assert process.stdin is not None  # noqa: S101 - for mypy: it is a pipe
            process.stdin.write("".join(f"{line}\n" for line in lines).encode())
            process.stdin.flush()
            return self._read(process, end, time.monotonic() + seconds)
        except TimeoutError as error:
            self.close()
            message = "ExifTool took too long"
            raise WriteError(message) from error
        except (OSError, EOFError) as error:
            self.close()
            message = "ExifTool died on it"
            raise WriteError(message) from error

    def _started(self, folder: Path) -> subprocess.Popen[bytes]:
        if folder != self._folder:
            self.close()
        if self._process is None:
            self._folder = folder
            self._process = subprocess.Popen(  # noqa: S603 - a fixed program and fixed arguments
                [self._executable, "-config", "", "-stay_open", "True", "-@", "-"],
                cwd=folder,
                env={**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the command alone
                preexec_fn=_limit,  # noqa: PLW1509 - no thread runs here that could hold a lock
            )
        return self._process

    def _read(self, process: subprocess.Popen[bytes], end: bytes, deadline: float) -> bytes:
        assert process.stdout is not None  # noqa: S101 - for mypy: it is a pipe
        answer = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not answer.endswith(end):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                chunk = os.read(process.stdout.fileno(), 65_536)
                if not chunk:
                    raise EOFError
                answer += chunk
        return answer


def as_json(tags: Mapping[str, object]) -> str:
    """The tags as ExifTool imports them, for whatever file it is told to write."""
    return json.dumps([{"SourceFile": "*", **_escaped_mapping(tags)}], ensure_ascii=False)


def _escaped_mapping(values: Mapping[str, object]) -> dict[str, object]:
    return {key: _escaped(value) for key, value in values.items()}


def _escaped(value: object) -> object:
    if isinstance(value, str) and READS_AS_BASE64.match(value):
        return "base64:" + base64.b64encode(value.encode()).decode()
    if isinstance(value, Mapping):
        return _escaped_mapping(value)
    if isinstance(value, list):
        return [_escaped(one) for one in value]
    return value


def _limit() -> None:
    """In the new process: it ends with its parent, and cannot take all memory."""
    with suppress(OSError, ValueError):
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
