"""Runs in Opti-VGI's own environment: lets its PulpNumericalAlgorithm plan what stdin says.

Stands alone, as nothing else of this repository can be imported there. Reads one JSON object:
``limit_kw`` and ``cars`` with ``arrival_min``, ``departure_min``, ``energy_kwh`` and
``max_power_kw``, and ``runs``. Prints the seconds of each run, the power per car and minute in
kW, and the versions.
"""

from datetime import UTC, datetime, timedelta
from importlib import import_module, metadata
import json
import sys
import time


def main() -> None:
    """Plan, and print how it went."""
    # By name: these packages are in that environment only.
    algorithms = import_module("optivgi.scm.pulp_numerical_algorithm")
    model = import_module("optivgi.scm.ev")
    constants = import_module("optivgi.scm.constants").AlgorithmConstants
    given = json.load(sys.stdin)
    now = datetime(2026, 11, 21, 18, tzinfo=UTC)
    seconds = []
    for _ in range(given["runs"]):
        evs = [
            model.EV(
                ev_id=index,
                active=True,
                station_id=index,
                connector_id=1,
                min_power=0.0,
                max_power=car["max_power_kw"],
                arrival_time=now + timedelta(minutes=car["arrival_min"]),
                departure_time=now + timedelta(minutes=car["departure_min"]),
                energy=car["energy_kwh"],
            )
            for index, car in enumerate(given["cars"])
        ]
        limits = [given["limit_kw"]] * constants.TIMESTEPS
        algorithm = algorithms.PulpNumericalAlgorithm(evs, limits, now)
        begin = time.perf_counter()
        algorithm.calculate()
        seconds.append(time.perf_counter() - begin)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "power_kw": [ev.power for ev in evs],
                "versions": {name: metadata.version(name) for name in ("optivgi", "pulp")},
            }
        )
    )


if __name__ == "__main__":
    main()
