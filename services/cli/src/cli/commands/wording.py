"""How numbers, ages and names are written for people. Pure."""

import unicodedata

MINUTE, HOUR, DAY = 60, 3600, 86_400
KILO = 1000
CONTROL = {"Cc", "Cs", "Zl", "Zp"}
DIRECTION = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """Escape what could break a line, move the cursor or turn the writing round."""
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in CONTROL or character in DIRECTION
        else character
        for character in text
    )


def size(number: float) -> str:
    """Bytes in the unit that disks are sold in, such as 3.2 GB."""
    if number < KILO:
        return f"{number:.0f} B"
    for unit in ("kB", "MB", "GB"):
        number /= KILO
        if number < KILO:
            return f"{number:.1f} {unit}"
    return f"{number / KILO:.1f} TB"


def age(seconds: float | None) -> str:
    """A length of time in its largest unit; a dash for an unknown one."""
    if seconds is None:
        return "–"  # noqa: RUF001 - a dash is meant
    if seconds < MINUTE:
        return f"{max(0.0, seconds):.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < DAY:
        return f"{seconds / HOUR:.1f} h"
    return f"{seconds / DAY:.1f} days"


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun, such as 1 file or 2,000 files."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
