"""The whole line without Docker: files in, processes killed, and what is there afterwards."""

import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from generate import generate
from ingest_runs import assert_library_is_sound, hashes_below
from local_line import LocalLine
from photo_factory.database import connect
from playwright.sync_api import sync_playwright

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
REAL_MEDIA = Path(__file__).resolve().parents[3] / "shared" / "media"
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
VICTIMS = ("-m librarian", "-m thumbnailer", "-m geocoder", "-m service_monitor", "-m dashboard")


@pytest.fixture
def line(tmp_path: Path) -> Iterator[LocalLine]:
    """A line that is quick to take files in; whatever a test leaves running is ended."""
    one = LocalLine(
        tmp_path / "data",
        tmp_path / "up.log",
        PF_STABILITY_SECONDS="1",
        PF_INCOMPLETE_SECONDS="2",
        PF_HEARTBEAT_SECONDS="5",
    )
    yield one
    one.end()


def drop(source: Path, inbox: Path) -> set[str]:
    """Copy a tree into the inbox as a sync program would; returns the hashes of its files."""
    contents = set()
    for path in sorted(source.rglob("*")):
        if path.is_file():
            target = inbox / path.relative_to(source.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".syncthing.{sha256(os.fsencode(path)).hexdigest()}.tmp")
            shutil.copy2(path, partial)
            partial.rename(target)
            contents.add(sha256(path.read_bytes()).hexdigest())
    return contents


def is_settled(line: LocalLine) -> bool:
    """Whether nothing waits any more."""
    status = line.status()
    if not status or status["inbox"]["waiting"] or not status["assets"]:
        return False
    return all(not stage["pending"] and not stage["running"] for stage in status["stages"].values())


def test_files_arrive_whatever_is_killed_meanwhile(line: LocalLine, tmp_path: Path) -> None:
    """Generated and real files; each service, the process manager and PostgreSQL killed once."""
    samples = generate(tmp_path / "samples")
    line.start()
    inbox = line.data / "inbox"
    contents = drop(tmp_path / "samples", inbox)
    if REAL_MEDIA.is_dir():
        contents |= drop(REAL_MEDIA, inbox)
    for victim in (*VICTIMS, "supervisord", "bin/postgres"):
        assert line.kill(victim), f"no process {victim}"
        time.sleep(2)
    line.wait(lambda: is_settled(line), 300)

    status = line.status()
    with connect(line.database_address(), "test") as connection:
        assert_library_is_sound(connection, line.data / "library")
        rows = connection.execute("SELECT path FROM derivatives").fetchall()
        row = connection.execute(
            "SELECT count(*) FILTER (WHERE is_thumbnailed) FROM media_assets"
        ).fetchone()
    assert row == (status["stages"]["thumbnailer"]["done"],)
    assert all((line.data / "derivatives" / path).stat().st_size > 0 for (path,) in rows)
    stored, left = hashes_below(line.data / "library"), hashes_below(inbox)
    assert set(stored) | set(left) == contents
    assert not set(stored) & set(left)
    assert status["assets"] == len(stored)
    for sample in samples:
        assert (sample.sha256 in left) == (sample.expected == "failed"), sample
        if sample.day is not None:
            day = hashes_below(line.data / f"library/{sample.day:%Y}/{sample.day}")
            assert day[sample.sha256] == 1, sample
    assert line.run("problems").returncode == 1


def test_the_page_shows_what_came_in(line: LocalLine, tmp_path: Path) -> None:
    samples = generate(tmp_path / "samples")
    line.start()
    drop(tmp_path / "samples", line.data / "inbox")
    line.wait(lambda: is_settled(line), 120)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=CHROMIUM_OPTIONS
        )
        page = chromium.new_page()
        page.goto(line.address)
        page.wait_for_function(
            "() => [...document.images].filter(i => i.src.includes('/thumb/')"
            " && i.complete && i.naturalWidth > 0).length >= 5",
            timeout=30_000,
        )
        text = page.inner_text("body")
        chromium.close()
    assets = len({sample.sha256 for sample in samples if sample.expected == "asset"})
    assert line.status()["assets"] == assets
    assert str(assets) in text
    assert "librarian" in text.lower()


def test_ctrl_c_leaves_no_process_behind(line: LocalLine) -> None:
    line.start()
    assert len(line.processes()) > 8
    assert line.stop(signal.SIGINT) == 0
    assert line.processes() == {}


def test_a_second_start_says_that_it_already_runs(line: LocalLine) -> None:
    line.start()
    second = line.run("up")
    assert second.returncode == 1
    assert str(line.port) in second.stdout + second.stderr
    assert line.run("status").returncode == 0


def test_it_recovers_after_a_kill_of_everything(line: LocalLine, tmp_path: Path) -> None:
    """The plug is pulled on `up` itself; nothing of it lives on, and the next start goes on."""
    generate(tmp_path / "samples")
    line.start()
    contents = drop(tmp_path / "samples", line.data / "inbox")
    time.sleep(2)
    line.stop(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while line.processes():
        assert time.monotonic() < deadline, line.processes()
        time.sleep(0.5)
    line.start()
    line.wait(lambda: is_settled(line), 120)
    found = hashes_below(line.data / "library") + hashes_below(line.data / "inbox")
    assert set(found) == contents


def test_a_taken_port_is_named(line: LocalLine) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", line.port))
        other.listen()
        refused = line.run("up")
    assert refused.returncode == 2
    assert str(line.port) in refused.stderr + refused.stdout
    assert "Traceback" not in refused.stderr
