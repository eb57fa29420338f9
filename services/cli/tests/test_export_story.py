"""The story of photos that are taken along, told by the photo-factory command as a process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from export_runs import DAY, Library, hashes, read_tags
from generate import landscape
from photo_factory.database import Connection
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/export.feature")


class Story:
    """The library, the disk, and how the command ended."""

    def __init__(self, connection: Connection, folder: Path, database_url: str) -> None:
        self.library = Library.create(connection, folder / "data")
        self.disk = folder / "disk"
        self.inbox = folder / "data" / "inbox"
        self.disk.mkdir()
        self.inbox.mkdir()
        self.before: dict[str, str] = {}
        self._environment = {"PF_DATA_DIR": str(folder / "data"), "PF_DATABASE_URL": database_url}
        self.code: int | None = None
        self.output = self.errors = ""

    def add(self, number: int) -> None:
        path = self.disk.with_name(f"{number}.jpg")
        landscape(number, (60, 40)).save(path)
        self.library.add(f"{DAY}/{number}.jpg", path.read_bytes())

    def run(self, target: Path, *arguments: str) -> None:
        self.before = self.library.hashes()
        ended = subprocess.run(
            [sys.executable, "-m", "cli", "export", str(target), "--all", *arguments],
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.code, self.output, self.errors = ended.returncode, ended.stdout, ended.stderr


@pytest.fixture
def story(connection: Connection, tmp_path: Path, database_url: str) -> Story:
    return Story(connection, tmp_path, database_url)


@given(parsers.parse("a library with {number:d} photos"))
def _(story: Story, number: int) -> None:
    for one in range(1, number + 1):
        story.add(one)


@given(parsers.parse('photo {number:d} has the title "{title}"'))
def _(story: Story, number: int, title: str) -> None:
    story.library.connection.execute(
        "UPDATE media_assets SET title = %s WHERE path = %s", (title, f"{DAY}/{number}.jpg")
    )


@when(parsers.parse("photo {number:d} comes into the library"))
def _(story: Story, number: int) -> None:
    story.add(number)


@when("I export all to the disk")
def _(story: Story) -> None:
    story.run(story.disk)


@when("I export all with XMP to the disk")
def _(story: Story) -> None:
    story.run(story.disk, "--with-xmp")


@when("I export all to the disk with what is known written into the copies")
def _(story: Story) -> None:
    story.run(story.disk, "--embed")


@when("I export all to the inbox")
def _(story: Story) -> None:
    story.run(story.inbox)


@then(parsers.parse("the command ends with {code:d}"))
def _(story: Story, code: int) -> None:
    assert story.code == code, story.errors


@then(parsers.parse('I read "{words}"'))
def _(story: Story, words: str) -> None:
    assert words in story.output


@then(parsers.parse('I am told "{words}"'))
def _(story: Story, words: str) -> None:
    assert words in story.errors


@then(parsers.parse("the disk holds {number:d} photos that are the originals byte for byte"))
def _(story: Story, number: int) -> None:
    found = hashes(story.disk)
    assert len(found) == number
    assert found.items() <= story.library.hashes().items()


@then(parsers.parse('the sidecar of photo {number:d} says "{title}"'))
def _(story: Story, number: int, title: str) -> None:
    assert read_tags(story.disk / DAY / f"{number}.jpg.xmp")["XMP-dc:Title"] == title


@then(parsers.parse('copy {number:d} says "{title}"'))
def _(story: Story, number: int, title: str) -> None:
    assert read_tags(story.disk / DAY / f"{number}.jpg")["XMP-dc:Title"] == title


@then("the library is as it was")
def _(story: Story) -> None:
    assert story.library.hashes() == story.before
