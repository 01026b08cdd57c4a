"""Names and defaults of the integration that more than one room uses."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
import logging
from typing import Final

DOMAIN: Final = "optivgi"
LOGGER = logging.getLogger(__package__)

# Subentry types
SUBENTRY_BATTERY: Final = "battery"
SUBENTRY_CHARGER: Final = "charger"
SUBENTRY_CIRCUIT: Final = "circuit"
SUBENTRY_PEAK_TARIFF: Final = "peak_tariff"
SUBENTRY_VEHICLE: Final = "vehicle"

# The site (config entry)
CONF_FUSE_A: Final = "fuse_a"
CONF_PHASES: Final = "phases"
CONF_VOLTAGE: Final = "voltage"
CONF_LIMIT_KW: Final = "limit_kw"
CONF_POWER_ENTITY: Final = "power_entity"
CONF_EXPORT_POWER_ENTITY: Final = "export_power_entity"
CONF_POWER_COVERS: Final = "power_covers"
CONF_BASE_LOAD_KW: Final = "base_load_kw"
CONF_L1_ENTITY: Final = "l1_entity"
CONF_L2_ENTITY: Final = "l2_entity"
CONF_L3_ENTITY: Final = "l3_entity"
CONF_OPERATOR_LIMIT_ENTITY: Final = "operator_limit_entity"
CONF_DIMMING_ENTITY: Final = "dimming_entity"
CONF_DIMMED_DEVICES: Final = "dimmed_devices"
PHASE_ENTITIES: Final = (CONF_L1_ENTITY, CONF_L2_ENTITY, CONF_L3_ENTITY)
CONF_EVEN_PHASES: Final = "even_phases"
METERS: Final = (CONF_POWER_ENTITY, *PHASE_ENTITIES)
"""What measures the connection of a site."""
CONF_SOLAR_ENTRIES: Final = "solar_forecasts"
CONF_SOLAR_ENTITY: Final = "solar_forecast_entity"
CONF_PV_ENTITY: Final = "pv_entity"
CONF_PRICE_SOURCE: Final = "price_source"
CONF_CO2_ENTITY: Final = "co2_entity"
CONF_CO2_PRICE: Final = "co2_price"

# What corrects the meter of a site (options of the config entry)
CONF_METER_INVERTED: Final = "meter_inverted"
CONF_METER_FACTOR: Final = "meter_factor"
METER_CORRECTIONS: Final[Mapping[str, float]] = {CONF_METER_INVERTED: False, CONF_METER_FACTOR: 1.0}
"""Each with the value that corrects nothing."""

# How a site is driven (an option of the config entry)
CONF_OBSERVE: Final = "observe_only"
"""Plans are made and shown, and nothing is written."""

# Its price source
CONF_PRICE_ENTITY: Final = "price_entity"
CONF_PRICE_FACTOR: Final = "price_factor"
CONF_PRICE_OFFSET: Final = "price_offset"
CONF_PRICE: Final = "price"
CONF_TIME_OF_USE: Final = "time_of_use"
CONF_FROM: Final = "from"
CONF_WEEKDAYS: Final = "weekdays"
CONF_MONTHS: Final = "months"
CONF_FEES: Final = "fees"
CONF_FORECAST_ENTITY: Final = "forecast_entity"
CONF_HOLIDAY_ENTITY: Final = "holiday_entity"
CONF_COLOUR_ENTITY: Final = "colour_entity"
CONF_COLOURS: Final = "colours"
CONF_EXPORT_ENTITY: Final = "export_entity"
CONF_EXPORT_FACTOR: Final = "export_factor"
CONF_EXPORT_OFFSET: Final = "export_offset"
HOLIDAY: Final = "holiday"
"""Stands beside the days of the week for a day that is a holiday."""
DAY_COLOURS: Final = ("blue", "white", "red")
"""The colours of days of a tariff such as Tempo, the most frequent first."""
MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip

# A charger (subentry); CONF_PHASES and CONF_POWER_ENTITY serve here too
CONF_LIMIT_ENTITY: Final = "limit_entity"
CONF_LIMIT_UNIT: Final = "limit_unit"
CONF_LIMIT_ACTION: Final = "limit_action"
CONF_SWITCH_ENTITY: Final = "switch_entity"
CONF_SWITCH_INVERTED: Final = "switch_inverted"
CONF_OPTION_ON: Final = "option_on"
CONF_OPTION_OFF: Final = "option_off"
CONF_START_ENTITY: Final = "start_entity"
CONF_STOP_ENTITY: Final = "stop_entity"
CONF_START_ACTION: Final = "start_action"
CONF_STOP_ACTION: Final = "stop_action"
CONF_MIN_INTERVAL: Final = "min_interval"
CONF_SETTLE: Final = "settle"
CONF_STOP_RULE: Final = "stop_rule"
CONF_MIN_INCREASE: Final = "least_increase"
CONF_HAND_BACK: Final = "hand_back"
CONF_RENEW: Final = "renew"
CONF_OCPP_PROFILES: Final = "ocpp_profiles"
CONF_METER_INTERVAL: Final = "meter_interval"
CONF_STATUS_ENTITY: Final = "status_entity"
CONF_STATES_UNPLUGGED: Final = "states_unplugged"
CONF_STATES_PLUGGED: Final = "states_plugged"
CONF_STATES_CHARGING: Final = "states_charging"
CONF_STATES_FINISHED: Final = "states_finished"
CONF_ENERGY_ENTITY: Final = "energy_entity"
CONF_TAG_ENTITY: Final = "tag_entity"
CONF_GUEST_TAGS: Final = "guest_tags"
CONF_MIN_A: Final = "min_a"
CONF_MAX_A: Final = "max_a"
CONF_PHASE_ROTATION: Final = "phase_rotation"
CONF_CIRCUIT: Final = "circuit"
"""The circuit that a charger hangs on, or another circuit."""

# A tariff on the highest power (subentry); CONF_PRICE, CONF_FROM, CONF_WEEKDAYS, CONF_MONTHS and
# CONF_HOLIDAY_ENTITY serve here too
CONF_PRESET: Final = "preset"
CONF_INTERVAL: Final = "interval"
CONF_TOP: Final = "top"
CONF_DISTINCT_DAYS: Final = "distinct_days"
CONF_PER: Final = "per"
CONF_VAT: Final = "vat"
CONF_FREE_KW: Final = "free_kw"
CONF_FLOOR_KW: Final = "floor_kw"
CONF_ROLLING_MONTHS: Final = "rolling_months"
CONF_WINDOWS: Final = "windows"
CONF_UNTIL: Final = "until"
CONF_WEIGHT: Final = "weight"
CONF_PRICE_STEPS: Final = "price_steps"
CONF_FROM_KW: Final = "from_kw"
CONF_PEAK_ENTITY: Final = "peak_entity"
# How a charger switches between one and three phases
CONF_PHASE_ENTITY: Final = "phase_entity"
CONF_ONE_PHASE: Final = "one_phase"
CONF_THREE_PHASES: Final = "three_phases"
CONF_ONE_PHASE_ACTION: Final = "one_phase_action"
CONF_THREE_PHASES_ACTION: Final = "three_phases_action"
CONF_OCPP_PHASES: Final = "ocpp_phases"
CONF_PHASE_PAUSE: Final = "phase_pause"
CONF_PHASE_INTERVAL: Final = "phase_interval"
CONF_SWITCHES_PER_SESSION: Final = "switches_per_session"
CONF_SWITCHES_PER_DAY: Final = "switches_per_day"
# A home battery (subentry); CONF_POWER_ENTITY and CONF_SOC_ENTITY serve here too
CONF_DISCHARGE_POWER_ENTITY: Final = "discharge_power_entity"
CONF_POWER_INVERTED: Final = "power_inverted"
CONF_CAPACITY_KWH: Final = "capacity_kwh"
CONF_MAX_CHARGE_KW: Final = "max_charge_kw"
CONF_MAX_DISCHARGE_KW: Final = "max_discharge_kw"
CONF_RESERVE_SOC: Final = "reserve_soc"
CONF_MAX_SOC: Final = "max_soc"
CONF_ON_PHASE: Final = "on_phase"
CONF_PLANNED_BY: Final = "planned_by"
CONF_GRID_CHARGE: Final = "grid_charge"
CONF_MAY_EXPORT: Final = "may_export"
CONF_HOLD_ACTIVE: Final = "hold_active"
CONF_HOLD_ENTITY: Final = "hold_entity"
CONF_HOLD_OPTION: Final = "hold_option"
CONF_HOLD_MODE_ENTITY: Final = "hold_mode_entity"
CONF_HOLD_MODE_OPTION: Final = "hold_mode_option"
CONF_HOLD_BUTTON: Final = "hold_button"
CONF_HOLD_REPEAT: Final = "hold_repeat"
CONF_HOLD_PAUSE: Final = "hold_pause"
CONF_CHARGE_ACTIVE: Final = "charge_active"
CONF_CHARGE_ENTITY: Final = "charge_entity"
CONF_CHARGE_OPTION: Final = "charge_option"
CONF_CHARGE_POWER_ENTITY: Final = "charge_power_entity"

# A vehicle (subentry); CONF_PHASES and CONF_MAX_A serve here too
CONF_SOC_ENTITY: Final = "soc_entity"
CONF_BATTERY_KWH: Final = "battery_kwh"
CONF_TARGET_SOC: Final = "target_soc"
CONF_DEPARTURE: Final = "departure"
CONF_WEEKLY: Final = "weekly_departures"
CONF_AT: Final = "at"
CONF_DEPARTURE_ENTITY: Final = "departure_entity"
CONF_DEPARTURE_TEXT: Final = "departure_text"
CONF_EFFICIENCY: Final = "efficiency"
CONF_CHARGER: Final = "charger"
CONF_PLUGGED_ENTITY: Final = "plugged_entity"
CONF_SOC_TIME_ENTITY: Final = "soc_time_entity"
CONF_SOC_OLD_AFTER: Final = "soc_old_after"
CONF_LOCATION_ENTITY: Final = "location_entity"
CONF_SOC_LIMIT_ENTITY: Final = "soc_limit_entity"
CONF_SOC_LIMIT_ACTION: Final = "soc_limit_action"
CONF_TAGS: Final = "tags"
CONF_WRITE_SOC_LIMIT: Final = "write_soc_limit"
CONF_EXPORT_LIMIT_KW: Final = "export_limit_kw"
CONF_ALGORITHM: Final = "algorithm"
CONF_START_COST: Final = "start_cost"
CONF_KEEP_PHASES: Final = "keep_phases"
"""Phases are not switched while this car is plugged in."""
CONF_PRIORITY: Final = "priority"
CONF_EXTRA_PRICE: Final = "extra_below_price"
CONF_EXTRA_SOLAR: Final = "extra_from_solar"
CONF_READY_BEFORE: Final = "ready_before"
CONF_PREHEAT: Final = "preheat"
CONF_DISCHARGES: Final = "discharges"
CONF_DISCHARGE_SOC: Final = "discharge_to"
CONF_DISCHARGE_COST: Final = "discharge_cost"
GUEST: Final = "guest"
"""Stands for a car that is none of the site's, wherever one of them can be selected."""


