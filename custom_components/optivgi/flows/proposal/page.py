"""The page that proposes a whole site, and what is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
import voluptuous as vol

from ...const import (
    CONF_BATTERY_KWH,
    CONF_FUSE_A,
    CONF_PHASES,
    CONF_POWER_COVERS,
    CONF_PRICE,
    CONF_PRICE_FACTOR,
    CONF_PRICE_OFFSET,
    CONF_PRICE_SOURCE,
    CONF_VOLTAGE,
    DEFAULT_VOLTAGE,
    PHASE_ENTITIES,
    SUBENTRY_BATTERY,
    SUBENTRY_CHARGER,
    SUBENTRY_VEHICLE,
    PowerCovers,
    PriceSource,
)
from ..fields import PHASES_FIELD, Refusal, number_field
from .elsewhere import look_elsewhere
from .find import Find, FindKind
from .house import async_look_around
from .texts import ProposalTexts, async_proposal_texts

CONF_FOUND: Final = "found"
CAR_SCHEMA: Final = vol.Schema({vol.Required(CONF_BATTERY_KWH): number_field(1, 1000, "kWh")})
"""What a car does not say of itself."""
_OF_SITE: Final = {FindKind.PRICES, FindKind.METER, FindKind.SOLAR}
_SUBENTRIES: Final = {
    FindKind.BATTERY: SUBENTRY_BATTERY,
    FindKind.CHARGER: SUBENTRY_CHARGER,
    FindKind.VEHICLE: SUBENTRY_VEHICLE,
}


@dataclass(frozen=True)
class Proposal:
    """What was found in the house, to be taken as it is or in parts.

    Attributes:
        finds: All of it.
        known: What another integration knows of the connection, as the form of a site has it.
        texts: Writes it.
    """

    finds: tuple[Find, ...]
    texts: ProposalTexts
    known: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether there is a charger, without which there is no site."""
        return any(find.usable and find.kind is FindKind.CHARGER for find in self.finds)

    @property
    def described(self) -> dict[str, str]:
        """What the texts of the page name."""
        return {
            "found": self.texts.list(self.finds),
            "evidence": self.texts.evidence(self.finds),
        }

    @property
    def connection(self) -> dict[str, Any]:
        """The fields of the site that are known, or follow from prices and meter."""
        kinds = (FindKind.PRICES, FindKind.METER)
        found = self._of_site({find.key for find in self._usable if find.kind in kinds})
        return {**self.known, **found}

    @property
    def _usable(self) -> list[Find]:
        return [find for find in self.finds if find.usable]

    def schema(self, name: str) -> vol.Schema:
        """Return the page: what is missing, and what was found, all of it chosen.

        Args:
            name: What the site is called until somebody says otherwise.
        """
        data = self._of_site({find.key for find in self._usable})
        fields: dict[Any, Any] = {
            vol.Required(CONF_NAME, default=name): TextSelector(),
            # One that is required would begin with its minimum.
            vol.Optional(CONF_FUSE_A): number_field(1, 10_000, "A"),
            vol.Required(CONF_PHASES, default=data.get(CONF_PHASES, "3")): PHASES_FIELD,
        }
        if CONF_PRICE_SOURCE not in data:
            fields[vol.Optional(CONF_PRICE)] = number_field(None, 1000)
        options = [
            SelectOptionDict(value=find.key, label=self.texts.label(find)) for find in self._usable
        ]
        everything = [find.key for find in self._usable]
        fields[vol.Required(CONF_FOUND, default=everything)] = SelectSelector(
            SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST)
        )
        return vol.Schema(fields)

    def _of_site(self, chosen: set[str]) -> dict[str, Any]:
        """Return the fields of the site that follow from what was chosen."""
        data: dict[str, Any] = {}
        for find in self._usable:
            if find.kind in _OF_SITE and find.key in chosen:
                data |= find.data
        return data

    def site(self, entered: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings of the site, as its own form would have them entered."""
        site = self._of_site(set(entered[CONF_FOUND])) | {
            CONF_NAME: entered[CONF_NAME],
            CONF_PHASES: entered[CONF_PHASES],
            CONF_VOLTAGE: DEFAULT_VOLTAGE,
            CONF_POWER_COVERS: PowerCovers.GRID,
        }
        if CONF_FUSE_A in entered:
            site[CONF_FUSE_A] = entered[CONF_FUSE_A]
        if entered[CONF_PHASES] == "1":
            # Its sensors of phases are for three.
            site = {key: value for key, value in site.items() if key not in PHASE_ENTITIES}
        if CONF_PRICE_SOURCE not in site and CONF_PRICE in entered:
            adjusted = {CONF_PRICE_FACTOR: 1.0, CONF_PRICE_OFFSET: 0.0}
            price = {CONF_PRICE_SOURCE: PriceSource.CONSTANT, CONF_PRICE: entered[CONF_PRICE]}
            site |= price | adjusted
        site.setdefault(CONF_PRICE_SOURCE, PriceSource.LATER)
        return site

    def check(self, entered: Mapping[str, Any]) -> Refusal | None:
        """Return what is missing where something found was left out; None where nothing is."""
        chosen = [find for find in self._usable if find.key in entered[CONF_FOUND]]
        if not any(find.kind is FindKind.CHARGER for find in chosen):
            return CONF_FOUND, "charger_left_out", {}
        return None

    def cars_without_capacity(self, entered: Mapping[str, Any]) -> list[Find]:
        """Return the cars that were chosen and do not say how much their batteries hold."""
        return [
            find
            for find in self._usable
            if find.kind is FindKind.VEHICLE
            and find.key in entered[CONF_FOUND]
            and CONF_BATTERY_KWH not in find.data
        ]

    def subentries(
        self, entered: Mapping[str, Any], capacities: Mapping[str, float]
    ) -> list[ConfigSubentryData]:
        """Return the chargers and cars that were chosen.

        Args:
            entered: What was entered in the page.
            capacities: How much the batteries of cars hold in kWh, by the keys of the finds.
        """
        names: set[str] = set()
        found = []
        for find in self._usable:
            if find.kind not in _SUBENTRIES or find.key not in entered[CONF_FOUND]:
                continue
            data = dict(find.data)
            if find.kind is FindKind.CHARGER:
                data[CONF_PHASES] = min(data[CONF_PHASES], entered[CONF_PHASES])
            if find.key in capacities:
                data[CONF_BATTERY_KWH] = capacities[find.key]
            title, number = find.name, 2
            while title.casefold() in names:
                title, number = f"{find.name} {number}", number + 1
            names.add(title.casefold())
            found.append(
                ConfigSubentryData(
                    data=data,
                    subentry_type=_SUBENTRIES[find.kind],
                    title=title,
                    unique_id=None,
                )
            )
        return found


async def async_propose(hass: HomeAssistant) -> Proposal:
    """Look through the house."""
    elsewhere = look_elsewhere(hass)
    finds = tuple(await async_look_around(hass, elsewhere))
    return Proposal(finds, await async_proposal_texts(hass), elsewhere.connection)
