"""Finds the ISO 3166-2 code of each of GeoNames' regions: by its own code, else by name."""

import re
import unicodedata
from collections.abc import Mapping

SAME_CODES = frozenset({"US", "CH", "BE", "ME", "GB"})
"""Countries whose regions have ISO's codes in GeoNames too."""
GREAT_BRITAIN = {"ENG", "SCT", "WLS", "NIR"}
NOISE = re.compile(
    r"\b(region|province|provincia|governorate|oblast|oblasti|district|department|county|state|"
    r"prefecture|municipality|autonomous|republic|parish|canton|city|of|the|de|del|la|kray|krai|"
    r"voivodeship|muhafazat|raion|rayon|division|territory|island|islands|capital|metropolitan)\b"
)


def plain(name: str) -> str:
    """A name without accents, case, punctuation and the words for what it is."""
    letters = unicodedata.normalize(
        "NFKD", name.casefold().replace("ł", "l").replace("\u0131", "i")
    )
    kept = "".join(mark for mark in letters if not unicodedata.combining(mark))
    short = re.sub(r"[^a-z0-9]+", "", NOISE.sub(" ", re.sub(r"[-'\u2019`/]", " ", kept)))
    return short or re.sub(r"[^a-z0-9]+", "", kept)


def iso_codes(regions: Mapping[str, str], vocabularies: list[Mapping[str, str]]) -> dict[str, str]:
    """ISO codes by GeoNames code. A name that two subdivisions share is left out."""
    by_name: dict[tuple[str, str], set[str]] = {}
    for names in vocabularies:
        for code, name in names.items():
            by_name.setdefault((code[:2], plain(name)), set()).add(code)
    known = {code for names in vocabularies for code in names}
    found = {}
    for key, name in regions.items():
        country, _, own = key.partition(".")
        if country in SAME_CODES and f"{country}-{own}" in known:
            found[key] = f"{country}-{own}"
        elif len(codes := by_name.get((country, plain(name)), set())) == 1:
            (found[key],) = codes
    return found
