"""The child process that reads tags: ExifTool first, Pillow where ExifTool cannot.

Decoders of hostile files hang and crash, and pyexiftool waits for ever on an ExifTool that died. So
both run in a child, which its parent gives a deadline and may kill at any time. The child ends by
itself when its ExifTool dies, and both end with the parent.
"""

import ctypes
import os
import resource
import signal
import warnings
from collections.abc import Sequence

import exiftool
from exiftool.exceptions import ExifToolException

from librarian import pillow_tags
from librarian.tag_values import Tags, clean_tags

OPTIONS = ["-fast", "-n", "-G1", "-struct", "-api", "LargeFileSupport=1"]
"""Never -fast2: it loses the dates of most videos and many HEIC photos.

With -struct a face in a picture keeps its name and its place together.
"""
MEMORY_LIMIT_BYTES = 2 << 30
EXIT_TOOL_DIED = 3
PR_SET_PDEATHSIG = 1

_tools: dict[str, exiftool.ExifTool] = {}
"""The one ExifTool of this child, by its executable; started by the first task."""


def become_child(parent: int) -> None:
    """Set up a new child: its own session, so that Ctrl-C reaches the parent alone; its limits."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)
    os.environ["TZ"] = "UTC"  # some tags are printed in local time: let no machine's zone in
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    signal.signal(signal.SIGCHLD, _end)
    warnings.simplefilter("ignore")  # what they warn of shows in the tags or in an exit
    pillow_tags.set_up()


def read_version(executable: str) -> str | None:
    """ExifTool's version; None when it does not start."""
    try:
        return str(_tool(executable).version)
    except (ExifToolException, OSError, RuntimeError):
        return None


def read_with_exiftool(executable: str, paths: Sequence[str]) -> list[Tags | None]:
    """Read the tags of files with harmless absolute names; None for each that gave none."""
    try:
        answers = _tool(executable).execute_json(*paths)
    except (ExifToolException, OSError, RuntimeError, ValueError):
        return [None] * len(paths)
    found = {str(answer.pop("SourceFile", "")): answer for answer in answers}
    return [clean_tags(found[path]) if path in found else None for path in paths]


def read_with_pillow(path: str) -> Tags:
    """Read what Pillow finds; empty when it cannot open the file."""
    return clean_tags(pillow_tags.read_tags(path))


def _tool(executable: str) -> exiftool.ExifTool:
    if executable not in _tools:
        # An empty configuration file keeps a user's own from changing what the tags mean.
        tool = exiftool.ExifTool(executable, common_args=OPTIONS, config_file="", encoding="utf-8")
        tool.run()
        _tools[executable] = tool
    return _tools[executable]


def _end(_signal: int, _frame: object) -> None:
    os._exit(EXIT_TOOL_DIED)