class PriceSource(StrEnum):
    """Where the import price comes from."""

    ENTITY = "entity"
    TIME_OF_USE = "time_of_use"
    CONSTANT = "constant"
    LATER = "later"
    """Nobody has said yet: all hours cost the same."""


class FixedBy(StrEnum):
    """What ends an issue: a setting that its own flow asks for."""

    ENTITY = "entity"
    BATTERY_SIGN = "battery_sign"
    PRICE = "price"
    EXCHANGE_RATE = "exchange_rate"
    CIRCUIT_METER = "circuit_meter"
    PART = "part"
    """Several ways are open: which ones follows from the issue."""


class PowerCovers(StrEnum):
    """What the site's power sensor measures."""

    GRID = "grid"
    """The grid connection, chargers and PV included; negative while exporting."""
    HOUSE = "house"
    """The house without the chargers."""


class HandBack(StrEnum):
    """What a charger is left with when it is removed, or its site is."""

    MIN = "least"
    """A charging car goes on with the min current; nothing is started."""
    MAX = "most"
    """The max current, and started."""
    KEEP = "keep"
    """What it has."""


class StopRule(StrEnum):
    """What stops a charger, where that is not its switch if it has one, and else a limit of 0."""

    SWITCH = "switch"
    """What starts it."""
    ZERO = "zero"
    """A limit of 0, whatever else it has."""
    NEVER = "never"
    """Nothing does: it is limited to its min current instead."""


