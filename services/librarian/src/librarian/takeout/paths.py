"""Names of members of an archive, which a stranger may have written, as paths that do no harm."""

import re
import unicodedata

MOST_COMPONENT_BYTES = 255
"""What file systems of Linux take for one name."""
MOST_PATH_BYTES = 4096
DRIVE = re.compile(r"[A-Za-z]:")
ROOT = "Takeout"
"""The folder in which Google puts everything, whatever the language."""


class UnsafePathError(Exception):
    """A member's name leads elsewhere, or can be no path.

    Args:
        code: Stable, for grouping.
        reason: The middle of a sentence that begins with the member.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def safe_path(name: str) -> str:
    """The path of a member within its tree: "/" between the names, in the form NFC.

    It begins with the folder Takeout if that is anywhere in it: people pack and unpack parts in
    folders of their own, and the parts of one export are to be one tree.

    Args:
        name: As the archive has it.

    Raises:
        UnsafePathError: The name is absolute, leads out of the tree, or can be no path.
    """
    refusal = _foreign(name)
    components = [one for one in name.removesuffix("/").split("/") if one != "."]
    for component in components:
        refusal = refusal or _refusal(component)
    if refusal is None and not components:
        refusal = UnsafePathError("name_empty", "has no name")
    path = within_root("/".join(map(readable, components)))
    if refusal is None and len(path.encode()) > MOST_PATH_BYTES:
        reason = f"has a path of more than {MOST_PATH_BYTES} bytes"
        refusal = UnsafePathError("name_too_long", reason)
    if refusal is not None:
        raise refusal
    return path


def within_root(path: str) -> str:
    """A path from the folder Takeout on; as it is if it has none."""
    components = path.split("/")
    return "/".join(components[components.index(ROOT) :]) if ROOT in components[:-1] else path


def readable(name: str) -> str:
    """A name in NFC, as Google's own are, with U+FFFD for what is no Unicode.

    macOS unpacks into NFD, so that names and the titles in the JSON would not be equal.
    """
    if name.isascii():
        return name
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return unicodedata.normalize("NFC", text)


def _foreign(name: str) -> UnsafePathError | None:
    if "\0" in name:
        return UnsafePathError("name_unsafe", "has a zero byte in its name")
    if "\\" in name:
        return UnsafePathError("name_unsafe", "has a backslash in its name")
    if name.startswith("/") or DRIVE.match(name):
        return UnsafePathError("name_unsafe", "has an absolute path")
    return None


def _refusal(component: str) -> UnsafePathError | None:
    if component == "..":
        return UnsafePathError("name_unsafe", "has a path that leads out of the archive")
    if not component:
        return UnsafePathError("name_empty", "has an empty name in its path")
    if len(component.encode("utf-8", "replace")) > MOST_COMPONENT_BYTES:
        return UnsafePathError(
            "name_too_long", f"has a name of more than {MOST_COMPONENT_BYTES} bytes"
        )
    return None
