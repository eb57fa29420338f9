"""Numbers, ages and names as people read them."""

import pytest
from cli.commands.wording import age, count, printable, size

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ferien in Köln 👨‍👩‍👧.jpg", "Ferien in Köln 👨‍👩‍👧.jpg"),
        ("two\nlines.jpg", "two\\nlines.jpg"),
        ("\x1b[31mred.jpg", "\\x1b[31mred.jpg"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("a\u2028b", "a\\u2028b"),
    ],
)
def test_names_cannot_break_lines_or_steer_the_terminal(name: str, shown: str) -> None:
    assert printable(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (3_200_000_000, "3.2 GB"), (4e12, "4.0 TB")],
)
def test_sizes_have_the_unit_that_disks_are_sold_in(number: float, shown: str) -> None:
    assert size(number) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "–"),  # noqa: RUF001 - a dash is meant
        (-0.001, "0 s"),
        (59, "59 s"),
        (120, "2 min"),
        (5400, "1.5 h"),
        (172_800, "2.0 days"),
    ],
)
def test_ages_are_told_in_their_largest_unit(seconds: float | None, shown: str) -> None:
    assert age(seconds) == shown


def test_a_noun_follows_its_number() -> None:
    assert [count(1, "file"), count(2000, "file")] == ["1 file", "2,000 files"]
    assert count(2, "body", "bodies") == "2 bodies"
