"""Pictures of the forms that set each feature up, for its page in the documentation."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from playwright.sync_api import Locator, Page

from .browser import settle, wait_until_logged_in
from .newcomer import TEXTS


class Feature(NamedTuple):
    """Where a feature is set up.

    Attributes:
        name: What its picture is called.
        part: The kind of a part of the site; None for the site itself.
        section: The section of the form; None for all of it.
        field: The field of that section; None for all of it.
    """

    name: str
    part: str | None
    section: str | None
    field: str | None = None


FEATURES: Final = (
    Feature("circuits", "circuit", None),
    Feature("battery", "battery", None),
    Feature("battery-charge", "battery", "charge"),
    Feature("phases", "charger", "phase_switching"),
    Feature("giving-back", "charger", "control", "discharges"),
    Feature("charging-options", "vehicle", "options"),
    Feature("peaks", "peak_tariff", None),
    Feature("site-limit", None, "limits"),
    Feature("co2", None, "co2"),
    Feature("algorithm", None, "planning"),
)


def show_features(page: Page, url: str, look: Callable[[str, Locator], None]) -> None:
    """Show each form, to have a picture taken; what the house does not have is left out."""
    for feature in FEATURES:
        page.goto(f"{url}/config/integrations/integration/optivgi")
        wait_until_logged_in(page)
        settle(page, 2_500)
        if not _open(page, feature):
            continue
        settle(page, 2_500)
        shown = page.get_by_role("dialog").last
        if feature.section is not None:
            title = _sections(feature)[feature.section]["name"]
            page.get_by_text(title, exact=True).last.click()
            shown = page.locator("ha-expansion-panel", has_text=title).last
            settle(page, 1_000)
        if feature.section is not None and feature.field is not None:
            label = _sections(feature)[feature.section]["data"][feature.field]
            shown = page.locator("ha-selector", has_text=label).last
        # Nothing is to look as if it were pointed at.
        page.mouse.move(1, 1)
        settle(page, 500)
        look(feature.name, shown)


def _sections(feature: Feature) -> dict[str, Any]:
    step: dict[str, Any] = TEXTS["config"]["step"]
    if feature.part is not None:
        step = TEXTS["config_subentries"][feature.part]["step"]
    sections: dict[str, Any] = step["reconfigure"]["sections"]
    return sections


def _open(page: Page, feature: Feature) -> bool:
    """Open the form of a feature; return whether there is one."""
    if feature.part is None:
        page.get_by_role("button", name="Menu").nth(1).click()
        page.get_by_role("menuitem", name="Reconfigure").click()
        return True
    change = TEXTS["config_subentries"][feature.part]["initiate_flow"]["reconfigure"]
    button = page.get_by_role("button", name=change, exact=True)
    if not button.count():
        return False
    button.first.click()
    return True
