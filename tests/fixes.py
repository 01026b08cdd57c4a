"""Goes the way out of an issue as a person does, through the flow that Repairs opens."""

from collections.abc import Collection
from typing import Any

from homeassistant.components.repairs.const import DOMAIN as REPAIRS_DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.optivgi.const import DOMAIN

from .house import ENGLISH, House, named_in


def issue_of(hass: HomeAssistant, text: str) -> ir.IssueEntry | None:
    """Return the issue with a text; None for none."""
    issues = ir.async_get(hass).issues.values()
    return next((one for one in issues if one.translation_key == text and one.active), None)


class Fix:
    """The way out of an issue, as a person goes it."""

    def __init__(
        self, house: House, text: str, *, hidden: Collection[str] = (), lasts: bool = False
    ) -> None:
        """Begin with nothing.

        Args:
            house: Where it is.
            text: The text of the issue.
            hidden: What its menu does not offer here.
            lasts: It is still so after that, and reported at once.
        """
        self._house, self.hass, self._text = house, house.hass, text
        self._hidden, self._lasts = frozenset(hidden), lasts
        self.result: dict[str, Any] = {}

    async def async_begin(self) -> str:
        """Open it; return its first step."""
        issue = issue_of(self.hass, self._text)
        assert issue is not None
        assert issue.is_fixable
        assert await async_setup_component(self.hass, REPAIRS_DOMAIN, {})
        return await self._async_show(
            await self._flows.async_init(DOMAIN, context={"issue_id": issue.issue_id})
        )

    @property
    def _flows(self) -> Any:
        return self.hass.data[REPAIRS_DOMAIN]["flow_manager"]

    async def async_choose(self, option: str) -> str:
        """Choose from a menu."""
        return await self.async_enter({"next_step_id": option})

    async def async_enter(self, entered: dict[str, Any]) -> str:
        """Submit a form; return the next step."""
        flow_id = self.result["flow_id"]
        return await self._async_show(await self._flows.async_configure(flow_id, entered))

    async def _async_show(self, result: dict[str, Any]) -> str:
        self.result = result
        if result["type"] is FlowResultType.CREATE_ENTRY:
            await self._house.async_settle()
            await self._house.async_settle()
            assert (issue_of(self.hass, self._text) is None) is not self._lasts
            return ""
        flow = ENGLISH["issues"][self._text]["fix_flow"]
        if result["type"] is FlowResultType.ABORT:
            reason = str(result["reason"])
            named = named_in(flow["abort"][reason])
            assert named <= (result.get("description_placeholders") or {}).keys()
            assert issue_of(self.hass, self._text) is not None
            return reason
        step_id = str(result["step_id"])
        texts = flow["step"][step_id]
        named = named_in(texts["title"] + texts["description"])
        errors = (result.get("errors") or {}).values()
        named = named.union(*(named_in(flow["error"][error]) for error in errors))
        assert named <= result["description_placeholders"].keys()
        if result["type"] is FlowResultType.MENU:
            assert set(result["menu_options"]) == texts["menu_options"].keys() - self._hidden
            offered = "".join(texts["menu_options"][option] for option in result["menu_options"])
            assert named_in(offered) <= result["description_placeholders"].keys()
        else:
            assert {str(key) for key in result["data_schema"].schema} == texts["data"].keys()
        return step_id


async def async_fix(house: House, text: str, way: str, *, lasts: bool = False) -> Fix:
    """Choose what is to be done about an issue, and see that it is over or an abort says why not.

    Args:
        house: Where it is.
        text: The text of the issue.
        way: What is chosen from its menu.
        lasts: It is still so after that, and reported at once.
    """
    fix = Fix(house, text, lasts=lasts)
    assert await fix.async_begin() == "init"
    await fix.async_choose(way)
    return fix
