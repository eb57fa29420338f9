"""Cases from the field as data: tags in, decision out; tests/capture_time holds them by topic."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from librarian.capture.decision import decide
from librarian.capture.evidence import CaptureTime, Correction, Evidence
from librarian.capture.zones import zone_at

FOLDER = Path(__file__).resolve().parents[3] / "tests" / "capture_time"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MODIFIED = datetime(2026, 5, 30, 22, 15, tzinfo=UTC)
FIELDS = {
    "case", "source", "file", "home", "modified", "tags", "sidecar", "takeout", "paired",
    "correction", "expect", "lost",
}  # fmt: skip

pytestmark = pytest.mark.unit


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['case']}")
        for path in sorted(FOLDER.glob("*.toml"))
        for case in tomllib.loads(path.read_text())["cases"]
    ]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def still(case: Mapping[str, Any]) -> CaptureTime:
    local, offset = moment(case["local"]), case.get("offset")
    source, confidence = case.get("source", "ExifIFD:DateTimeOriginal"), case.get("confidence")
    return CaptureTime(local, None, offset, source, confidence or "high", None)


def evidence_of(case: Mapping[str, Any]) -> Evidence:
    paired, correction = case.get("paired"), case.get("correction")
    return Evidence(
        tags=case.get("tags", {}),
        name=case.get("file", "x.jpg"),
        modified=case.get("modified", MODIFIED),
        sidecar=case.get("sidecar", {}),
        takeout=case.get("takeout", {}),
        paired=still(paired) if paired else None,
        correction=correction and Correction(moment(correction["local"]), correction.get("offset")),
    )


def said(when: CaptureTime) -> dict[str, object]:
    """The decision in the words of the table."""
    utc = when.utc and when.utc.replace(tzinfo=None).isoformat(" ")
    return {
        "local": when.local.isoformat(" "),
        "utc": utc or "unknown",
        "offset": "unknown" if when.offset_minutes is None else when.offset_minutes,
        "source": when.source,
        "confidence": when.confidence,
        "offset_source": when.offset_source or "unknown",
    }


@pytest.mark.parametrize("case", cases())
def test_a_case_of_the_field_is_decided_right(case: dict[str, Any]) -> None:
    home = ZoneInfo(case["home"]) if "home" in case else None
    when = decide(evidence_of(case), NOW, home, zone_at)
    decision, expected = said(when), case["expect"]
    assert {name: decision[name] for name in expected} == expected
    reasons = {candidate.source: candidate.reason for candidate in when.candidates}
    lost = case.get("lost", {})
    assert {source: reasons.get(source) for source in lost} == lost


def test_every_case_says_where_it_is_from_and_nothing_is_misspelt() -> None:
    found = [param.values[0] for param in cases()]
    assert len(found) >= 100
    assert [case["case"] for case in found if not case["source"] or case.keys() - FIELDS] == []
    assert len({case["case"] for case in found}) == len(found)
