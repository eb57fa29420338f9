"""Pictures by route, asked for over a real socket."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
import uvicorn
from dashboard.guard import Guard
from dashboard.reader import Reader
from dashboard.server import listen
from dashboard.settings import DashboardSettings
from dashboard.thumbnails import thumbnail_route
from photo_factory.database import Connection
from picture_rows import insert_pictured
from starlette.applications import Starlette
from starlette.middleware import Middleware

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


Get = Callable[..., Answer]


@pytest.fixture
def root(settings: DashboardSettings) -> Path:
    settings.derivatives.mkdir(parents=True)
    return settings.derivatives


@pytest.fixture
def get(reader: Reader, root: Path) -> Iterator[Get]:
    """Sends a path exactly as it is given; a browser would tidy it."""
    app = Starlette(routes=[thumbnail_route(reader, root)], middleware=[Middleware(Guard)])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()

    def ask(path: str, **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=named)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, found, response.read())
        connection.close()
        return answer

    yield ask
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def asset_id(connection: Connection, root: Path) -> int:
    (made,) = insert_pictured(connection, root, ["a.jpg"])
    return made


def test_a_thumbnail_is_served_and_may_be_kept_forever(get: Get, asset_id: int) -> None:
    answer = get(f"/thumb/{asset_id}")
    assert answer.status == 200
    assert answer.body[:4] == b"RIFF"
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_preview_is_another_picture(get: Get, asset_id: int) -> None:
    thumb, preview = get(f"/thumb/{asset_id}"), get(f"/thumb/{asset_id}?kind=preview")
    assert preview.status == 200
    assert len(preview.body) > len(thumb.body)
    assert preview.headers["etag"] != thumb.headers["etag"]


def test_a_picture_that_the_browser_has_is_not_sent_again(get: Get, asset_id: int) -> None:
    tag = get(f"/thumb/{asset_id}").headers["etag"]
    again = get(f"/thumb/{asset_id}", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/thumb/999999",
        "/thumb/99999999999999999999999999",
        "/thumb/abc",
        "/thumb/-1",
        "/thumb/1?kind=web",
        "/thumb/1?kind=../../library",
        "/thumb/../../etc/passwd",
        "/thumb/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/thumb/1%00",
        "/thumb/",
    ],
)
def test_what_is_no_picture_is_not_found(get: Get, asset_id: int, path: str) -> None:
    assert asset_id == 1
    assert get(path).status == 404


@pytest.mark.parametrize("path", ["../secret.webp", "thumb/link.webp", "/etc/hostname", "thumb"])
def test_nothing_outside_the_derivatives_is_served(
    get: Get, asset_id: int, root: Path, connection: Connection, path: str
) -> None:
    """Not even when the database says so, and not through a link."""
    (root.parent / "secret.webp").write_bytes(b"secret")
    (root / "thumb" / "link.webp").symlink_to(root.parent / "secret.webp")
    connection.execute("UPDATE derivatives SET path = %s WHERE kind = 'thumb'", [path])
    answer = get(f"/thumb/{asset_id}")
    assert (answer.status, answer.body) == (404, b"")


def test_a_type_that_can_carry_script_is_not_served(
    get: Get, asset_id: int, connection: Connection
) -> None:
    connection.execute("UPDATE derivatives SET mime_type = 'image/svg+xml'")
    assert get(f"/thumb/{asset_id}").status == 404


def test_a_file_that_is_gone_is_not_found_and_not_remembered(
    get: Get, asset_id: int, root: Path
) -> None:
    for path in (root / "thumb").rglob("*.webp"):
        path.unlink()
    answer = get(f"/thumb/{asset_id}")
    assert (answer.status, answer.headers["cache-control"]) == (404, "no-store")


def test_a_page_of_another_site_gets_nothing(get: Get, asset_id: int) -> None:
    answer = get(f"/thumb/{asset_id}", Origin="http://evil.example")
    assert answer.status == 403
    assert b"RIFF" not in answer.body


def test_nothing_may_be_loaded_from_another_host(get: Get, asset_id: int) -> None:
    policy = get(f"/thumb/{asset_id}").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
