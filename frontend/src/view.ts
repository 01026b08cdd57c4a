/** What is shown, worked out of what was sent: the past as it was, then the plan. */

import { carColour } from "./colours";
import type { Formats } from "./formats";
import type { Preview } from "./preview";
import { automaticHours, TimeScale } from "./scale";
import type { Texts } from "./texts";
import type { Charger, Hass, Moment, Now, Past, Plan, PlannedCar } from "./types";

/** The strip of what has been. */
export const PAST_H = 3;
/** A power below this is none. */
export const NOTHING_KW = 0.02;
/** From here on a part of the site counts as full. */
export const FULL = 0.97;
/** More chargers than this are shown in short rows, by circuit. */
export const MANY = 6;

/** One step of the picture; `planned` is what had been planned, where `past` is true or plans are compared. */
export interface Step {
  start: Moment;
  end: Moment;
  past: boolean;
  price: number | null;
  estimated: boolean;
  export: number | null;
  house: number | null;
  solar: number | null;
  /** By lane: kW drawn in the past, planned after it. */
  kw: number[];
  planned: (number | null)[];
  full: { name: string; used: number; limit: number; phase: boolean } | null;
  index: number | null;
}

export interface Lane {
  charger: Charger;
  car: PlannedCar | null;
  /** A car that comes later, where none is here. */
  reserved: PlannedCar | null;
  name: string;
  place: string;
  colour: string;
  number: number;
}

export interface View {
  hass: Hass;
  texts: Texts;
  formats: Formats;
  plan: Plan | null;
  now: Now;
  at: Moment;
  lanes: Lane[];
  steps: Step[];
  scale: TimeScale;
  /** What is being set would come to, where that is asked. */
  preview: Preview | null;
  /** How many hours show all that is planned. */
  automatic: number;
  lowest: number;
  highest: number;
  narrow: boolean;
}

export interface ViewInput {
  hass: Hass;
  texts: Texts;
  formats: Formats;
  plan: Plan | null;
  /** The plan in force, while another is previewed. */
  former: Plan | null;
  preview: Preview | null;
  past: Past | null;
  now: Now;
  at: Moment;
  hours: number | null;
  back: number;
  width: number;
  narrow: boolean;
}

export function viewOf(input: ViewInput): View {
  const { plan, past, now, at } = input;
  const lanes = lanesOf(now, plan);
  const steps = [...pastSteps(past, lanes, at), ...(plan ? planSteps(plan, input.former, lanes, at, input.texts) : [])];
  const departures = lanes
    .flatMap(({ car, reserved }) => [car?.departure, reserved?.departure])
    .filter((one) => one != null);
  const start = Math.floor(at / 900) * 900 - PAST_H * 3600;
  const automatic = automaticHours(
    start,
    departures.length ? Math.max(...departures) : null,
    plan?.edges.at(-1) ?? start + 24 * 3600,
  );
  const hours = input.hours ?? automatic;
  const from = start - input.back * 3600;
  const scale = new TimeScale(from, from + hours * 3600, input.width);
  const shown = steps
    .filter((step) => step.end > scale.from && step.start < scale.to && step.price !== null)
    .map((step) => step.price!);
  return {
    ...input,
    lanes,
    steps,
    scale,
    automatic,
    lowest: shown.length ? Math.min(...shown) : 0,
    highest: shown.length ? Math.max(...shown) : 0,
  };
}

/** The chargers, those in trouble first: what has to be done comes first. */
export function lanesOf(now: Now, plan: Plan | null): Lane[] {
  const lanes = now.chargers.map((charger, number): Lane => {
    const car = plan?.cars.find((one) => one.charger === charger.id && !one.reservation) ?? null;
    const reserved =
      plan?.cars.find((one) => one.charger === charger.id && one.reservation !== null) ?? null;
    return {
      charger,
      car,
      reserved,
      name: charger.plugged ? (charger.vehicle ?? charger.name) : charger.name,
      place: charger.plugged && charger.vehicle ? charger.name : (charger.vehicle ?? ""),
      colour: carColour(number),
      number,
    };
  });
  return lanes.toSorted((one, other) => Number(other.charger.trouble) - Number(one.charger.trouble));
}

function pastSteps(past: Past | null, lanes: Lane[], at: Moment): Step[] {
  if (!past) return [];
  return past.edges.slice(0, -1).map((start, i) => ({
    start,
    // Where Home Assistant slept, nothing is known.
    end: Math.min(past.edges[i + 1]!, start + 900, at),
    past: true,
    price: past.price[i] ?? null,
    estimated: false,
    export: null,
    house: past.house_kw[i] ?? null,
    solar: past.solar_kw[i] ?? null,
    kw: lanes.map(({ charger }) => past.chargers[charger.id]?.drawn_kw[i] ?? 0),
    planned: lanes.map(({ charger }) => past.chargers[charger.id]?.planned_kw[i] ?? null),
    full: null,
    index: null,
  }));
}

function planSteps(plan: Plan, former: Plan | null, lanes: Lane[], at: Moment, texts: Texts): Step[] {
  const steps: Step[] = [];
  const names = plan.parts.map((part) => partName(part, texts));
  for (let i = 0; i + 1 < plan.edges.length; i++) {
    const start = plan.edges[i]!;
    const end = plan.edges[i + 1]!;
    if (end <= at) continue;
    const full = plan.full[i];
    steps.push({
      start: Math.max(start, Math.min(at, end)),
      end,
      past: false,
      price: plan.prices_known ? (plan.price[i] ?? null) : null,
      estimated: plan.estimated[i] ?? false,
      export: plan.export_price[i] ?? null,
      house: plan.house_kw[i] ?? null,
      solar: plan.solar_kw[i] ?? null,
      kw: lanes.map(({ car, reserved }) => (car?.limit_kw[i] ?? 0) + (reserved?.limit_kw[i] ?? 0)),
      planned: lanes.map(({ car }) => {
        if (!former || !car) return null;
        return former.cars.find((one) => one.charger === car.charger && !one.reservation)?.limit_kw[i] ?? null;
      }),
      full: full
        ? {
            name: names[full[0]] ?? "",
            used: full[1],
            limit: full[2],
            phase: plan.parts[full[0]]?.phase != null,
          }
        : null,
      index: i,
    });
  }
  return steps;
}

export function partName(
  part: { circuit: string | null; phase: string | null },
  texts: Texts,
): string {
  if (part.circuit && part.phase) return `${part.circuit} ${part.phase}`;
  return part.circuit ?? part.phase ?? texts.say("connection");
}

/** What all cars draw together in a step, and the house where that is known. */
export const totalKw = (step: Step): number =>
  Math.max(0, step.house ?? 0) + step.kw.reduce((sum, kw) => sum + kw, 0);

export const stepAt = (steps: Step[], moment: Moment): Step | null =>
  steps.find((step) => step.start <= moment && moment < step.end) ?? null;
