from pathlib import Path

import pytest
from thumbnails import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """Folders in which a test makes originals and the thumbnailer's function its pictures."""
    folder, scratch = tmp_path / "library", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    return Workshop(folder, scratch)
