"""The ExifTool that writes: kept open, with a deadline, started again when it dies."""

import shutil
import stat
from pathlib import Path

import pytest
from cli.export.ledger import LEDGER, Ledger
from cli.export.tags import Recipe
from cli.export.writer import WriteError, Writer
from export_runs import read_tags

pytestmark = pytest.mark.integration
XMP = "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
TITLED = Recipe({"XMP-dc:Title": "title"})


@pytest.fixture
def sidecar(tmp_path: Path) -> Path:
    path = tmp_path / "x.xmp"
    path.write_text(XMP)
    return path


def script(folder: Path, text: str) -> str:
    path = folder / "exiftool.sh"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "-two\nlines #[CSTR] @ 🎂"
    folder.mkdir()
    path = folder / "x.xmp"
    path.write_text(XMP)
    with Writer() as writer:
        writer.write(path, TITLED)
    assert read_tags(path)["XMP-dc:Title"] == "title"
    assert [one.name for one in folder.iterdir()] == ["x.xmp"]


def test_an_exiftool_that_hangs_is_given_up(sidecar: Path) -> None:
    hanging = script(sidecar.parent, "exec sleep 60")
    with Writer(hanging, call_seconds=0.2) as writer, pytest.raises(WriteError, match="too long"):
        writer.write(sidecar, TITLED)
    assert sidecar.read_text() == XMP


def test_an_exiftool_that_dies_is_started_again(sidecar: Path) -> None:
    flag, real = sidecar.parent / "died", shutil.which("exiftool")
    once = script(sidecar.parent, f'[ -e {flag} ] && exec {real} "$@"\ntouch {flag}; read line')
    with Writer(once) as writer:
        with pytest.raises(WriteError, match="died"):
            writer.write(sidecar, TITLED)
        writer.write(sidecar, TITLED)
    assert read_tags(sidecar)["XMP-dc:Title"] == "title"


def test_a_file_that_is_refused_is_what_it_was_and_the_next_is_written(sidecar: Path) -> None:
    broken = sidecar.with_name("x.jpg")
    broken.write_bytes(b"\xff\xd8\xff\xe0 no picture")
    with Writer() as writer:
        with pytest.raises(WriteError):
            writer.write(broken, TITLED)
        writer.write(sidecar, TITLED)
    assert broken.read_bytes() == b"\xff\xd8\xff\xe0 no picture"
    assert sorted(one.name for one in sidecar.parent.iterdir()) == ["x.jpg", "x.xmp"]


def test_a_mark_that_was_cut_short_costs_only_itself(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.note("a", "recipe", "sha")
    content = (tmp_path / LEDGER).read_bytes()
    (tmp_path / LEDGER).write_bytes(content + b"z" * 32 + b"\n" + b"0" * 7)
    with Ledger(tmp_path) as ledger:
        assert ledger.knows("a", "recipe", "sha")
        assert not ledger.knows("a", "other recipe", "sha")
        ledger.note("b", "recipe", "sha")
    with Ledger(tmp_path) as ledger:
        assert ledger.knows("b", "recipe", "sha")
