/** What the integration sends (`explain/picture.py` and `explain/picture_of_past.py` say what each means), and what Home Assistant gives to cards. */

/** Seconds since 1970. */
export type Moment = number;

export interface Placeholder {
  time?: Moment;
  number?: number;
  digits?: number;
  text?: string;
  list?: string[];
}

export interface CodedReason {
  code: string;
  placeholders: Record<string, Placeholder>;
}

export interface PlannedCar {
  charger: string | null;
  reservation: string | null;
  name: string | null;
  limit_kw: number[];
  why: number[];
  energy_kwh: number;
  battery_kwh: number;
  cost: number;
  cost_at_once: number;
  shortfall_kwh: number;
  arrival: Moment | null;
  departure: Moment | null;
  start: Moment | null;
  finish: Moment | null;
}

/** A home battery: charging above 0, discharging below; empty where it is not planned. */
export interface Battery {
  id: string;
  power_kw: number[];
  hold: boolean[];
}

export interface Plan {
  made_at: Moment;
  edges: Moment[];
  price: number[];
  export_price: number[];
  estimated: boolean[];
  house_kw: number[];
  solar_kw: number[];
  batteries: Battery[];
  parts: { circuit: string | null; phase: string | null }[];
  full: [part: number, used_kw: number, limit_kw: number][];
  reasons: { kind: string | null; detail: string; cost_per_kwh: number }[];
  cars: PlannedCar[];
  cost: number;
  cost_at_once: number;
  prices_known: boolean;
  price_error: boolean;
  gap: number | null;
  algorithm: string;
}

export interface Past {
  /** Since when anything is known; all of it is sent to who asks. */
  kept_from: Moment | null;
  edges: Moment[];
  price: (number | null)[];
  house_kw: (number | null)[];
  solar_kw: (number | null)[];
  chargers: Record<string, { drawn_kw: (number | null)[]; planned_kw: (number | null)[] }>;
}

/** A plan that was followed at a time. */
export interface FormerPlan {
  made_at: Moment;
  edges: Moment[];
  chargers: Record<string, number[]>;
}

export interface Charger {
  id: string;
  name: string;
  circuit: string | null;
  vehicle: string | null;
  plugged: boolean;
  plugged_at: Moment | null;
  mode: Mode;
  status: string;
  reasons: CodedReason[];
  trouble: boolean;
  limit_kw: number | null;
  power_kw: number;
  max_kw: number;
  soc: number | null;
  target_soc: number | null;
  needed_kwh: number;
  delivered_kwh: number;
  departure: Moment;
  entities: Partial<Record<EntityKey, string>>;
}

export type EntityKey =
  | "status"
  | "mode"
  | "vehicle"
  | "target_soc"
  | "target_energy"
  | "next_departure";

export type Mode = "smart" | "solar_only" | "min_solar" | "now" | "off";

export interface Reservation {
  id: string;
  name: string;
  charger: string | null;
  arrival: Moment;
  departure: Moment;
  target_soc: number | null;
  energy_kwh: number | null;
}

export interface Now {
  site: { name: string; limit_kw: number; phases: number; voltage: number; fuse_a: number | null };
  circuits: { id: string; name: string; limit_kw: number; fuse_a: number | null }[];
  chargers: Charger[];
  reservations: Reservation[];
  batteries?: { id: string; name: string; soc: number | null }[];
  house_kw: number | null;
  solar_kw: number | null;
  power_kw: number | null;
  planned: boolean;
}

export interface Message {
  state: "loaded" | "not_loaded" | "no_site";
  entry_id?: string;
  plan?: Plan;
  past?: Past;
  now?: Now;
}

export type Localize = (key: string, values?: Record<string, string>) => string;

/** The part of Home Assistant's `hass` that is used here. */
export interface Hass {
  language: string;
  locale: {
    language: string;
    number_format: string;
    time_format: string;
    time_zone: string;
  };
  config: { currency: string; time_zone: string; state?: string };
  themes?: { darkMode?: boolean };
  localize: Localize;
  loadBackendTranslation(category: string, integration: string): Promise<Localize>;
  connection: {
    subscribeMessage<T>(
      callback: (message: T) => void,
      message: Record<string, unknown>,
      options?: { resubscribe?: boolean },
    ): Promise<() => Promise<void>>;
  };
  callService(domain: string, service: string, data: Record<string, unknown>): Promise<unknown>;
  callWS<T>(message: Record<string, unknown>): Promise<T>;
  services: Record<string, Record<string, unknown>>;
  states: Record<string, { state: string; attributes: Record<string, unknown> } | undefined>;
  entities: Record<
    string,
    { entity_id: string; device_id?: string | null; platform: string; translation_key?: string }
  >;
  devices: Record<
    string,
    {
      id: string;
      name: string | null;
      name_by_user?: string | null;
      model: string | null;
      config_entries: string[];
      identifiers: [string, string][];
    }
  >;
}

export interface CardConfig {
  type: string;
  /** The id of a site; the first one where it is left out. */
  site?: string;
  /** How many hours are shown; to the last departure where it is left out. */
  hours?: number | string;
  /** A charger's device, for the card of one charger. */
  device_id?: string;
}
