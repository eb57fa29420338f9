"""Syncthing's folders in an inbox, with a server in the test that answers like its REST API."""

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from librarian.inboxes import Inbox
from librarian.settings import LibrarianSettings
from librarian.syncthing import Report, inspect
from pydantic import SecretStr

pytestmark = pytest.mark.unit

KEY = "the-key-of-the-test"


@dataclass
class Answers:
    """What the server says, and what it was asked."""

    folders: object = field(default_factory=list)
    redirect: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def syncthing() -> Iterator[Answers]:
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key = self.headers.get("X-API-Key", "")
            answers.asked.append((self.command, self.path, key))
            if answers.redirect:
                self.send_response(307)
                self.send_header("Location", answers.redirect + self.path)
                self.end_headers()
            elif key != KEY:
                self.send_error(403)
            else:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(answers.folders).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        answers.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield answers
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(tmp_path: Path, syncthing: Answers) -> LibrarianSettings:
    return LibrarianSettings(
        data_dir=tmp_path, syncthing_url=syncthing.url, syncthing_api_key=SecretStr(KEY)
    )


def check(inboxes: Iterable[Inbox], settings: LibrarianSettings) -> list[str]:
    """The warnings alone."""
    return list(inspect(inboxes, settings).warnings)


def share(folder: Path, folder_id: str = "") -> None:
    """Mark a folder as Syncthing does: since 1.28 with its id."""
    (folder / ".stfolder").mkdir(parents=True)
    if folder_id:
        (folder / ".stfolder" / "syncthing-folder-abe70a.txt").write_text(
            "# This directory is a Syncthing folder marker.\n# Do not delete.\n\n"
            f"folderID: {folder_id}\ncreated: 2026-11-21T14:36:22Z\n"
        )


def folder(folder_id: str, kind: str, path: str = "/inbox") -> dict[str, object]:
    """A folder in Syncthing's answer, with the keys that matter and one that does not."""
    return {"id": folder_id, "type": kind, "path": path, "rescanIntervalS": 3600}


@pytest.mark.parametrize(
    ("kind", "words"), [("sendreceive", "Send & Receive"), ("sendonly", "Send Only")]
)
def test_emptying_a_folder_that_sends_is_warned_of(
    kind: str, words: str, settings: LibrarianSettings, syncthing: Answers
) -> None:
    share(settings.inbox, "phone")
    syncthing.folders = [folder("other", "receiveonly"), folder("phone", kind)]
    (warning,) = check(settings.inboxes, settings)
    assert f"is of the type {words}: each removal would travel back" in warning
    assert "Set the folder to Receive Only in Syncthing, or set PF_INBOX_MODE=keep." in warning
    assert syncthing.asked == [("GET", "/rest/config/folders", KEY)]


@pytest.mark.parametrize("kind", ["receiveonly", "receiveencrypted"])
def test_a_folder_that_only_receives_is_fine(
    kind: str, settings: LibrarianSettings, syncthing: Answers
) -> None:
    share(settings.inbox, "phone")
    syncthing.folders = [folder("phone", kind)]
    assert inspect(settings.inboxes, settings) == Report()


def test_without_a_folder_of_syncthing_nobody_is_asked(
    settings: LibrarianSettings, syncthing: Answers
) -> None:
    settings.inbox.mkdir()
    assert inspect(settings.inboxes, settings) == Report()
    assert syncthing.asked == []


def test_an_inbox_that_keeps_its_files_needs_no_question(
    tmp_path: Path, syncthing: Answers
) -> None:
    settings = LibrarianSettings(data_dir=tmp_path, inbox_mode="keep", syncthing_url=syncthing.url)
    share(settings.inbox, "phone")
    assert inspect(settings.inboxes, settings) == Report()
    assert syncthing.asked == []


@pytest.mark.parametrize("below", ["Anna", "phones/Anna"])
def test_folders_below_the_inbox_are_found(
    below: str, settings: LibrarianSettings, syncthing: Answers
) -> None:
    share(settings.inbox / below, "anna")
    syncthing.folders = [folder("anna", "sendreceive", f"/inbox/{below}")]
    assert len(check(settings.inboxes, settings)) == 1


def test_an_inbox_inside_a_folder_of_syncthing_is_found(tmp_path: Path, syncthing: Answers) -> None:
    settings = LibrarianSettings(
        data_dir=tmp_path,
        inbox_dir=tmp_path / "Sync" / "photos" / "new",
        more_inboxes=f"card:move:{tmp_path}/card",
        syncthing_url=syncthing.url,
        syncthing_api_key=SecretStr(KEY),
    )
    settings.inbox.mkdir(parents=True)
    share(tmp_path / "Sync", "sync")
    syncthing.folders = [folder("sync", "sendreceive")]
    (warning,) = check(settings.inboxes, settings)
    assert str(tmp_path / "Sync") in warning


