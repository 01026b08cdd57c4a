"""What can be said of a charger and of the meter: a code for each sentence, and what it names."""

from enum import StrEnum
from typing import Self


class ReasonCode(StrEnum):
    """A sentence that people read. Its text stands in the translations, under ``reason_<code>``.

    Each is followed by what its text names. The unit ends a name: kW, kWh, A, hours, s; ``soc`` is
    in %, ``price`` in money per kWh, ``money`` in money.
    """

    placeholders: frozenset[str]
    """The names of what the text names."""

    def __new__(cls, code: str, *placeholders: str) -> Self:
        """Make a code with the names of what its text names."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.placeholders = frozenset(placeholders)
        return member

    # It cannot be commanded
    NO_CAR = "no_car"
    PLUG_UNKNOWN = "plug_unknown", "entity"
    CHARGER_ENTITY_MISSING = "charger_entity_missing", "entity"
    CHARGER_ENTITIES_MISSING = "charger_entities_missing", "entities"
    CHARGER_OFFLINE = "charger_offline"
    OPERATED_BY_HAND = "operated_by_hand"
    RIVAL = "rival", "rival"
    TRIED_OUT = "tried_out"
    ONLY_OBSERVED = "only_observed"

    # It does not do what it is commanded, or its car does not
    LIMIT_REFUSED = "limit_refused", "error"
    LIMIT_NOT_SHOWN = "limit_not_shown"
    DRAWS_TOO_MUCH = "draws_too_much", "drawn_kw", "limit_kw"
    CAR_TAKES_NOTHING = "car_takes_nothing"
    MAY_DRAW = "may_draw", "limit_kw"
    MEASURING = "measuring"
    SWITCHES_TO_ONE_PHASE = "switches_to_one_phase"
    SWITCHES_TO_THREE_PHASES = "switches_to_three_phases"
    TAKES_LESS = "takes_less", "taken_kw"

    # There is no plan to follow, or nothing to plan
    MODE_OFF = "mode_off"
    SKIPPED = "skipped", "until"
    NO_PLAN = "no_plan"
    PLAN_COMING = "plan_coming"
    TARGET_REACHED = "target_reached", "soc", "target_soc"
    CAR_FULL = "car_full"
    ENERGY_CHARGED = "energy_charged", "charged_kwh"

    # It gets less than planned
    METER_SILENT = "meter_silent", "entity"
    METERS_SILENT = "meters_silent", "entities"
    METER_IMPOSSIBLE = "meter_impossible", "entity"
    METERS_IMPOSSIBLE = "meters_impossible", "entities"
    METER_TOO_LOW = "meter_too_low"
    HOUSE_LEAVES = "house_leaves", "limit_kw"
    HOUSE_LEAVES_TOO_LITTLE = "house_leaves_too_little"
    CHARGERS_LEAVE = "chargers_leave", "limit_kw"
    CHARGERS_LEAVE_TOO_LITTLE = "chargers_leave_too_little"
    HOUSE_AND_CHARGERS_LEAVE = "house_and_chargers_leave", "limit_kw"
    HOUSE_AND_CHARGERS_LEAVE_TOO_LITTLE = "house_and_chargers_leave_too_little"
    PEAK_LEAVES = "peak_leaves", "limit_kw"
    PEAK_LEAVES_TOO_LITTLE = "peak_leaves_too_little"
    OPERATOR_LEAVES = "operator_leaves", "limit_kw"
    OPERATOR_LEAVES_TOO_LITTLE = "operator_leaves_too_little"
    CIRCUIT_LEAVES = "circuit_leaves", "limit_kw", "circuit"
    CIRCUIT_LEAVES_TOO_LITTLE = "circuit_leaves_too_little", "circuit"
    RECOVERS = "recovers", "limit_kw", "until"
    WAITS_TO_RECOVER = "waits_to_recover", "until"

    # It charges as planned
    MODE_NOW = "mode_now"
    NOW_UP_TO = "now_up_to", "target_soc"
    NOW_FOR_ENERGY = "now_for_energy", "energy_kwh"
    MIN_SOC = "min_soc", "min_soc"
    USES_SURPLUS = "uses_surplus"
    MIN_ALWAYS = "min_always"
    OVERDUE = "overdue"
    PREHEATS = "preheats", "until"
    BEYOND_TARGET = "beyond_target", "limit_soc"
    NEEDS_ALL_TIME = "needs_all_time"
    BELOW_PEAK = "below_peak", "money", "currency"
    AS_PLANNED = "as_planned"
    GOOD_PRICE = "good_price", "price", "currency"
    DISCHARGES = "discharges", "given_kw", "price", "currency"
    CHARGES_UNTIL = "charges_until", "until"
    DONE_AT = "done_at", "at"

    # It waits as planned
    WAITS_FOR_ROOM = "waits_for_room", "at"
    WAITS_FOR_PHASE = "waits_for_phase", "at", "phase"
    WAITS_FOR_CIRCUIT = "waits_for_circuit", "at", "circuit"
    WAITS_FOR_MIN_POWER = "waits_for_min_power", "at"
    WAITS_FOR_PEAK = "waits_for_peak", "at", "money", "currency"
    WAITS_FOR_SUN = "waits_for_sun", "at"
    WAITS_FOR_PRICE = "waits_for_price", "at", "saved_price", "currency"
    WAITS_FOR_CO2 = "waits_for_co2", "at", "saved_g"
    WAITS_FOR_ESTIMATED_PRICE = "waits_for_estimated_price", "at", "saved_price", "currency"
    STARTS_AT = "starts_at", "at"
    STARTS_ONCE = "starts_once", "at"
    NOW_MORE_EXPENSIVE = "now_more_expensive", "at", "extra_price", "currency"
    NOW_AS_CHEAP = "now_as_cheap", "at"
    NOW_HARDLY_CHEAPER = "now_hardly_cheaper", "at"
    SURPLUS_EXPECTED = "surplus_expected", "at"
    NO_SURPLUS = "no_surplus"
    NO_ROOM = "no_room"
    NOTHING_PLANNED = "nothing_planned"

    # It will miss its target
    SHORT = "short", "missing_kwh"
    SHORT_OF_TIME = "short_of_time", "missing_kwh"
    SHORT_OF_ROOM = "short_of_room", "missing_kwh"
    SHORT_OF_SURPLUS = "short_of_surplus", "missing_kwh"

    # What its need is based on
    CAR_UNKNOWN = "car_unknown"
    SELECT_CAR = "select_car"
    SOC_UNKNOWN = "soc_unknown"
    SOC_BEFORE_DRIVE = "soc_before_drive"
    SOC_HOUR_OLD = "soc_hour_old"
    SOC_HOURS_OLD = "soc_hours_old", "hours"
    SOC_DAYS_OLD = "soc_days_old", "days"
    GETS_ENERGY = "gets_energy", "needed_kwh"
    ENTER_SOC = "enter_soc"
    SOC_IMPLAUSIBLE = "soc_implausible", "reported_soc", "used_soc"
    RESERVED = "reserved", "reservation"
    LIMIT_BELOW_TARGET = "limit_below_target", "limit_soc", "target_soc"

    # Whether a home battery must not discharge
    BATTERY_BESIDE_CARS = "battery_beside_cars", "cars_kw"
    BATTERY_BESIDE_CARS_UNSEEN = "battery_beside_cars_unseen", "cars_kw"
    BATTERY_KEPT_BY_PLAN = "battery_kept_by_plan"
    BATTERY_CHARGED_BY_PLAN = "battery_charged_by_plan", "power_kw"
    BATTERY_USED_BY_PLAN = "battery_used_by_plan"
    BATTERY_RELEASING = "battery_releasing"
    BATTERY_NOT_NEEDED = "battery_not_needed"
    BATTERY_SILENT = "battery_silent", "entity"
    BATTERY_SOC_UNKNOWN = "battery_soc_unknown"

    # What works in another way than it is set up to
    CALENDAR_MISSING = "calendar_missing", "entity"
    LIMITED_ELSEWHERE = "limited_elsewhere", "limit_a"
    OPERATOR_LIMITS = "operator_limits", "limit_kw"
    DIMMED = "dimmed", "limit_kw"
    PROFILES_FAILED = "profiles_failed", "entity"
    PHASES_NOT_SWITCHED = "phases_not_switched"
    PHASES_HELD = "phases_held"
    PHASE_SWITCHES_USED = "phase_switches_used"

    # What was asked and cannot be
    SITE_OVERLOADED = "site_overloaded", "steps", "of_steps", "at", "excess_kw"
    PHASE_OVERLOADED = "phase_overloaded", "phase", "steps", "of_steps", "at", "excess_kw"
    CIRCUIT_OVERLOADED = "circuit_overloaded", "circuit", "steps", "of_steps", "at", "excess_kw"
    LEAVES_FIRST = "leaves_first", "name"
    BEYOND_LIMIT = "beyond_limit", "name", "wanted_kwh", "possible_kwh"
    BEYOND_STAY = "beyond_stay", "name", "wanted_kwh", "possible_kwh"
    BEYOND_HORIZON = "beyond_horizon", "name", "wanted_kwh", "possible_kwh"
    MIN_ABOVE_MAX = "min_above_max", "name", "min_kw", "max_kw"
    MIN_ABOVE_ROOM = "min_above_room", "name", "min_kw", "max_kw"
    MIN_ABOVE_LIMIT = "min_above_limit", "name", "min_kwh", "room_kwh"

    # What would improve the protection of the fuse
    PICK_METER = "pick_meter"
    SENSOR_USELESS = "sensor_useless", "entity"
    PICK_PHASES = "pick_phases"
    PHASES_UNKNOWN = "phases_unknown"
    METER_SLOW = "meter_slow", "interval_s"
    METER_SLOW_COSTS = "meter_slow_costs", "interval_s", "left_free_kw"
    PICK_CHARGER_POWER = "pick_charger_power", "chargers"

    # What a step of the plan is, and what binds in it
    STEP_CHARGES = "step_charges", "at", "until", "limit_kw"
    STEP_WAITS = "step_waits", "at", "until"
    STEP_GOES_ON = "step_goes_on", "at", "limit_kw"
    STEP_STOPS = "step_stops", "at"
    WHY_ABSENT = "why_absent"
    WHY_PRICE = "why_price", "extra_price", "currency"
    WHY_ESTIMATE = "why_estimate", "extra_price", "currency"
    WHY_CHEAP = "why_cheap", "price", "currency"
    WHY_SITE = "why_site", "left_kw"
    WHY_SITE_SHARED = "why_site_shared", "left_kw", "other", "until"
    WHY_PHASE = "why_phase", "phase", "left_a"
    WHY_PHASE_SHARED = "why_phase_shared", "phase", "left_a", "other", "until"
    WHY_CIRCUIT = "why_circuit", "circuit", "left_kw"
    WHY_CIRCUIT_SHARED = "why_circuit_shared", "circuit", "left_kw", "other", "until"
    WHY_MIN_SOC = "why_min_soc"
    WHY_MIN_ALWAYS = "why_min_always"
    WHY_AT_ONCE = "why_at_once"
    WHY_DEADLINE = "why_deadline"
    WHY_SUN = "why_sun"
    WHY_WAITS_FOR_SUN = "why_waits_for_sun"
    WHY_PEAK = "why_peak"
    WHY_TAPER = "why_taper"
    WHY_MIN_POWER = "why_min_power"
    WHY_KEPT = "why_kept"
    WHY_EXTRA = "why_extra"
    WHY_DISCHARGE = "why_discharge"
    WHY_START = "why_start"
    WOULD_COST = "would_cost", "money", "currency"
    COSTS = "costs", "money", "currency"
    START_COSTS_MORE = "start_costs_more", "at", "money", "currency"
    START_COSTS_LESS = "start_costs_less", "at", "money", "currency"
    START_COSTS_THE_SAME = "start_costs_the_same", "at"
    START_TOO_LATE = "start_too_late", "at", "missing_kwh"
