"""The central system of examples/csms, as clients and fifty charge points see it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
import sys
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSServerHandshakeError
import pytest

from .charge_points import CarPark, Simulated16, Simulated201, SimulatedPoint
from .empty_venv import ROOT

TOKEN = "a token"  # noqa: S105 - of this test
MAIN_A, LEVEL_A = 100, 63
NAMES = [f"CP-{number}" for number in range(50)]
LEVELS = {"level 1": NAMES[:25], "level 2": NAMES[25:]}
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def site_toml(names: list[str]) -> str:
    """Return a site with chargers on two levels behind one fuse."""
    prices = [0.2 + 0.01 * (hour % 12) for hour in range(24)]
    parts = [f"limit_a = {MAIN_A}\nprices = {prices}\ndefault_energy_kwh = 10\n"]
    parts += [f'[[fuses]]\nid = "{level}"\nlimit_a = {LEVEL_A}\n' for level in LEVELS]
    for name in names:
        level = next(level for level, behind in LEVELS.items() if name in behind)
        parts.append(f'[[chargers]]\nid = "{name}"\npassword = "of {name}"\ncircuit = "{level}"\n')
    return "\n".join(parts)


class Stand:
    """A central system that runs, a client of its API, and charge points."""

    def __init__(self, address: str, client: ClientSession) -> None:
        """Begin without charge points."""
        self.address = address
        self.client = client
        self.park = CarPark(
            {**{k: (LEVEL_A, v) for k, v in LEVELS.items()}, "all": (MAIN_A, NAMES)}
        )
        self.live: ClientWebSocketResponse | None = None

    async def add(self, name: str) -> SimulatedPoint:
        """Connect a charge point; every second one is of OCPP 1.6."""
        kind = Simulated201 if NAMES.index(name) % 2 else Simulated16
        point = kind(name, self.park)
        await point.connect(self.client, self.address, f"of {name}")
        return point

    async def add_all(self, *names: str) -> list[SimulatedPoint]:
        """Connect charge points and wait until each holds a profile."""
        points = list(await asyncio.gather(*(self.add(name) for name in names)))
        await self.until(lambda chargers: all(chargers[name]["holds"] for name in names))
        self.park.watched = True
        return points

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask the API; return the status and what it answers."""
        url = self.address + path
        async with self.client.request(method, url, json=body, headers=BEARER) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await (answer.json() if is_json else answer.text())

    async def until(self, holds: Callable[[Any], bool], path: str = "/chargers") -> Any:
        """Wait until what the API shows is as it should be, a notification at a time."""
        if self.live is None:
            self.live = await self.client.ws_connect(f"{self.address}/live", headers=BEARER)
        async with asyncio.timeout(20):
            while True:
                status, shown = await self.ask("GET", path)
                if status == 200 and holds(shown):
                    return shown
                await self.live.receive_json()

    async def planned(self, *names: str) -> Any:
        """Wait for a plan of exactly these cars, and until all chargers hold it."""
        return await self.until(lambda plan: set(plan["evs"]) == set(names), "/plan")


@pytest.fixture
async def start(socket_enabled: None, tmp_path: Path) -> AsyncGenerator[Callable[[list[str]], Any]]:
    """Return what starts a central system for some chargers."""
    running: list[asyncio.subprocess.Process] = []
    stands: list[Stand] = []

    async def begin(names: list[str]) -> Stand:
        file = tmp_path / "site.toml"
        file.write_text(site_toml(names))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "examples.csms", str(file), "--port", "0"),
            cwd=ROOT,
            env=os.environ | {"CSMS_TOKEN": TOKEN},
            stdout=asyncio.subprocess.PIPE,
        )
        running.append(process)
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        stands.append(Stand(line.split()[-1], ClientSession()))
        return stands[-1]

    yield begin
    for stand in stands:
        for point in stand.park.points.values():
            await point.disconnect()
        if stand.live is not None:
            await stand.live.close()
        await stand.client.close()
    for process in running:
        process.terminate()
        assert await process.wait() == 0


async def test_fifty_charge_points_share_one_fuse_tree(start: Callable[..., Any]) -> None:
    stand = await start(NAMES)
    points = await stand.add_all(*NAMES)
    assert all(point.limit_a(datetime.now(UTC)) == 0 for point in points)
    await asyncio.gather(*(point.plug_in() for point in points))
    plan = await stand.planned(*NAMES)
    # 50 cars of 10 kWh within 8 hours: 62.5 kW of the 69 kW that the main fuse carries.
    assert plan["algorithm"] == "optimal"
    assert max(ev["shortfall_kwh"] for ev in plan["evs"].values()) < 0.01
    begin = datetime.fromisoformat(plan["start"]) + timedelta(minutes=20)

    def follow(chargers: Any) -> bool:
        ends = begin + timedelta(hours=12)
        moments = [begin + timedelta(minutes=15 * n) for n in range(47)]
        taken = [any(p.limit_a(m) >= 6 for m in moments) for p in points]
        return all(taken) and not any(point.limit_a(ends) for point in points)

    await stand.until(follow)
    await asyncio.gather(*(point.unplug() for point in points))
    await stand.planned()
    await stand.until(lambda _: not any(p.limit_a(datetime.now(UTC)) for p in points))
    assert stand.park.overloads == []


