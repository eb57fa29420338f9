"""Warns where taking files out of an inbox would delete them on the phones as well.

Syncthing carries a removal to all devices, unless the folder is of a type that only receives. It
is only asked here; nothing is changed in it.
"""

import json
import os
import re
import ssl
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlsplit

from librarian.inboxes import MAIN_INBOX, Inbox
from librarian.settings import LibrarianSettings

MARKER = ".stfolder"
TIMEOUT_SECONDS = 5.0
LONGEST_ANSWER = 4 << 20
LEVELS = 2
MOST_FOLDERS = 1000
SENDING = {"sendreceive": "Send & Receive", "sendonly": "Send Only"}
TYPES = {*SENDING, "receiveonly", "receiveencrypted"}


@dataclass(frozen=True, slots=True)
class Report:
    """What was found out.

    Attributes:
        warnings: Sentences about what endangers photos on the phones.
        notes: Sentences about what could not be found out.
    """

    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder of Syncthing: as it lies on disk (type unknown, empty), or as Syncthing says."""

    path: str
    id: str = ""
    type: str = ""


def inspect(inboxes: Iterable[Inbox], settings: LibrarianSettings) -> Report:
    """Look for folders of Syncthing in inboxes that are emptied, and ask it for their types.

    Syncthing is asked only if there is such a folder; that takes up to 5 seconds if it does not
    answer.
    """
    shared = [
        (inbox, folder)
        for inbox in inboxes
        if inbox.mode == "move"
        for folder in _folders_around(inbox.root)
    ]
    if not shared:
        return Report()
    try:
        known = _ask(settings)
    except (OSError, ValueError, HTTPException) as error:
        names = ", ".join(sorted({inbox.name for inbox, _ in shared}))
        return Report(notes=(f"Syncthing shares {names}; the folder's type is unknown: {error}",))
    judged = [(inbox, _recognise(folder, known)) for inbox, folder in shared]
    return Report(
        tuple(_warning(inbox, folder) for inbox, folder in judged if folder.type in SENDING),
        tuple(_note(inbox, folder) for inbox, folder in judged if folder.type not in TYPES),
    )


def _warning(inbox: Inbox, folder: _Folder) -> str:
    remedy = "PF_INBOX_MODE=keep" if inbox.name == MAIN_INBOX else "the mode keep for this inbox"
    return (
        f"Files are removed from the inbox {inbox.name} once they are stored, and Syncthing's "
        f"folder {folder.path} there is of the type {SENDING[folder.type]}: each removal would "
        "travel back and delete the photo on the phone. Set the folder to Receive Only in "
        f"Syncthing, or set {remedy}."
    )


def _note(inbox: Inbox, folder: _Folder) -> str:
    reason = (
        f"is of the unknown type {folder.type}" if folder.type else "is not in Syncthing's list"
    )
    return f"Syncthing shares {inbox.name}; its folder {folder.path} {reason}."


def _folders_around(root: Path) -> Iterator[_Folder]:
    """The folders of Syncthing that an inbox lies in, or that lie near its top."""
    for folder in (*root.parents, *_upper_folders(root)):
        marker = folder / MARKER
        if os.path.lexists(marker):
            yield _Folder(str(folder), _folder_id(marker))


def _upper_folders(root: Path) -> list[Path]:
    found, level = [root], [root]
    for _ in range(LEVELS):
        level = [folder for parent in level for folder in _folders_in(parent)]
        found += level
    return found[:MOST_FOLDERS]


def _folders_in(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [
                Path(entry.path)
                for entry in entries
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []


def _folder_id(marker: Path) -> str:
    """The id that Syncthing (from 1.28 on) writes into its marker; empty if it is not there."""
    for note in sorted(marker.glob("syncthing-folder-*.txt")):
        try:
            match = re.search(r"^folderID: *(.+)$", note.read_text(errors="replace"), re.MULTILINE)
        except OSError:
            continue
        if match:
            return match[1].strip()
    return ""


def _recognise(folder: _Folder, known: Sequence[_Folder]) -> _Folder:
    """Find a folder in Syncthing's list: by id; before 1.28 by path, or if there is just one.

    In a container of its own, Syncthing knows the same folder by another path.
    """
    for one in known:
        if (folder.id == one.id) if folder.id else (Path(folder.path) == Path(one.path)):
            return _Folder(folder.path, one.id, one.type)
    if not folder.id and len({one.type for one in known}) == 1:
        return _Folder(folder.path, "", known[0].type)
    return folder


def _ask(settings: LibrarianSettings) -> list[_Folder]:
    """Syncthing's list of folders.

    Raises:
        OSError: It cannot be reached, or the key is wrong.
        ValueError: It is not configured, or the answer is none.
    """
    key = settings.syncthing_key()
    if not settings.syncthing_url or key is None:
        message = "set PF_SYNCTHING_URL and PF_SYNCTHING_API_KEY, so that it can be asked"
        raise ValueError(message)
    request = urllib.request.Request(  # noqa: S310 - http or https, says the setting's validator
        f"{settings.syncthing_url}/rest/config/folders", headers={"X-API-Key": key}
    )
    try:
        with _opener().open(request, timeout=TIMEOUT_SECONDS) as answer:
            folders = json.loads(answer.read(LONGEST_ANSWER))
    except HTTPError as error:
        error.close()
        message = f"{settings.syncthing_url} answers {error.code} {error.reason}"
        raise OSError(message) from error
    try:
        return [_Folder(str(one["path"]), str(one["id"]), str(one["type"])) for one in folders]
    except (TypeError, KeyError) as error:
        message = f"{settings.syncthing_url} is no Syncthing"
        raise ValueError(message) from error


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows from http to https, and to no other host: the key is not for that one."""

    def redirect_request(  # noqa: PLR0913, PLR0917 - the library's signature
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).hostname != urlsplit(req.full_url).hostname:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Without a proxy, and content with the certificate that Syncthing has signed itself."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _SameHost()
    )
