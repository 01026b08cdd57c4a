"""`scripts/demo --once --json` keeps its promise on a fresh Home Assistant."""

from datetime import datetime
import json
from pathlib import Path
import subprocess
import sys

import pytest

REPO = Path(__file__).resolve().parents[2]
TIMEOUT_S = 420


@pytest.mark.timeout(TIMEOUT_S + 30)
def test_demo_reports_chargers_that_follow_their_plan() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--once", "--json", "--port", "0"],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    result = json.loads(done.stdout)

    assert result["home_assistant"].startswith("2026.")
    assert result["boot_s"] > 0
    assert result["prices"] in {92, 96, 100, 188, 192, 196}
    assert result["solver"]["status"] == "optimal"
    assert result["solver"]["ms"] > 0
    site_kw = result["site"]["limit_kw"]
    assert site_kw == pytest.approx(17.25)
    assert 0 < result["site"]["planned_peak_kw"] <= site_kw

    chargers = {charger["name"]: charger for charger in result["chargers"]}
    assert set(chargers) == {"Garage", "Carport", "Courtyard"}
    assert chargers["Garage"]["limit_written"]["unit"] == "A"
    assert chargers["Carport"]["limit_written"]["unit"] == "W"
    assert chargers["Courtyard"]["profile"] == "confirmed"
    # One car may wait for the other; together they never pay more for it than a start or two.
    spared = sum(c["cost_if_charged_at_once"] - c["cost"] for c in chargers.values())
    assert spared >= -0.005 * sum(c["cost"] for c in chargers.values())
    for charger in chargers.values():
        assert charger["mode"] == "smart"
        assert charger["status"]
        assert charger["reason"]
        assert charger["energy_kwh"] > 0
        assert charger["cost"] > 0
        plan = charger["plan"]
        assert any(step["limit_kw"] > 0 for step in plan)
        for step in plan:
            assert datetime.fromisoformat(step["start"]) < datetime.fromisoformat(step["end"])
        charging = plan[0]["limit_kw"] > 0
        assert (charger["limit_written"]["value"] > 0) == charging
        assert (charger["power_kw"] > 1) == charging
