"""The story of photos that come home from Google Photos, told by the command as a process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from photo_factory.database import Connection
from pytest_bdd import given, parsers, scenarios, then, when
from small_takeouts import ALBUM, TAKEN, YEAR, note, pack, photo

pytestmark = pytest.mark.integration
scenarios("features/import_takeout.feature")


class Story:
    """The parts, the command, and how it ended."""

    def __init__(self, folder: Path, database_url: str) -> None:
        names = [f"takeout-20240101T000000Z-{number:03}.zip" for number in (1, 2)]
        self.parts = [folder / name for name in names]
        self.data = folder / "data"
        self._database_url = database_url
        self.code: int | None = None
        self.output = self.errors = ""

    def run(self, *arguments: str | Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "cli", "import", "--takeout", *map(str, arguments)],
            env={
                **os.environ,
                "PF_DATA_DIR": str(self.data),
                "PF_DATABASE_URL": self._database_url,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.code, self.output, self.errors = done.returncode, done.stdout, done.stderr


@pytest.fixture
def story(tmp_path: Path, database_url: str) -> Story:
    return Story(tmp_path, database_url)


@given("a Takeout of two parts")
def _(story: Story) -> None:
    first = {
        f"{YEAR}/red.jpg": photo("red"),
        f"{YEAR}/green.jpg.supplemental-metadata.json": note("green.jpg", TAKEN + 86_400),
    }
    second = {
        f"{YEAR}/red.jpg.supplemental-metadata.json": note("red.jpg"),
        f"{YEAR}/green.jpg": photo("green"),
        f"{ALBUM}/red.jpg": photo("red"),
        f"{ALBUM}/metadata.json": json.dumps({"title": "Summer!"}).encode(),
    }
    for part, members in zip(story.parts, (first, second), strict=True):
        pack(part, members)


@when("I import both parts")
def _(story: Story) -> None:
    story.run(*story.parts)


@when(parsers.parse("I import part {number:d}"))
def _(story: Story, number: int) -> None:
    story.run(story.parts[number - 1])


@when(parsers.parse("I delete part {number:d}"))
def _(story: Story, number: int) -> None:
    story.parts[number - 1].unlink()


@when("I move both parts")
def _(story: Story) -> None:
    story.run("--move", *story.parts)


@then(parsers.parse("the command ends with {code:d}"))
def _(story: Story, code: int) -> None:
    assert story.code == code, story.errors


@then(parsers.parse('I read "{words}"'))
def _(story: Story, words: str) -> None:
    assert words in story.output


@then(parsers.parse('I am told "{words}"'))
def _(story: Story, words: str) -> None:
    assert words in story.errors


@then("the library has 1 photo")
def _(connection: Connection) -> None:
    assert connection.execute("SELECT count(*) FROM media_assets").fetchall() == [(1,)]


@then("the library has 2 photos, each with its JSON")
def _(story: Story) -> None:
    library = story.data / "library"
    days = {"red.jpg": "2019/2019-07-13", "green.jpg": "2019/2019-07-14"}
    found = {str(path.relative_to(library)) for path in library.glob("20*/**/*") if path.is_file()}
    wanted = {f"{day}/{name}" for name, day in days.items()}
    assert found == wanted | {f"{path}.json" for path in wanted}


@then(parsers.parse('the album "{title}" has {number:d} photo'))
def _(connection: Connection, title: str, number: int) -> None:
    rows = connection.execute(
        "SELECT count(*) FROM albums JOIN album_assets ON album_id = id WHERE title = %s", (title,)
    ).fetchall()
    assert rows == [(number,)]
