"""OptiVGI: plans and drives the charging of every EV at a site."""

import asyncio

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import (
    ConfigEntryError,
    ConfigEntryNotReady,
    UnsupportedStorageVersionError,
)
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    issue_registry as ir,
)
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util

from .accounts.backtester import Backtester
from .accounts.past_weeks import PastWeeks
from .accounts.shown import ShownAccounts
from .accounts.site_accounts import SiteAccounts
from .actions.at_chargers import async_setup_charger_services
from .actions.backtest import async_setup_backtest_service
from .actions.departures import async_setup_departure_services
from .actions.explain import async_setup_explain_service
from .actions.plan import async_setup_services
from .actions.reservations import async_setup_reservation_services
from .actions.sessions import async_setup_session_services
from .actions.what_if import async_setup_what_if_service
from .bindings.bound_entities import (
    async_follow_renames,
    async_forget_removed_entities,
    async_watch_bound_entities,
)
from .bindings.tariffs import TariffError, async_create_export_tariff, async_create_tariff
from .bindings.tariffs.co2 import Co2Intensity
from .bindings.unknown_words import async_forget_unknown_words, async_watch_unknown_words
from .card import async_remove_card, async_setup_card
from .const import CONF_ALGORITHM, CONF_CO2_ENTITY, CONF_OBSERVE, DOMAIN
from .control.car_limits import CarLimits
from .control.controller import Controller
from .control.meter_watch import meter_issue_ids
from .control.operator_watch import operator_issue_id
from .control.part_issues import async_forget_issues_of
from .control.rivals import rival_issue_id
from .coordinator import OptivgiCoordinator
from .entity import site_device
from .explain.news import ChargerNews
from .explain.observe_watch import ObserveWatch, observing_issue_id
from .explain.past import PastHours
from .explain.readiness_watch import ReadinessWatch, shortage_issue_id
from .explain.reason_texts import ReasonTexts
from .explain.session_news import SessionNews
from .planning.price_watch import PriceWatch, price_issue_ids
from .planning.prices import PriceFeed
from .planning.what_if import WhatIf
from .runtime import OptivgiConfigEntry, OptivgiRuntime
from .scheduler.runner import algorithms_after
from .settings.memory import MemoryStore
from .settings.session_store import SessionStore
from .site.lost_circuits import (
    async_hang_anew,
    async_rehang,
    lost_circuit_issue_id,
)
from .site.site import Site
from .websocket import async_setup_websocket

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.DATETIME,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.TIME,
]


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, and the command that shows plans."""
    async_setup_services(hass)
    async_setup_departure_services(hass)
    async_setup_charger_services(hass)
    async_setup_reservation_services(hass)
    async_setup_session_services(hass)
    async_setup_what_if_service(hass)
    async_setup_explain_service(hass)
    async_setup_backtest_service(hass)
    async_setup_websocket(hass)
    return True


async def _async_bind_prices(
    hass: HomeAssistant, entry: OptivgiConfigEntry, store: MemoryStore
) -> tuple[PriceFeed, PriceWatch]:
    """Bind what prices and CO2 come from, and what reports that somebody has to set them.

    Raises:
        ConfigEntryError: The source is not one any more.
    """
    try:
        tariff = await async_create_tariff(hass, entry.data)
        export_tariff = await async_create_export_tariff(hass, entry.data)
    except TariffError as err:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key=err.reason,
            translation_placeholders=err.placeholders,
        ) from err
    co2_entity = entry.data.get(CONF_CO2_ENTITY)
    co2 = None if co2_entity is None else Co2Intensity(hass, co2_entity)
    prices = PriceFeed(hass, store, tariff, entry.data, export_tariff, co2=co2)
    return prices, PriceWatch(hass, entry, tariff, export_tariff)


async def async_setup_entry(hass: HomeAssistant, entry: OptivgiConfigEntry) -> bool:
    """Set up a site: plan at once, drive the chargers once Home Assistant has started."""
    if hass.is_stopping:
        # Nothing would remove the listener again.
        raise ConfigEntryNotReady
    store, sessions = await _async_load_kept(hass, entry)
    async_follow_renames(hass, entry, store.memory.entities)
    async_hang_anew(hass, entry)
    site = Site(hass, entry, store)
    controller = Controller(hass, entry, site)

    async def reload(hass: HomeAssistant, entry: OptivgiConfigEntry) -> None:
        """Follow a change of the site, its chargers or its vehicles.

        A charger that is no more, or is driven in another way from now on, keeps a limit that is
        safe.
        """
        await _async_leave_to_others(entry, site, controller)
        async_rehang(hass, entry, site.circuits)
        hass.config_entries.async_schedule_reload(entry.entry_id)

    # As soon as the entry has been read: what is added while the first plan is made counts, too.
    entry.async_on_unload(entry.add_update_listener(reload))
    entry.async_on_unload(_changes_forgotten(hass, entry))
    prices, watch = await _async_bind_prices(hass, entry, store)
    coordinator = OptivgiCoordinator(hass, entry, site, prices, controller.follow)
    what_if = WhatIf(hass, site)
    backtester = Backtester(
        hass,
        PastWeeks(hass, site, prices, entry.data, sessions.history),
        algorithms_after(entry.data.get(CONF_ALGORITHM)),
    )
    for end_of in (coordinator, what_if, backtester):
        entry.async_on_unload(end_of.async_end)

    async def make_safe(_: Event) -> None:
        await controller.async_make_safe()

    async def end(_: Event) -> None:
        # Entries are not unloaded when Home Assistant stops, and threads keep it from ending.
        await asyncio.gather(coordinator.async_end(), what_if.async_end(), backtester.async_end())

    # Before the first plan: Home Assistant may stop while that is made.
    for listener in (make_safe, end):
        entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, listener))
    # Not the first refresh that gives up on failure: chargers need somebody even without a plan.
    await coordinator.async_refresh()

    texts = ReasonTexts(hass)
    await texts.async_load()
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, **site_device(entry)
    )
    coordinator.is_new = ChargerNews(site.points, controller.states, texts).is_new
    accounts = SiteAccounts(site, prices, controller.states, sessions, lambda: coordinator.data)
    entry.runtime_data = OptivgiRuntime(
        site=site,
        site_device_id=device.id,
        coordinator=coordinator,
        controller=controller,
        texts=texts,
        sessions=sessions,
        accounts=accounts,
        what_if=what_if,
        backtester=backtester,
        shown=_show_accounts(entry, accounts, coordinator, SessionNews(hass, entry, texts)),
        past=PastHours(coordinator),
    )
    entry.async_on_unload(coordinator.async_add_listener(entry.runtime_data.past.note))
    readiness = ReadinessWatch(hass, entry.entry_id, site, coordinator, texts)
    entry.async_on_unload(coordinator.async_add_listener(readiness.look))
    entry.async_on_unload(coordinator.async_add_listener(CarLimits(hass, entry, site).look))
    watch.look()
    entry.async_on_unload(coordinator.async_add_listener(watch.look))
    entry.async_on_unload(texts.async_follow_language(coordinator.async_update_listeners))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    async_setup_card(hass)

    @callback
    def start(hass: HomeAssistant) -> None:
        # Other integrations' entities come late: what was planned before may have missed them.
        entry.async_on_unload(coordinator.async_start())
        entry.async_on_unload(controller.async_start(coordinator.async_take_up))
        coordinator.async_replan_soon()

    entry.async_on_unload(async_at_started(hass, start))
    entry.async_on_unload(async_watch_bound_entities(hass, entry, store.memory.entities))
    entry.async_on_unload(async_watch_unknown_words(hass, entry))
    return True


def _changes_forgotten(hass: HomeAssistant, entry: OptivgiConfigEntry) -> CALLBACK_TYPE:
    """Return what forgets the issues of parts that were changed since, or are no more.

    They may be right now; nobody reports them any more when that is called.
    """
    set_up = {part.subentry_id: part.data for part in entry.subentries.values()}

    @callback
    def forget() -> None:
        parts = entry.subentries
        async_forget_issues_of(
            hass,
            {id_ for id_, data in set_up.items() if id_ not in parts or parts[id_].data != data},
        )

    return forget


async def _async_leave_to_others(
    entry: OptivgiConfigEntry, site: Site, controller: Controller
) -> None:
    """Leave what is not driven any more, or in another way, as a site is now."""
    if entry.options.get(CONF_OBSERVE, False) and not site.observing:
        await controller.async_make_safe(for_good=True)
        return
    if left := {
        charger_id
        for charger_id, point in site.points.items()
        if (subentry := entry.subentries.get(charger_id)) is None
        or point.charger.uses_other_profiles(subentry.data)
    }:
        await controller.async_make_safe(left, for_good=True)


def _show_accounts(
    entry: OptivgiConfigEntry,
    accounts: SiteAccounts,
    coordinator: OptivgiCoordinator,
    news: SessionNews,
) -> ShownAccounts:
    """Keep accounts from now on, with each look at the site; return what is shown of them."""
    accounts.look()
    shown = ShownAccounts(accounts, len(coordinator.site.points))
    entry.async_on_unload(accounts.async_tell(lambda _: shown.renew(dt_util.utcnow()), shown.look))
    entry.async_on_unload(accounts.async_tell(news.finished))
    watch = ObserveWatch(coordinator.hass, entry.entry_id, coordinator.site, accounts)
    entry.async_on_unload(accounts.async_tell(noted=watch.look))
    entry.async_on_unload(coordinator.async_add_listener(accounts.look))
    return shown


async def _async_load_kept(
    hass: HomeAssistant, entry: OptivgiConfigEntry
) -> tuple[MemoryStore, SessionStore]:
    store, sessions = MemoryStore(hass, entry.entry_id), SessionStore(hass, entry.entry_id)
    try:
        await store.async_load()
        await sessions.async_load()
    except UnsupportedStorageVersionError as err:
        # Nothing is written over what a newer version has kept.
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key="memory_too_new", translation_placeholders={}
        ) from err
    store.save_soon()
    return store, sessions


async def async_unload_entry(hass: HomeAssistant, entry: OptivgiConfigEntry) -> bool:
    """Let go of a site; one that is disabled leaves its chargers with safe limits."""
    if entry.disabled_by is not None:
        await entry.runtime_data.controller.async_make_safe(for_good=True)
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    entry.runtime_data.accounts.catch_up()
    await entry.runtime_data.site.store.async_save()
    await entry.runtime_data.sessions.async_save()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: OptivgiConfigEntry) -> None:
    """Forget a site; its chargers keep limits that are safe."""
    store = MemoryStore(hass, entry.entry_id)
    await store.async_load()
    # It has been unloaded before, so there is nobody left to ask.
    await Controller(hass, entry, Site(hass, entry, store)).async_make_safe(for_good=True)
    await store.async_remove()
    await SessionStore(hass, entry.entry_id).async_remove()
    await async_remove_card(hass)
    async_forget_removed_entities(hass, entry)
    async_forget_unknown_words(hass, entry)
    of_site = (
        *meter_issue_ids(entry.entry_id),
        *price_issue_ids(entry.entry_id),
        operator_issue_id(entry.entry_id),
        observing_issue_id(entry.entry_id),
    )
    for issue_id in of_site:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
    async_forget_issues_of(hass, entry.subentries)
    for subentry_id in entry.subentries:
        for issue_id_of in (rival_issue_id, shortage_issue_id, lost_circuit_issue_id):
            ir.async_delete_issue(hass, DOMAIN, issue_id_of(subentry_id))


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: OptivgiConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Allow to remove the device of a charger that is no more."""
    ours = {entry.entry_id, *entry.subentries}
    return not any(
        domain == DOMAIN and identifier in ours for domain, identifier in device.identifiers
    )
