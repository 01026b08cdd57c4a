"""What the documentation says of tariffs has to be true."""

from pathlib import Path
import re

import pytest

from custom_components.optivgi.bindings.tariffs.factory import PLATFORM_READERS
from custom_components.optivgi.bindings.tariffs.siblings import FAMILIES
from custom_components.optivgi.const import ESTIMATE_TRUST

TESTS = Path(__file__).parent
DOCS = (TESTS.parents[2] / "docs" / "tariffs.md").read_text()
ROWS = [line.split("|") for line in DOCS.splitlines() if line.startswith("| ") and "`test_" in line]


@pytest.mark.parametrize("platform", [*PLATFORM_READERS, *FAMILIES])
def test_every_integration_that_is_read_in_a_way_of_its_own_is_in_the_table(platform: str) -> None:
    assert any(f"`{platform}`" in row[1] for row in ROWS)


def test_tests_that_are_named_exist() -> None:
    named = set(re.findall(r"`(test_\w+\.py)`", DOCS))
    assert named
    assert {name for name in named if not (TESTS / name).exists()} == set()


def test_what_is_said_to_be_real_sets_up_the_integration() -> None:
    for row in ROWS:
        if row[4].strip() == "real":
            text = (TESTS / row[5].strip(" `")).read_text()
            assert "MockConfigEntry(" in text
            assert "mock_integration(home, MockModule(" not in text or "nordpool" in row[1]


def test_trust_in_estimates_is_the_documented_one() -> None:
    assert f"as {ESTIMATE_TRUST} of it" in DOCS
