/** What sessions came to, by month, by week, one by one, and by car. */

import type { Formats } from "./formats";
import type { Moment } from "./types";

/** Energy in kWh and money as the action answers; null where no price is known. */
export interface Figures {
  sessions: number;
  energy_kwh: number;
  solar_kwh: number;
  battery_kwh: number;
  cost: number | null;
  cost_if_charged_at_once: number | null;
  estimated_kwh: number;
  unpriced_kwh: number;
  /** What the plan would have drawn and saved, where that was only observed. */
  planned_kwh?: number;
  would_save?: number;
}

export interface Session extends Figures {
  id: string;
  charger: string;
  vehicle: string | null;
  vehicle_id: string | null;
  guest: string | null;
  begin: string;
  /** Null while it goes on. */
  end: string | null;
}

type OfMonth = Figures & { month: string };

/** What `optivgi.get_sessions` answers, as far as it is shown. */
export interface Answer {
  count: number;
  sessions: Omit<Session, "sessions">[];
  months: OfMonth[];
  vehicle_months: (OfMonth & { vehicle_id: string | null; vehicle: string | null })[];
  csv?: string;
}

export type By = "week" | "month" | "session";

/** A column of the picture. */
export interface Period {
  label: string;
  /** The same where there is room. */
  name: string;
  /** The present one. */
  now: boolean;
  figures: Figures | null;
}

export interface OfCar extends Figures {
  id: string | null;
  name: string | null;
}

export interface Shown {
  periods: Period[];
  cars: OfCar[];
  total: Figures;
}

/** So many weeks and sessions stand beside each other. */
const COLUMNS = 12;
const DAY_S = 86_400;
const LONG_DAY: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "long" };
/** The month in letters: numbers alone are read in two ways. */
const dayParts = (narrow: boolean): Intl.DateTimeFormatOptions =>
  narrow ? { day: "numeric" } : { day: "numeric", month: "short" };

const NOTHING: Figures = {
  sessions: 0,
  energy_kwh: 0,
  solar_kwh: 0,
  battery_kwh: 0,
  cost: null,
  cost_if_charged_at_once: null,
  estimated_kwh: 0,
  unpriced_kwh: 0,
};

const plus = (one: number | null, other: number | null): number | null =>
  one === null ? other : one + (other ?? 0);

export function sum(parts: Figures[]): Figures {
  return parts.reduce(
    (all, one) => ({
      sessions: all.sessions + one.sessions,
      energy_kwh: all.energy_kwh + one.energy_kwh,
      solar_kwh: all.solar_kwh + one.solar_kwh,
      battery_kwh: all.battery_kwh + one.battery_kwh,
      cost: plus(all.cost, one.cost),
      cost_if_charged_at_once: plus(all.cost_if_charged_at_once, one.cost_if_charged_at_once),
      estimated_kwh: all.estimated_kwh + one.estimated_kwh,
      unpriced_kwh: all.unpriced_kwh + one.unpriced_kwh,
      planned_kwh: (all.planned_kwh ?? 0) + (one.planned_kwh ?? 0),
      would_save: (all.would_save ?? 0) + (one.would_save ?? 0),
    }),
    NOTHING,
  );
}

/** Below zero where charging at once would have cost less; null without a price. */
export const savedOf = ({ cost, cost_if_charged_at_once: atOnce }: Figures): number | null =>
  cost === null || atOnce === null ? null : atOnce - cost;

export const solarShare = ({ energy_kwh: all, solar_kwh: solar }: Figures): number =>
  all > 0 ? (100 * solar) / all : 0;

/** What a kWh cost, and would have cost; null where nothing that has a price was drawn. */
export function pricesOf(figures: Figures): { paid: number; atOnce: number } | null {
  const kwh = figures.energy_kwh - figures.unpriced_kwh;
  if (figures.cost === null || figures.cost_if_charged_at_once === null || kwh < 0.05) return null;
  return { paid: figures.cost / kwh, atOnce: figures.cost_if_charged_at_once / kwh };
}

/** Some of it rests on prices that are no more than estimates. */
export const isEstimated = (figures: Figures): boolean => figures.estimated_kwh > 0.05;

