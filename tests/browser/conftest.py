"""A real dashboard process on a real database, and Chromium to look at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, sync_playwright
from visits import Scheme, Visit

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
START_SECONDS = 60


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; closed with the module, because Playwright occupies the event loop."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        reason = "Chromium is not installed (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of the dashboard."""
    folder = tmp_path / "data"
    (folder / "derivatives").mkdir(parents=True)
    return folder


@pytest.fixture
def address(database_url: str, data: Path, tmp_path: Path) -> Iterator[str]:
    """Where the dashboard is served."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PF_")}
    own |= {
        "PF_DATABASE_URL": database_url,
        "PF_DATA_DIR": str(data),
        "PF_DASHBOARD_PORT": str(port),
    }
    log = tmp_path / "dashboard.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard"], env=own, stdout=output, stderr=output
        )
        try:
            _wait_until_served(f"http://127.0.0.1:{port}/_stcore/health", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    """Opens the dashboard in a browser of a width and a theme."""
    contexts = []

    def enter(width: int = 1440, scheme: Scheme = "light") -> Visit:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            timezone_id="Europe/Berlin",
        )
        contexts.append(context)
        return Visit(context.new_page(), address)

    yield enter
    for context in contexts:
        context.close()


def _wait_until_served(health: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urlopen(health, timeout=2).close()  # noqa: S310 - our own address
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the dashboard did not come up:\n{log.read_text()}")