async def test_who_refuses_or_is_gone_keeps_its_room(start: Callable[..., Any]) -> None:
    names = NAMES[:6]
    stand = await start(names)
    points = await stand.add_all(*names)
    now = datetime.now(UTC)
    asked = {"energy_kwh": 80, "departure": (now + timedelta(hours=4)).isoformat()}

    async def plug_in(point: SimulatedPoint) -> None:
        """Begin a session that is short of time, so that each car takes what there is."""
        await point.plug_in()
        assert (await stand.ask("PUT", f"/sessions/{point.identity}", asked))[0] == 200

    for point in points[:3]:
        await plug_in(point)
    await stand.until(lambda _: all(p.limit_a(datetime.now(UTC)) == 16 for p in points[:3]))
    points[0].refuses = True
    await points[1].disconnect()
    for point in points[3:5]:
        await plug_in(point)
    # Two times 16 A of the 63 A of their level cannot be changed; the others share the rest.
    chargers = await stand.until(
        lambda _: sum(p.limit_a(datetime.now(UTC)) for p in points[2:5]) > 30
    )
    assert not chargers["CP-1"]["connected"]
    assert not chargers["CP-0"]["obeys"]
    assert [p.limit_a(now) for p in points[:2]] == [16, 16]
    assert stand.park.overloads == []


async def test_a_reservation_becomes_the_session(start: Callable[..., Any]) -> None:
    stand = await start(NAMES[:2])
    await stand.add_all(*NAMES[:2])
    arrival = datetime.now(UTC) + timedelta(hours=1)
    asked = {
        "charger": "CP-0",
        "arrival": arrival.isoformat(),
        "departure": (arrival + timedelta(hours=3)).isoformat(),
        "energy_kwh": 17,
    }
    assert await stand.ask("POST", "/reservations", asked) == (201, {"id": 1})
    assert (await stand.ask("POST", "/reservations", asked))[0] == 409
    plan = await stand.planned("reservation 1")
    assert plan["evs"]["reservation 1"]["limit_kw"][:3] == [0, 0, 0]
    point = stand.park.points["CP-0"]
    assert isinstance(point, Simulated16)
    await point.plug_in()
    await stand.planned("CP-0")
    await point.measure(5000 + 4000)
    chargers = await stand.until(lambda c: c["CP-0"]["session"]["delivered_kwh"] == 4)
    assert chargers["CP-0"]["session"]["energy_kwh"] == 17
    assert await stand.ask("GET", "/reservations") == (200, {})


async def test_nobody_comes_in_without_a_token_or_a_password(start: Callable[..., Any]) -> None:
    stand = await start(NAMES[:2])
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = await stand.client.get(f"{stand.address}/plan", headers=headers)
        assert answer.status == 401
        with pytest.raises(WSServerHandshakeError, match="401"):
            await stand.client.ws_connect(f"{stand.address}/live", headers=headers)
    for name, password in (("CP-0", "of CP-1"), ("CP-7", "of CP-7"), ("CP-0", "")):
        with pytest.raises(WSServerHandshakeError, match="401"):
            await Simulated16(name, CarPark({})).connect(stand.client, stand.address, password)


WRONG: list[tuple[str, str, Any, int, str]] = [
    ("PUT", "/sessions/CP-0", {"energy_kwh": -1}, 400, "energy_kwh: "),
    ("PUT", "/sessions/CP-0", {"energy_kwh": 5, "departure": "2026-01-01"}, 400, "departure: "),
    ("PUT", "/sessions/CP-0", {"energy_kwh": 5, "departure": "2099-01-01T00:00Z"}, 409, "there"),
    ("POST", "/reservations", {"power": 3}, 400, "power: "),
    ("DELETE", "/reservations/5", None, 404, ""),
]


async def test_what_is_wrong_is_refused_and_named(start: Callable[..., Any]) -> None:
    stand = await start(NAMES[:1])
    for method, path, body, status, begin in WRONG:
        answered, text = await stand.ask(method, path, body)
        assert answered == status
        assert text.startswith(begin)
