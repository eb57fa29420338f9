"""The page of one asset, and the list of doubtful dates, as a person sees them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from dated_rows import attach_everything, doubt, insert_well_known
from photo_factory.database import Connection
from picture_rows import insert_pictured
from playwright.sync_api import expect
from visits import Scheme, Visit

pytestmark = pytest.mark.browser
NASTY = "\"><img src=x onerror='window.hacked=1'>.jpg"


@pytest.fixture
def known(connection: Connection, data: Path) -> int:
    """A photo of which everything is known, under a name that means harm."""
    asset_id = insert_well_known(connection, data / "derivatives", NASTY)
    attach_everything(connection, asset_id)
    return asset_id


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_of_a_photo_is_whole_at_every_width_and_in_both_themes(
    visit: Callable[..., Visit], known: int, width: int, scheme: Scheme
) -> None:
    seen = visit(width, scheme)
    page = seen.open(f"/photo?id={known}", ".pf-when")
    expect(page.locator("h1")).to_have_text(NASTY)
    expect(page.locator(".pf-date")).to_have_text("Sunday, 14 July 2019")
    expect(page.locator(".pf-clock")).to_contain_text("15:30:05 UTC+2, from the place")
    expect(page.locator(".pf-evidence")).to_contain_text("High confidence")
    expect(page.locator(".pf-candidates tbody tr")).to_have_count(6)
    expect(page.locator(".pf-items > li")).to_have_count(2 + 2 + 3 + 3)
    picture = page.locator(".pf-picture img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    seen.keep(f"photo-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("window.hacked") is None
    assert not seen.complaints
    assert not seen.foreign


def test_a_companion_is_reached_by_keyboard(visit: Callable[..., Visit], known: int) -> None:
    page = visit().open(f"/photo?id={known}", ".pf-when")
    link = page.get_by_role("link", name="IMG_20190714_153005.CR3")
    link.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert link.evaluate("a => getComputedStyle(a).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("IMG_20190714_153005.CR3", timeout=30_000)


@pytest.mark.parametrize("path", ["/photo", "/photo?id=99", "/photo?id=<b>", "/photo?id=-1"])
def test_an_address_of_no_photo_says_so(visit: Callable[..., Visit], path: str) -> None:
    page = visit().open(path)
    expect(page.locator(".pf-headline")).to_have_text("There is no such photo.")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_doubtful_dates_are_listed_and_lead_to_their_photos(
    visit: Callable[..., Visit], connection: Connection, data: Path, width: int, scheme: Scheme
) -> None:
    names = [f"{number}.jpg" for number in range(11)]
    ids = insert_pictured(connection, data / "derivatives", names)
    doubt(connection, ids[:8], "none")
    doubt(connection, ids[8:], "low", "IFD0:ModifyDate")
    seen = visit(width, scheme)
    page = seen.open("/attention")
    expect(page.locator(".pf-unsure")).to_have_count(2)
    expect(page.locator(".pf-unsure").first).to_contain_text("8 files")
    page.get_by_role("heading", name="Dates to check").scroll_into_view_if_needed()
    seen.keep(f"dates-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_alt_text("7.jpg").click()
    expect(page.locator(".pf-evidence")).to_contain_text("Only a guess", timeout=30_000)
    assert not seen.complaints
    assert not seen.foreign
