"""The story of old photos that come into the library, told by the command as a process."""

import shutil
from pathlib import Path

import pytest
from import_runs import snapshot, start_import
from ingest_runs import assert_library_is_sound, files_below
from photo_factory.database import Connection
from photo_files import save_photo
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/import.feature")


class Story:
    """The old disk, the command, and how it ended."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.disk = folder / "old disk"
        self.data = folder / "data"
        self.before = snapshot(self.disk)
        self._database_url = database_url
        self.code: int | None = None
        self.output = self.errors = ""

    def run(self, source: Path, *arguments: str) -> None:
        self.before = snapshot(self.disk)
        process = start_import(source, self.data, self._database_url, *arguments)
        self.output, self.errors = process.communicate(timeout=60)
        self.code = process.returncode


@pytest.fixture
def story(tmp_path: Path, database_url: str) -> Story:
    return Story(tmp_path, database_url)


@given(parsers.parse("an old disk with {number:d} photos"))
def _(story: Story, number: int) -> None:
    for one in range(1, number + 1):
        save_photo(story.disk / f"{one}.jpg", f"#0000{one:02}")


@given("a copy of one of them")
def _(story: Story) -> None:
    shutil.copy2(story.disk / "1.jpg", story.disk / "1 (copy).jpg")


@given("a text beside them")
def _(story: Story) -> None:
    (story.disk / "letter.txt").write_text("Dear Anna")


@given("photo 2 is cut off in the middle")
def _(story: Story) -> None:
    photo = story.disk / "2.jpg"
    photo.write_bytes(photo.read_bytes()[:400])


@when("photo 2 has been copied anew")
def _(story: Story) -> None:
    save_photo(story.disk / "2.jpg", "#000002")


@when("I import it")
def _(story: Story) -> None:
    story.run(story.disk)


@when("I move it")
def _(story: Story) -> None:
    story.run(story.disk, "--move")


@when("I try the import without any effect")
def _(story: Story) -> None:
    story.run(story.disk, "--dry-run")


@when("I import the library")
def _(story: Story) -> None:
    (story.data / "library").mkdir(parents=True)
    story.run(story.data / "library")


@then(parsers.parse("the command ends with {code:d}"))
def _(story: Story, code: int) -> None:
    assert story.code == code, story.errors


@then(parsers.parse('I read "{words}"'))
def _(story: Story, words: str) -> None:
    assert words in story.output


@then(parsers.parse('I am told "{words}"'))
def _(story: Story, words: str) -> None:
    assert words in story.errors


@then(parsers.parse("the library has {number:d} photos"))
def _(story: Story, connection: Connection, number: int) -> None:
    assert len(files_below(story.data / "library")) == number
    assert_library_is_sound(connection, story.data / "library")


@then("the old disk is untouched")
def _(story: Story) -> None:
    assert snapshot(story.disk) == story.before


@then("only the text is left on the old disk")
def _(story: Story) -> None:
    assert [path.name for path in files_below(story.disk)] == ["letter.txt"]