export const momentOf = (iso: string): Moment => Date.parse(iso) / 1000;

export const sessionsOf = (answer: Answer): Session[] =>
  answer.sessions.map((session) => ({ ...session, sessions: 1 }));

/** The years of which anything is known, and the present one. */
export function yearsOf(answer: Answer, formats: Formats, at: Moment): number[] {
  const years = new Set([...answer.months.map(({ month }) => Number(month.slice(0, 4))), yearOf(formats, at)]);
  return [...years].toSorted((one, other) => one - other);
}

export const yearOf = (formats: Formats, at: Moment): number => Number(formats.local(at).day.slice(0, 4));

export function byMonth(answer: Answer, formats: Formats, at: Moment, year: number, narrow: boolean): Shown {
  const present = formats.local(at).day.slice(0, 7);
  const ofYear = <T extends OfMonth>(rows: T[]): T[] => rows.filter(({ month }) => month.startsWith(`${year}-`));
  const months = ofYear(answer.months);
  return {
    periods: Array.from({ length: 12 }, (_, index) => {
      const month = `${year}-${String(index + 1).padStart(2, "0")}`;
      const middle = Date.UTC(year, index, 15, 12) / 1000;
      return {
        label: formats.date(middle, { month: narrow ? "narrow" : "short" }),
        name: formats.date(middle, { month: "long", year: "numeric" }),
        now: month === present,
        figures: months.find((one) => one.month === month) ?? null,
      };
    }),
    cars: carsOf(ofYear(answer.vehicle_months).map((row) => ({ ...row, id: row.vehicle_id, name: row.vehicle }))),
    total: sum(months),
  };
}

/** Each session in the week in which it ended; only weeks of which all sessions are known. */
export function byWeek(answer: Answer, formats: Formats, at: Moment, narrow: boolean): Shown {
  const sessions = sessionsOf(answer);
  const week = (moment: Moment): number => Math.floor((dayOf(formats, moment) + 3) / 7);
  const ended = ({ end }: Session): Moment => (end === null ? at : momentOf(end));
  const present = week(at);
  const oldest = Math.min(present, ...sessions.map((session) => week(ended(session))));
  const first = Math.max(answer.count > sessions.length ? oldest + 1 : 0, present - COLUMNS + 1);
  const shown = sessions.filter((session) => week(ended(session)) >= first);
  return {
    periods: Array.from({ length: present - first + 1 }, (_, index) => {
      const number = first + index;
      const found = shown.filter((session) => week(ended(session)) === number);
      const monday = (number * 7 - 3) * DAY_S + DAY_S / 2;
      return {
        label: formats.date(monday, dayParts(narrow)),
        name: formats.date(monday, LONG_DAY),
        now: number === present,
        figures: found.length ? sum(found) : null,
      };
    }),
    cars: carsOf(shown.map(carOfSession)),
    total: sum(shown),
  };
}

export function bySession(answer: Answer, formats: Formats, narrow: boolean): Shown {
  const shown = sessionsOf(answer).slice(0, COLUMNS).toReversed();
  return {
    periods: shown.map((session) => ({
      label: formats.date(momentOf(session.begin), dayParts(narrow)),
      name: formats.date(momentOf(session.begin), LONG_DAY),
      now: session.end === null,
      figures: session,
    })),
    cars: carsOf(shown.map(carOfSession)),
    total: sum(shown),
  };
}

const carOfSession = (session: Session): OfCar => ({ ...session, id: session.vehicle_id, name: session.vehicle });

/** Days since 1970 of the user's calendar. */
const dayOf = (formats: Formats, moment: Moment): number =>
  Math.round(Date.parse(`${formats.local(moment).day}T00:00Z`) / 1000 / DAY_S);

/** What each car came to; guests last, as one. */
function carsOf(rows: OfCar[]): OfCar[] {
  const ids = [...new Set(rows.map(({ id }) => id))].toSorted(
    (one, other) => Number(one === null) - Number(other === null) || String(one).localeCompare(String(other)),
  );
  return ids.map((id) => {
    const own = rows.filter((row) => row.id === id);
    return { ...sum(own), id, name: own.find(({ name }) => name !== null)?.name ?? null };
  });
}
