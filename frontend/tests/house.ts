/** A house for tests: Home Assistant's `hass`, a plan and what is at present. */

import english from "../../custom_components/optivgi/translations/en.json";
import { Formats } from "../src/formats";
import { Texts } from "../src/texts";
import type { Charger, Hass, Message, Moment, Now, Plan, PlannedCar } from "../src/types";
import { type View, viewOf } from "../src/view";

export const AT: Moment = Date.UTC(2026, 10, 28, 14, 27) / 1000;
const STEP_S = 900;

function text(path: string): string | undefined {
  let node: unknown = english;
  for (const key of path.replace(/^component\.optivgi\./, "").split(".")) {
    node = (node as Record<string, unknown> | undefined)?.[key];
  }
  return typeof node === "string" ? node : undefined;
}

export const localize = (key: string, named: Record<string, string> = {}): string =>
  (text(key) ?? "").replace(/{(\w+)}/g, (_, name: string) => named[name] ?? `{${name}}`);

type Locale = Partial<Hass["locale"]>;

export function hassOf(locale: Locale = {}): Hass & { calls: unknown[]; send(news: Message): void } {
  const calls: unknown[] = [];
  const listeners: ((news: Message) => void)[] = [];
  return {
    language: locale.language ?? "en",
    locale: {
      language: "en",
      number_format: "language",
      time_format: "24",
      time_zone: "server",
      ...locale,
    },
    config: { currency: "EUR", time_zone: "Europe/Amsterdam" },
    themes: { darkMode: false },
    localize,
    loadBackendTranslation: async () => localize,
    connection: {
      subscribeMessage: async (callback) => {
        listeners.push(callback as (news: Message) => void);
        return async () => {
          listeners.splice(0);
        };
      },
    },
    callService: async (...call) => calls.push(call),
    callWS: async () => undefined as never,
    services: {},
    states: {},
    entities: {},
    devices: {},
    calls,
    send: (news) => listeners.forEach((listener) => listener(news)),
  };
}

export const planOf = (changes: Partial<Plan> = {}, steps = 96): Plan => {
  const first = Math.floor(AT / STEP_S) * STEP_S;
  const series = (value: (step: number) => number): number[] =>
    Array.from({ length: steps }, (_, step) => value(step));
  return {
    made_at: AT,
    edges: Array.from({ length: steps + 1 }, (_, step) => (step ? first + step * STEP_S : AT)),
    price: series((step) => 0.25 + 0.1 * Math.sin(step / 8)),
    export_price: [],
    estimated: series(() => 0).map((_, step) => step > 60),
    house_kw: series(() => 0.5),
    solar_kw: [],
    batteries: [],
    parts: [{ circuit: null, phase: "L1" }],
    full: series((step) => step).map((step) => [0, step === 40 ? 5.75 : 2, 5.75]),
    reasons: [{ kind: "cheap", detail: "", cost_per_kwh: 0 }],
    cars: [carOf(steps)],
    cost: 2.25,
    cost_at_once: 3.39,
    prices_known: true,
    price_error: false,
    gap: 0,
    algorithm: "optimal",
    ...changes,
  };
};

export const carOf = (steps = 96, changes: Partial<PlannedCar> = {}): PlannedCar => ({
  charger: "garage",
  reservation: null,
  name: null,
  limit_kw: Array.from({ length: steps }, (_, step) => (step >= 36 && step < 44 ? 7.4 : 0)),
  why: Array.from({ length: steps }, () => 0),
  energy_kwh: 14.8,
  battery_kwh: 13.3,
  cost: 2.25,
  cost_at_once: 3.39,
  shortfall_kwh: 0,
  arrival: AT - 3600,
  departure: AT + 17 * 3600,
  start: AT + 9 * 3600,
  finish: AT + 11 * 3600,
  ...changes,
});

export const chargerOf = (changes: Partial<Charger> = {}): Charger => ({
  id: "garage",
  name: "Garage",
  circuit: null,
  vehicle: "Van",
  plugged: true,
  plugged_at: AT - 3600,
  mode: "smart",
  status: "waiting",
  reasons: [
    {
      code: "waits_for_price",
      placeholders: {
        at: { time: AT + 9 * 3600 },
        saved_price: { number: 0.112, digits: 3 },
        currency: { text: "EUR" },
      },
    },
  ],
  trouble: false,
  limit_kw: 0,
  power_kw: 0,
  max_kw: 11,
  soc: 41,
  target_soc: 80,
  needed_kwh: 13.3,
  delivered_kwh: 0,
  departure: AT + 17 * 3600,
  entities: {
    mode: "select.garage_mode",
    target_soc: "number.garage_target",
    next_departure: "datetime.garage_next_departure",
    status: "sensor.garage_status",
  },
  ...changes,
});

export const nowOf = (changes: Partial<Now> = {}): Now => ({
  site: { name: "Home", limit_kw: 17.25, phases: 3, voltage: 230, fuse_a: 25 },
  circuits: [],
  chargers: [chargerOf()],
  reservations: [],
  house_kw: 0.5,
  solar_kw: null,
  power_kw: 0.5,
  planned: true,
  ...changes,
});

export function viewFor(now: Now = nowOf(), plan: Plan | null = planOf(), locale: Locale = {}): View {
  const hass = hassOf(locale);
  return viewOf({
    hass,
    texts: new Texts(localize),
    formats: new Formats(hass),
    plan,
    former: null,
    preview: null,
    past: null,
    now,
    at: AT,
    hours: null,
    back: 0,
    width: 546,
    narrow: false,
  });
}
