"""The dashboard as a person sees it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from asset_rows import insert_assets
from inbox_rows import alone, insert_row, put_aside, unfinished
from photo_factory.database import Connection
from photo_factory.overview import SERVICES
from picture_rows import beat, fail_inbox_file, fail_thumbnail, insert_pictured
from playwright.sync_api import expect
from visits import Scheme, Visit

pytestmark = pytest.mark.browser
NASTY = "\"><img src=x onerror='window.hacked=1'>\n<script>window.hacked=1</script>.jpg"
PICTURES = 23


@pytest.fixture
def line(connection: Connection, data: Path) -> None:
    """A line at work: photos, one failed, one waiting, services that live and one that is not."""
    names = [f"IMG_{number}.jpg" for number in range(PICTURES - 1)]
    insert_pictured(connection, data / "derivatives", [*names, NASTY])
    (failed,) = insert_assets(connection, ["broken.jpg"])
    fail_thumbnail(connection, failed, "file_truncated", "The file is cut off.")
    fail_inbox_file(connection, "<b>empty</b>.jpg", "file_empty", "The file is empty.")
    for service in SERVICES[:3]:
        beat(connection, service)
    beat(connection, "backup", "not_configured", "No backup target is set.")


@pytest.mark.usefixtures("line")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_home_is_whole_at_every_width_and_in_both_themes(
    visit: Callable[..., Visit], width: int, scheme: Scheme
) -> None:
    seen = visit(width, scheme)
    page = seen.open()
    expect(page.locator(".pf-headline")).to_have_text("2 files need you.")
    expect(page.locator(".pf-tile")).to_have_count(4)
    expect(page.locator(".pf-card")).to_have_count(5)
    expect(page.locator(".pf-row")).to_have_count(len(SERVICES))
    images = page.locator(".pf-frame img")
    expect(images).to_have_count(PICTURES)
    images.last.scroll_into_view_if_needed()
    page.wait_for_function(
        "number => [...document.querySelectorAll('.pf-frame img')]"
        ".filter(i => i.naturalWidth > 0).length === number",
        arg=PICTURES,
    )
    page.locator(".pf-headline").scroll_into_view_if_needed()
    seen.keep(f"home-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("window.hacked") is None
    assert not seen.complaints
    assert not seen.foreign


@pytest.mark.usefixtures("line")
def test_a_picture_is_asked_for_once_and_kept(visit: Callable[..., Visit]) -> None:
    """The page draws itself anew every few seconds; that must not fetch a picture again."""
    seen = visit()
    asked: list[str] = []
    seen.page.on("request", lambda r: asked.append(r.url) if "/thumb/" in r.url else None)
    page = seen.open()
    expect(page.locator(".pf-frame img")).to_have_count(PICTURES)
    page.wait_for_timeout(11_000)
    assert len(asked) == len(set(asked)) > 0


def test_a_new_photo_appears_by_itself(
    visit: Callable[..., Visit], connection: Connection, data: Path
) -> None:
    page = visit().open()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    insert_pictured(connection, data / "derivatives", ["new.jpg"])
    picture = page.get_by_alt_text("new.jpg")
    expect(picture).to_be_visible(timeout=15_000)
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


@pytest.mark.usefixtures("line")
def test_needs_attention_is_reached_from_home(visit: Callable[..., Visit]) -> None:
    seen = visit()
    page = seen.open()
    page.get_by_role("link", name="Needs attention").click()
    expect(page.locator(".pf-cause:not(.pf-unsure)")).to_have_count(2)
    expect(page.get_by_text("<b>empty</b>.jpg")).to_be_visible()
    seen.keep("attention-1440-light")
    assert not seen.complaints
    assert not seen.foreign


@pytest.mark.usefixtures("line")
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_needs_attention_is_whole_for_who_opens_it_first(
    visit: Callable[..., Visit], connection: Connection, width: int, scheme: Scheme
) -> None:
    """A tab that is restored opens its page before anybody has been at Home."""
    long_name = f"{'a long walk ' * 12}{NASTY}"
    for row in (alone("IMG_1.xmp"), unfinished(long_name), put_aside("notes.txt")):
        insert_row(connection, row)
    seen = visit(width, scheme)
    page = seen.open("/attention")
    expect(page.get_by_text("main", exact=True)).to_have_count(0)
    expect(page.locator(".pf-wait")).to_have_count(3)
    expect(page.locator(".pf-wait", has_text="IMG_1.xmp")).to_contain_text("again in 3 h")
    page.locator(".pf-wait").last.scroll_into_view_if_needed()
    seen.keep(f"waiting-{width}-{scheme}")
    assert page.locator(".pf-verdict").evaluate("e => getComputedStyle(e).display") == "flex"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("window.hacked") is None
    assert not seen.foreign


@pytest.mark.usefixtures("line")
def test_a_photo_is_reached_and_opened_by_keyboard(visit: Callable[..., Visit]) -> None:
    page = visit().open()
    photo = page.locator("a.pf-frame").first
    photo.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert photo.evaluate("a => getComputedStyle(a).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(".pf-when")).to_be_visible(timeout=30_000)
    assert "/photo?id=" in page.url


def test_streamlits_own_buttons_are_not_shown(visit: Callable[..., Visit]) -> None:
    page = visit().open()
    expect(page.get_by_text("Deploy")).to_have_count(0)
    expect(page).to_have_title("Photo Factory")


def test_an_outage_is_told_and_passes_without_a_reload(
    visit: Callable[..., Visit], connection: Connection
) -> None:
    page = visit().open()
    connection.execute("ALTER TABLE media_assets RENAME TO away")
    expect(page.locator(".pf-headline")).to_contain_text("not prepared", timeout=15_000)
    expect(page.locator(".pf-value").first).to_have_text("unknown")
    connection.execute("ALTER TABLE away RENAME TO media_assets")
    expect(page.locator(".pf-headline")).not_to_contain_text("not prepared", timeout=15_000)
    expect(page.locator(".pf-value").first).to_have_text("0")
