from datetime import datetime
from pathlib import Path

import pytest
from backup.stage import NOT_CONFIGURED, STAGE, process
from photo_factory.errors import Transient
from photo_factory.models import Asset
from photo_factory.settings import Settings
from photo_factory.stage import Context

pytestmark = pytest.mark.unit


def test_the_stage_says_why_it_cannot_run() -> None:
    assert STAGE.requirement(Settings()) == NOT_CONFIGURED


def test_an_asset_that_comes_here_anyway_is_not_called_backed_up() -> None:
    noon = datetime(2024, 5, 17, 12)  # noqa: DTZ001 - local wall-clock time by design
    asset = Asset(1, "ab" * 32, "2024/a.jpg", "photo", "image/jpeg", 1000, noon, None)
    with pytest.raises(Transient, match=r"2024/a\.jpg: No backup target") as raised:
        process(asset, Context(Path("library"), Path("scratch"), Settings()))
    assert raised.value.code == "backup_not_configured"
