"""No name can become markup."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from dashboard import asset_markup, markup, rows
from dashboard.asset_view import AssetView, Fact, Item, Link, Picture
from dashboard.dating import CandidateRow, When
from dashboard.rows import AlertRow, Cause, Disk, ServiceRow
from dashboard.standing import Tone
from dashboard.unsure import Unsure
from dashboard.verdict import Verdict
from dashboard.view_models import Card, Figure, Tile
from dashboard.waits import Wait, WaitRow
from hypothesis import given
from hypothesis import strategies as st
from line_states import SEEN_AT

pytestmark = pytest.mark.unit

HARMLESS = frozenset(
    {"section", "h1", "h2", "h3", "ul", "ol", "li", "dl", "dt", "dd", "div", "p", "span"}
    | {"strong", "code", "a", "img", "article", "table", "thead", "tbody", "tr", "th", "td"}
)
ATTRIBUTES = frozenset(
    {"class", "id", "title", "src", "alt", "loading", "decoding", "href", "target", "style", "role"}
    | {"aria-hidden", "aria-label", "aria-labelledby", "scope", "width", "height"}
)
NASTY = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            '"><script>alert(1)</script>',
            "' onerror='alert(1)",
            '" onload="alert(1)',
            "<img src=x onerror=alert(1)>",
            "</li></ul><iframe src=//evil.example>",
            "javascript:alert(1)",
            "line\nbreak",
        ]
    ),
)


class Seen(HTMLParser):
    """Collects tags and attributes as a browser would find them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser for each tag."""
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.addresses.update(value or "" for name, value in attrs if name in {"src", "href"})


def everything(text: str) -> str:
    """Every kind of markup there is, with the text wherever text may come from outside."""
    photo = rows.Photo(
        name=text,
        picture="/thumb/1?kind=thumb&v=1",
        page="photo?id=1",
        tone=Tone.GOOD,
        excuse=text,
        day=text,
        place=text,
        runtime="0:07",
        taken=text,
    )
    return "".join(
        (
            markup.verdict(Verdict(Tone.BAD, text, text, "attention")),
            markup.tiles([Tile(text, text, text, Tone.GOOD)]),
            markup.pipeline([Card(text, Tone.BUSY, text, text, (Figure(text, text),))]),
            markup.photos([photo, replace(photo, picture=None)]),
            markup.services([ServiceRow(text, text, Tone.GOOD, text, text, text, text, text)]),
            markup.disks([Disk(text, Tone.GOOD, text, 40, text, text)]),
            markup.alerts([AlertRow(Tone.BAD, text, text, text, text, text, text, text)]),
            markup.causes([Cause(text, text, 2, text, text, text, (text,), 1)]),
            markup.waiting([Wait(Tone.BUSY, *(text,) * 5, (WaitRow(*(text,) * 7),), 1)]),
            markup.put_aside([Wait(Tone.QUIET, *(text,) * 5, (), 0)]),
            markup.unsure([Unsure(Tone.BAD, *(text,) * 5, (photo,), text)], text),
            asset_page(text),
        )
    )


def asset_page(text: str) -> str:
    """The page of an asset of which everything is this text."""
    tone, facts = (Tone.GOOD, text), (Fact(text, text, text),)
    item = Item(text, text, Tone.GOOD, text)
    candidates = tuple(CandidateRow(*(text,) * 4, is_winner=won) for won in (True, False))
    view = AssetView(
        name=text,
        path=text,
        picture=Picture("/thumb/1?kind=thumb&v=1", 3, 2, Tone.GOOD, text, "0:07"),
        when=When(text, text, text, text),
        source=text,
        tag=text,
        confidence=tone,
        advice=text,
        command=text,
        notes=(text,),
        candidates=candidates,
        no_reasons=text,
        place=facts,
        camera=facts,
        words=facts,
        file=facts,
        members=(Link(text, text, "photo?id=1"), Link(text, text, "")),
        sidecars=(item,),
        albums=(text,),
        corrections=(item,),
    )
    bare = replace(view, picture=Picture(None, None, None, Tone.BUSY, text, ""))
    return "".join(
        (
            asset_markup.top(view),
            asset_markup.top(bare),
            asset_markup.candidates(candidates, text),
            asset_markup.candidates((), text),
            asset_markup.cards(view),
            asset_markup.items("sidecars", "Sidecars", view.sidecars),
        )
    )


@given(NASTY)
def test_no_text_from_outside_becomes_markup(text: str) -> None:
    seen = Seen(everything(text))
    assert seen.tags <= HARMLESS
    assert seen.attributes <= ATTRIBUTES
    assert seen.addresses <= {"/thumb/1?kind=thumb&v=1", "photo?id=1", "attention"}


def test_nothing_here_is_said_and_not_left_blank() -> None:
    assert "Nothing here yet" in markup.photos([])
    assert "Unknown" in markup.disks([])


def test_a_state_is_never_told_by_colour_alone() -> None:
    row = ServiceRow("geocoder", "home", Tone.BAD, "down", "", "7 min ago", str(SEEN_AT), "")
    html = markup.services([row])
    assert ">down<" in html
    assert Tone.BAD.symbol in html
