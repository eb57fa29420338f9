"""Retry delays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from photo_factory.stage import Retry

pytestmark = pytest.mark.unit


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_delay_never_exceeds_the_cap_and_never_vanishes(failures: int, draw: float) -> None:
    retry = Retry(base_seconds=30, cap_seconds=600)
    assert 15 <= retry.delay_seconds(failures, lambda: draw) <= 600


@given(st.integers(1, 9), st.floats(0, 1))
def test_a_delay_doubles_until_the_cap(failures: int, draw: float) -> None:
    retry = Retry(base_seconds=1, cap_seconds=10_000)
    first, second = (retry.delay_seconds(n, lambda: draw) for n in (failures, failures + 1))
    assert second == pytest.approx(2 * first)