class PhaseRotation(StrEnum):
    """The phases of the site that the L1, L2 and L3 of a charger are connected to."""

    L1_L2_L3 = "l1_l2_l3"
    L2_L3_L1 = "l2_l3_l1"
    L3_L1_L2 = "l3_l1_l2"


class PhaseLock(StrEnum):
    """On how many phases a charger that can switch is to charge."""

    AUTO = "auto"
    """As the plan says."""
    ONE = "one"
    THREE = "three"


class PlannedBy(StrEnum):
    """Who decides what a home battery does."""

    ITSELF = "itself"
    """Its own system; cars are planned around what it is expected to do."""
    SITE = "site"
    """The plan, together with the cars."""


class Mode(StrEnum):
    """How a charger is to charge."""

    OFF = "off"
    SMART = "smart"
    SOLAR_ONLY = "solar_only"
    MIN_SOLAR = "min_solar"
    NOW = "now"


class Priority(StrEnum):
    """How a car counts where there is not enough for all."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


STEP: Final = timedelta(minutes=15)
"""Length of a planned slot: the market time unit of European day-ahead prices since 2025."""
HORIZON: Final = timedelta(hours=24)
"""How far ahead is planned at least: every departure of a time of day comes within it."""
LONGEST_HORIZON: Final = timedelta(days=4)
"""How far ahead is planned at most, for a car that leaves later: a long weekend."""
FINE_HORIZON: Final = timedelta(hours=36)
"""So far ahead slots are planned; known prices end within it."""
COARSE_STEP: Final = timedelta(hours=1)
"""Length of a step beyond that, where prices are estimates of whole hours."""
ESTIMATE_TRUST: Final = 0.6
"""How much of an estimated price's difference counts: so much of it comes true, as measured."""
DEFAULT_START_COST: Final = 0.02
"""What a start of charging counts for in a plan, in a currency about as strong as the euro."""

