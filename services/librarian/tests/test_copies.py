"""Copies in the incoming folder that are not needed go, and no others."""

from pathlib import Path

import pytest
from batches import examined, inbox_file
from librarian.copies import discard_copies
from librarian.duplicates import Proof
from librarian.examination import ExaminedSidecar, Gone, Refusal, Wait
from librarian.queries import KnownAsset
from photo_factory.storage import Identity

pytestmark = pytest.mark.unit


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    path = tmp_path / "copy.jpg"
    path.write_bytes(b"photo")
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"photo")
    return path


@pytest.mark.parametrize("step", ["examined", "sidecar", "proof", "of a batch", "unproven"])
def test_the_copy_goes_at_whatever_step_it_is(step: str, copy: Path, source: Path) -> None:
    one = examined(source, copy=copy)
    sidecar = ExaminedSidecar(one.file, source, one.sha256, "xmp", copy)
    asset = KnownAsset(1, one.sha256, "2024/2024-05-17/a.jpg")
    found: dict[str, object] = {
        "examined": one,
        "sidecar": sidecar,
        "proof": Proof(one, asset, is_same_file=False, was_healed=False),
        "of a batch": (one.file, one),
        "unproven": (one, Wait(one.file.identity, 0.0)),
    }
    discard_copies([found[step]])
    assert not copy.exists()
    assert source.read_bytes() == b"photo"


def test_a_copy_that_a_later_step_is_at_stays(copy: Path, source: Path) -> None:
    one = examined(source, copy=copy)
    discard_copies([one], in_hand={one.file.id})
    assert copy.exists()


def test_what_has_no_copy_is_left_alone(source: Path) -> None:
    file = inbox_file(b"a.jpg", Identity(1, 1, 1, 1))
    discard_copies([examined(source), (file, Gone()), (file, Refusal("symlink", "")), None])
    assert source.read_bytes() == b"photo"


def test_a_copy_that_has_got_its_name_without_links_is_gone_already(
    copy: Path, source: Path
) -> None:
    one = examined(source, copy=copy)
    copy.rename(copy.with_name("stored.jpg"))
    discard_copies([one])
    assert copy.with_name("stored.jpg").exists()
