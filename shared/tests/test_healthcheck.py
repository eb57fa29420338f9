import os
import subprocess
import sys
from pathlib import Path

import pytest
from photo_factory.healthcheck import judge, main

pytestmark = pytest.mark.unit


def touched(folder: Path, at: float) -> Path:
    file = folder / "health"
    file.touch()
    os.utime(file, (at, at))
    return file


def test_a_loop_that_has_not_finished_a_turn_is_not_ready(tmp_path: Path) -> None:
    healthy, sentence = judge(tmp_path / "health", 10, now=100)
    assert not healthy
    assert "first turn" in sentence


def test_a_loop_that_finished_a_turn_lately_is_alive(tmp_path: Path) -> None:
    assert judge(touched(tmp_path, at=95), 10, now=100)[0]


def test_a_loop_that_stopped_taking_turns_hangs(tmp_path: Path) -> None:
    healthy, sentence = judge(touched(tmp_path, at=80), 10, now=100)
    assert not healthy
    assert "20 s ago" in sentence


def test_a_clock_that_was_set_back_makes_no_loop_sick(tmp_path: Path) -> None:
    healthy, sentence = judge(touched(tmp_path, at=500), 10, now=100)
    assert healthy
    assert "-" not in sentence


def test_the_command_needs_to_know_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PF_HEALTH_FILE", raising=False)
    assert main([]) == 2


def test_the_command_answers_by_its_exit_code(tmp_path: Path) -> None:
    file = tmp_path / "health"
    command = [sys.executable, "-m", "photo_factory.healthcheck", "--max-age", "60"]
    environment = {**os.environ, "PF_HEALTH_FILE": str(file)}
    assert subprocess.run(command, env=environment, check=False).returncode == 1
    file.touch()
    assert subprocess.run(command, env=environment, check=False).returncode == 0
