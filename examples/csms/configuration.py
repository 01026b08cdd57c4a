"""What is known of a site beforehand: its wires, its chargers and its prices; read from TOML."""

from pathlib import Path
import tomllib
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

VOLTAGE_KV = 0.23
PHASES = 3


def kw_of(ampere: float) -> float:
    """Return what so many A on each of three phases are, in kW."""
    return ampere * VOLTAGE_KV * PHASES


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fuse(_Strict):
    """A part of the site with a fuse of its own; parent is the id of another, or the connection."""

    id: str
    limit_a: float = Field(gt=0)
    parent: str | None = None


class Charger(_Strict):
    """A three-phase charge point with one connector.

    Attributes:
        id: Its identity in OCPP.
        password: For basic authentication.
        circuit: Id of the fuse it hangs on; None for the connection.
        max_a: The most it can give, in A per phase.
    """

    id: str
    password: SecretStr
    circuit: str | None = None
    max_a: float = Field(default=16, ge=6, le=80)


class Configuration(_Strict):
    """A site.

    Attributes:
        limit_a: The main fuse, in A per phase.
        prices: Price of a kWh in each hour of the day in UTC, repeated every day.
        default_energy_kwh: For a car that nobody has announced,
        default_stay_h: and for how long it is assumed to stay.
        fuses: The fuses behind the main one.
        chargers: The charge points.
    """

    limit_a: float = Field(gt=0)
    prices: tuple[float, ...] = Field(min_length=24, max_length=24)
    default_energy_kwh: float = Field(default=20, gt=0, le=200)
    default_stay_h: float = Field(default=8, gt=0, le=48)
    fuses: tuple[Fuse, ...] = ()
    chargers: tuple[Charger, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _named_parts_exist(self) -> Self:
        fuses = {fuse.id for fuse in self.fuses}
        for name in [f.parent for f in self.fuses] + [c.circuit for c in self.chargers]:
            if name is not None and name not in fuses:
                raise ValueError(f"there is no fuse {name!r}")
        if len({charger.id for charger in self.chargers}) != len(self.chargers):
            raise ValueError("two chargers have the same id")
        return self

    def above(self, circuit: str | None) -> set[str]:
        """Return the ids of a fuse and of all between it and the connection."""
        parents = {fuse.id: fuse.parent for fuse in self.fuses}
        found: set[str] = set()
        while circuit is not None and circuit not in found:
            found.add(circuit)
            circuit = parents[circuit]
        return found


def read_configuration(path: Path) -> Configuration:
    """Read a site.

    Raises:
        OSError: There is no such file.
        ValueError: It is no TOML, or a field is missing, unknown or out of range.
    """
    return Configuration.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
