"""A person's visit to the dashboard: a page, and what it asked for and complained about."""

from pathlib import Path
from typing import Literal

from playwright.sync_api import ConsoleMessage, Page, expect

ARTEFACTS = Path(__file__).parents[2] / "test-artefacts" / "browser"
Scheme = Literal["light", "dark"]


class Visit:
    """A page, and what it asked for and complained about."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._check(request.url))
        page.on("websocket", lambda socket: self._check(socket.url.replace("ws", "http", 1)))

    def open(self, path: str = "/", awaited: str = ".pf-verdict") -> Page:
        """Go there and wait until it is drawn."""
        self.page.goto(self.address + path)
        expect(self.page.locator(awaited)).to_be_visible(timeout=30_000)
        return self.page

    def keep(self, name: str) -> None:
        """Save what is seen, for people to look at."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"{name}.png")

    def _hear(self, message: ConsoleMessage) -> None:
        # Streamlit asks below the page's own address first, and then below the root.
        is_probe = "/_stcore/" in message.location.get("url", "")
        if message.type == "error" and not is_probe:
            self.complaints.append(message.text)

    def _check(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.foreign.append(url)