def test_another_inbox_is_told_by_its_name(tmp_path: Path, syncthing: Answers) -> None:
    settings = LibrarianSettings(
        data_dir=tmp_path,
        more_inboxes=f"anna:move:{tmp_path}/anna",
        syncthing_url=syncthing.url,
        syncthing_api_key=SecretStr(KEY),
    )
    share(tmp_path / "anna", "a")
    syncthing.folders = [folder("a", "sendreceive")]
    (warning,) = check(settings.inboxes, settings)
    assert "from the inbox anna" in warning
    assert warning.endswith("or set the mode keep for this inbox.")


def test_an_old_syncthing_names_no_id_so_the_path_decides(
    settings: LibrarianSettings, syncthing: Answers
) -> None:
    share(settings.inbox)
    syncthing.folders = [
        folder("a", "sendreceive", f"{settings.inbox}/"),
        folder("b", "receiveonly", "/elsewhere"),
    ]
    assert len(check(settings.inboxes, settings)) == 1


def test_in_a_container_an_old_syncthing_is_understood_if_its_folders_are_alike(
    settings: LibrarianSettings, syncthing: Answers
) -> None:
    share(settings.inbox)
    syncthing.folders = [folder("a", "sendreceive"), folder("b", "sendreceive", "/other")]
    assert len(check(settings.inboxes, settings)) == 1
    syncthing.folders = [folder("a", "sendreceive"), folder("b", "receiveonly", "/other")]
    report = inspect(settings.inboxes, settings)
    assert report.warnings == ()
    assert report.notes[0].endswith("is not in Syncthing's list.")


def test_a_type_of_the_future_is_noted(settings: LibrarianSettings, syncthing: Answers) -> None:
    share(settings.inbox, "a")
    syncthing.folders = [folder("a", "sendsometimes")]
    report = inspect(settings.inboxes, settings)
    assert report.warnings == ()
    assert report.notes[0].endswith("is of the unknown type sendsometimes.")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"syncthing_url": ""}, "set PF_SYNCTHING_URL and PF_SYNCTHING_API_KEY"),
        ({"syncthing_api_key": None}, "set PF_SYNCTHING_URL and PF_SYNCTHING_API_KEY"),
        ({"syncthing_api_key": SecretStr("wrong")}, "answers 403 Forbidden"),
        ({"syncthing_api_key": SecretStr("new\nline")}, "Invalid header value"),
        ({"syncthing_url": "http://127.0.0.1:1"}, "Connection refused"),
        ({"syncthing_url": "http://"}, "no host given"),
        (
            {"syncthing_api_key": None, "syncthing_api_key_file": Path("/missing")},
            "No such file or directory",
        ),
    ],
)
def test_what_cannot_be_found_out_is_a_note_and_no_warning(
    changes: dict[str, object], reason: str, settings: LibrarianSettings
) -> None:
    share(settings.inbox, "phone")
    changed = settings.model_copy(update=changes)
    report = inspect(changed.inboxes, changed)
    assert report.warnings == ()
    (note,) = report.notes
    assert note.startswith("Syncthing shares inbox; the folder's type is unknown: ")
    assert reason in note
    assert "wrong" not in note


@pytest.mark.parametrize("answer", [{"error": "x"}, ["x"], [{"id": "a"}], "x", 7])
def test_an_answer_that_is_none_is_a_note(
    answer: object, settings: LibrarianSettings, syncthing: Answers
) -> None:
    share(settings.inbox, "phone")
    syncthing.folders = answer
    (note,) = inspect(settings.inboxes, settings).notes
    assert note.endswith(f"{syncthing.url} is no Syncthing")


def test_the_key_is_not_carried_to_another_host(
    settings: LibrarianSettings, syncthing: Answers
) -> None:
    share(settings.inbox, "phone")
    syncthing.redirect = syncthing.url.replace("127.0.0.1", "localhost")
    (note,) = inspect(settings.inboxes, settings).notes
    assert "answers 307" in note
    assert len(syncthing.asked) == 1


def test_a_proxy_of_the_environment_is_not_told_the_key(
    settings: LibrarianSettings, syncthing: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    share(settings.inbox, "phone")
    syncthing.folders = [folder("phone", "receiveonly")]
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert inspect(settings.inboxes, settings) == Report()
