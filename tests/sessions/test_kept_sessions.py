"""All sessions that are kept: bounded, added up, and forgotten where that is asked for."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.optivgi.sessions import history as kept
from custom_components.optivgi.sessions.history import SessionHistory
from custom_components.optivgi.sessions.record import SessionRecord
from custom_components.optivgi.sessions.sums import Sums

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def record(end: datetime, kwh: float, vehicle: str | None = "zoe") -> SessionRecord:
    return SessionRecord(
        id=end.isoformat(),
        charger_id="garage",
        charger="Garage",
        vehicle_id=vehicle,
        begin=end - timedelta(hours=8),
        end=end,
        months={f"{end:%Y-%m}": Sums(grid_kwh=kwh, cost=0.3 * kwh, cost_at_once=0.4 * kwh)},
    )


def test_older_sessions_become_sums_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_SESSIONS", 10)
    history = SessionHistory()
    for day in range(60):
        history.add(record(NOW - timedelta(days=60 - day), 1.0 + day), NOW, UTC)
    assert len(history.sessions) == 10
    # One row for each month, whatever many sessions.
    assert sorted(row.month for row in history.rows) == ["2026-09", "2026-10", "2026-11"]
    rows = list(history.by_month(lambda _: True, UTC))
    whole = sum(range(1, 61))
    assert sum(row.sums.kwh for row in rows) == pytest.approx(whole)
    assert sum(row.sessions for row in rows) == 60
    for owner in ("", "garage", "zoe"):
        assert history.totals[owner].kwh == pytest.approx(whole)
        assert history.totals[owner].saved == pytest.approx(0.1 * whole)


def test_after_24_months_sessions_are_forgotten_and_totals_stay() -> None:
    history = SessionHistory()
    history.add(record(NOW - timedelta(days=800), 5.0), NOW - timedelta(days=800), UTC)
    history.add(record(NOW - timedelta(days=700), 7.0), NOW - timedelta(days=700), UTC)
    history.add(record(NOW, 9.0), NOW, UTC)
    assert [one.sums.kwh for one in history.sessions] == [7.0, 9.0]
    assert history.totals["garage"].kwh == pytest.approx(21.0)


def test_sessions_of_a_car_are_deleted_from_sums_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_SESSIONS", 2)
    history = SessionHistory()
    for day in range(6):
        vehicle = "zoe" if day % 2 else "leaf"
        history.add(record(NOW + timedelta(days=day), 2.0, vehicle), NOW, UTC)
    deleted = history.delete(lambda row: row.vehicle_id == "zoe", {"zoe"}, NOW)
    assert deleted == 3
    assert {row.vehicle_id for row in history.by_month(lambda _: True, UTC)} == {"leaf"}
    assert "zoe" not in history.totals
    assert history.reset_at == {"zoe": NOW}
    assert history.totals["garage"].kwh == pytest.approx(12.0)
