"""What a correction does to the files once a librarian sees it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.commands.correct import correct
from dated_assets import Run, runner
from ingest_runs import assert_library_is_sound, eager, files_below, run_in_child
from librarian.settings import LibrarianSettings
from librarian_lives import begin_life
from photo_factory.database import Connection
from photo_files import save_photo
from picture_rows import beat

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> LibrarianSettings:
    return eager(tmp_path, database_url)


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    return runner(tmp_path, database_url, correct)


@pytest.fixture
def librarian(settings: LibrarianSettings, connection: Connection) -> Iterator[None]:
    """Takes in what lies in the inbox, and then goes on working."""
    run_in_child(settings)
    beat(connection, "librarian")
    life = begin_life(settings, lambda: None)
    yield
    life.end()


@pytest.fixture
def shot(settings: LibrarianSettings) -> None:
    """A photo with an edited version and a sidecar."""
    taken = "2018:01:01 10:00:00"
    save_photo(settings.inbox / "IMG_1.jpg", "red", taken)
    save_photo(settings.inbox / "IMG_1-edited.jpg", "darkred", taken)
    (settings.inbox / "IMG_1.jpg.xmp").write_text(
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'
    )


def library(settings: LibrarianSettings) -> list[str]:
    return sorted(str(path.relative_to(settings.library)) for path in files_below(settings.library))


@pytest.mark.usefixtures("shot", "librarian")
def test_all_files_of_a_shot_move_together_and_back(
    run: Run, connection: Connection, settings: LibrarianSettings
) -> None:
    before = library(settings)
    assert len(before) == 3
    arguments = ("correct", "--path", "IMG_1.jpg", "--wait", "30", "--json")
    result = run(*arguments, "--date", "2019-05-04 12:30")
    document = json.loads(result.stdout)
    assert (document["count"], document["waiting"]) == (2, 0), document
    assert library(settings) == [f"2019/2019-05-04/{Path(path).name}" for path in before]
    assert [asset["path"] in library(settings) for asset in document["assets"]] == [True, True]
    document = json.loads(run(*arguments, "--undo").stdout)
    assert (document["count"], document["waiting"]) == (2, 0), document
    assert library(settings) == before
    assert_library_is_sound(connection, settings.library)


@pytest.fixture
def holiday(settings: LibrarianSettings) -> None:
    for number in range(230):
        save_photo(
            settings.inbox / f"IMG_{number}.jpg", f"#0000{number:02x}", "2018:12:31 23:30:00"
        )


@pytest.mark.usefixtures("holiday", "librarian")
def test_a_whole_holiday_is_shifted_while_the_command_waits_a_little(
    run: Run, connection: Connection, settings: LibrarianSettings
) -> None:
    result = run("correct", "--path", "2018", "--shift", "+1:00:00", "--yes", "--wait", "60")
    assert result.exit_code == 0, result.output
    assert "Done: 230 assets, 230 files moved to another folder." in result.stdout
    assert "… and 210 more" in result.stdout
    assert {path[:15] for path in library(settings)} == {"2019/2019-01-01"}
    assert_library_is_sound(connection, settings.library)