# Europe, between a phase and neutral.
DEFAULT_VOLTAGE: Final = 230
# The minimum of IEC 61851.
DEFAULT_MIN_A: Final = 6
# 11 kW on three phases, a common wall box.
DEFAULT_MAX_A: Final = 16
# Commonly recommended for daily use.
DEFAULT_TARGET_SOC: Final = 80
DEFAULT_DEPARTURE: Final = "07:00:00"
# Typical of onboard chargers; learned from there.
DEFAULT_EFFICIENCY: Final = 0.9
DEFAULT_PHASE_PAUSE_S: Final = 60
"""So long nothing is drawn after a switch: as evcc waits; what vendors name is no more."""
DEFAULT_PHASE_INTERVAL_S: Final = 600
"""Between two switches: contactors wear out, and clouds that come and go are no reason for one."""
DEFAULT_SWITCHES_PER_SESSION: Final = 6
"""Contactors last some ten thousand switches; some cars give up when they are interrupted often."""
DEFAULT_SWITCHES_PER_DAY: Final = 10
"""Ten years of that are as many switches as a contactor is made for, and no charger needs more."""
DEFAULT_RESERVE_SOC: Final = 10
"""What inverters keep in a home battery unless they are set otherwise, in %."""
DEFAULT_HOLD_PAUSE_MIN: Final = 1
"""Between two changes of what holds a home battery, in minutes: inverters take their time."""
# A night beside the house changes little; a day is a drive.
DEFAULT_SOC_OLD_AFTER_H: Final = 12
