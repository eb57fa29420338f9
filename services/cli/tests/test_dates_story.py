"""The story of wrong dates, told by the photo-factory command and a librarian as processes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ingest_runs import assert_library_is_sound, eager, files_below, hash_of, run_in_child
from librarian_lives import Life, begin_life
from photo_factory.database import Connection
from photo_files import save_photo
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/dates.feature")

PATIENCE_SECONDS = 30
AS_OLDER_RULES_DID = """
UPDATE media_assets SET captured_local = %s, captured_source = 'file time', capture_rules = 0,
    captured_confidence = 'none', path = %s || '/' || original_name
"""


class Story:
    """A household with one photo, its librarian, and somebody at a terminal."""

    def __init__(self, data: Path, database_url: str) -> None:
        self.settings = eager(data, database_url)
        self._environment = {
            **os.environ,
            "PF_DATA_DIR": str(data),
            "PF_DATABASE_URL": database_url,
        }
        self._lives: list[Life] = []
        self.code: int | None = None
        self.output = self.errors = self.hash = ""

    def take_in(self, taken: str | None) -> None:
        self.hash = save_photo(self.settings.inbox / "IMG_1.jpg", taken=taken)
        run_in_child(self.settings)

    def begin_librarian(self) -> None:
        self._lives.append(begin_life(self.settings, lambda: None))

    def end_librarians(self) -> None:
        for life in self._lives:
            life.end()

    def types(self, *arguments: str) -> None:
        ended = subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.code, self.output, self.errors = ended.returncode, ended.stdout, ended.stderr

    @property
    def wait(self) -> tuple[str, ...]:
        """A librarian that was begun by hand sends no heartbeat, so it is waited for by wish."""
        return ("--wait", str(PATIENCE_SECONDS)) if self._lives else ()

    @property
    def photo(self) -> Path:
        (path,) = files_below(self.settings.library)
        return path

    @property
    def folder(self) -> str:
        return str(self.photo.parent.relative_to(self.settings.library))


@pytest.fixture
def story(tmp_path: Path, database_url: str) -> Iterator[Story]:
    made = Story(tmp_path, database_url)
    yield made
    made.end_librarians()


@given(parsers.parse('a library with a photo of "{taken}"'))
def _(story: Story, taken: str) -> None:
    story.take_in(taken.replace("-", ":") + ":00")


@given("a library with a photo without a date")
def _(story: Story) -> None:
    story.take_in(None)


@given("a librarian at work")
@when("the librarian begins its work")
def _(story: Story) -> None:
    story.begin_librarian()


@given(parsers.parse('older rules filed it under "{local}"'))
def _(story: Story, connection: Connection, local: str) -> None:
    folder = f"{local[:4]}/{local[:10]}"
    connection.execute(AS_OLDER_RULES_DID, (local, folder))
    target = story.settings.library / folder
    target.mkdir(parents=True)
    story.photo.rename(target / story.photo.name)


@when(parsers.parse('I correct it to "{local}"'))
def _(story: Story, local: str) -> None:
    story.types("correct", "--path", "IMG_1.jpg", "--date", local, *story.wait)


@when(parsers.parse('I shift everything in "{folder}" by "{shift}"'))
def _(story: Story, folder: str, shift: str) -> None:
    story.types("correct", "--path", folder, "--shift", shift, *story.wait)


@when("I take that back")
def _(story: Story) -> None:
    story.types("correct", "--path", "IMG_1.jpg", "--undo", *story.wait)


@when("I ask for all that is known of it")
def _(story: Story) -> None:
    story.types("show", str(story.photo))


@when("I ask for unsure dates")
def _(story: Story) -> None:
    story.types("problems", "--dates")


@when("I ask what today's rules would change")
def _(story: Story) -> None:
    story.types("reclassify", "--outdated")


@when("I let today's rules decide")
def _(story: Story) -> None:
    story.types("reclassify", "--outdated", "--apply")


@then(parsers.parse("the command ends with {code:d}"))
def _(story: Story, code: int) -> None:
    assert story.code == code, story.output + story.errors


@then(parsers.parse('I read "{words}"'))
def _(story: Story, words: str) -> None:
    assert words in story.output, story.output + story.errors


@then(parsers.parse('the photo lies in "{folder}"'))
def _(story: Story, folder: str) -> None:
    assert story.folder == folder


@then(parsers.parse('the photo soon lies in "{folder}"'))
def _(story: Story, connection: Connection, folder: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _is_at_rest(connection):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert story.folder == folder
    assert_library_is_sound(connection, story.settings.library)


def _is_at_rest(connection: Connection) -> bool:
    row = connection.execute(
        "SELECT NOT EXISTS (SELECT FROM relocations) "
        "AND NOT EXISTS (SELECT FROM media_assets WHERE is_astray) "
        "AND NOT EXISTS (SELECT FROM corrections WHERE NOT is_applied)"
    ).fetchone()
    return row == (True,)


@then("its bytes are what they were")
def _(story: Story, connection: Connection) -> None:
    assert hash_of(story.photo) == story.hash
    assert_library_is_sound(connection, story.settings.library)
