/** Numbers, money and times as the user has them in Home Assistant. */

import type { Hass, Moment } from "./types";

const LOCALES: Record<string, string | string[] | undefined> = {
  comma_decimal: ["en-US", "en"],
  decimal_comma: ["de", "es", "it"],
  space_comma: ["fr", "sv", "cs"],
  quote_decimal: ["de-CH"],
};

const MINUTE_S = 60;
const LOCALS_KEPT = 2000;

export class Formats {
  private readonly numberLocale: string | string[] | undefined;
  private readonly grouping: boolean;
  private readonly timeZone: string | undefined;
  private readonly language: string;
  private readonly known = new Map<string, Intl.NumberFormat>();
  private readonly clockFormat: Intl.DateTimeFormat;
  private readonly dayFormat: Intl.DateTimeFormat;
  private readonly dayOfMonthFormat: Intl.DateTimeFormat;
  private readonly partsFormat: Intl.DateTimeFormat;
  private readonly locals = new Map<Moment, { day: string; minutes: number }>();
  /** The sign of the currency, as in €. */
  readonly currency: string;

  constructor(private readonly hass: Hass) {
    const { locale, config } = hass;
    this.language = locale.language;
    this.grouping = locale.number_format !== "none";
    this.numberLocale =
      locale.number_format === "system"
        ? undefined
        : locale.number_format === "none"
          ? "en-US"
          : (LOCALES[locale.number_format] ?? locale.language);
    this.timeZone = locale.time_zone === "server" ? config.time_zone : undefined;
    const zone = { timeZone: this.timeZone };
    this.clockFormat = new Intl.DateTimeFormat(this.language, {
      hour: this.hour12 ? "numeric" : "2-digit",
      minute: "2-digit",
      hourCycle: this.hour12 ? "h12" : "h23",
      ...zone,
    });
    this.dayFormat = new Intl.DateTimeFormat(this.language, { weekday: "short", ...zone });
    this.dayOfMonthFormat = new Intl.DateTimeFormat(this.language, { day: "numeric", ...zone });
    this.partsFormat = new Intl.DateTimeFormat("en-CA", {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      ...zone,
    });
    this.currency =
      this.of({ style: "currency", currency: config.currency, currencyDisplay: "narrowSymbol" })
        .formatToParts(0)
        .find((part) => part.type === "currency")?.value ?? config.currency;
  }

  private get hour12(): boolean {
    const format = this.hass.locale.time_format;
    if (format === "12" || format === "24") return format === "12";
    const language = format === "system" ? undefined : this.language;
    return new Date(2023, 0, 1, 22).toLocaleTimeString(language).includes("10");
  }

  private of(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = JSON.stringify(options);
    let format = this.known.get(key);
    if (!format) {
      format = new Intl.NumberFormat(this.numberLocale, { ...options, useGrouping: this.grouping });
      this.known.set(key, format);
    }
    return format;
  }

  number(value: number, digits = 0): string {
    // What rounds to nothing has no sign.
    const shown = Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value;
    return this.of({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(shown);
  }

  kw(value: number): string {
    return this.number(value, 1);
  }

  /** A number with as few decimals as it needs, at most two. */
  plain(value: number): string {
    return this.of({ maximumFractionDigits: 2 }).format(value);
  }

  percent(value: number): string {
    return this.of({ style: "percent", maximumFractionDigits: 0 }).format(value / 100);
  }

  money(value: number, digits = 2): string {
    const shown = Math.abs(value) < 0.5 * 10 ** -digits ? 0 : value;
    return this.of({
      style: "currency",
      currency: this.hass.config.currency,
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(shown);
  }

  /** A change of money, with its sign. */
  signed(value: number): string {
    return this.of({
      style: "currency",
      currency: this.hass.config.currency,
      currencyDisplay: "narrowSymbol",
      signDisplay: "exceptZero",
    }).format(Math.round(value * 100) / 100);
  }

  /** A price of energy, with three decimals. */
  price(value: number): string {
    return this.number(value, 3);
  }

  clock(moment: Moment): string {
    return this.clockFormat.format(moment * 1000);
  }

  /** The time, with its day where that is not the day of another moment. */
  when(moment: Moment, now: Moment): string {
    return this.sameDay(moment, now) ? this.clock(moment) : this.dayClock(moment);
  }

  dayClock(moment: Moment): string {
    return `${this.dayFormat.format(moment * 1000)} ${this.clock(moment)}`;
  }

  day(moment: Moment): string {
    return `${this.dayFormat.format(moment * 1000)} ${this.dayOfMonthFormat.format(moment * 1000)}`;
  }

  /** A day in other parts than usual. */
  date(moment: Moment, parts: Intl.DateTimeFormatOptions): string {
    return new Intl.DateTimeFormat(this.language, { ...parts, timeZone: this.timeZone }).format(moment * 1000);
  }

  sameDay(one: Moment, other: Moment): boolean {
    return this.local(one).day === this.local(other).day;
  }

  /** The day, and the minutes since its midnight, where the user is. */
  local(moment: Moment): { day: string; minutes: number } {
    // The same moments are asked for with each picture, and by each lane.
    let found = this.locals.get(moment);
    if (!found) {
      const parts: Record<string, string> = {};
      for (const { type, value } of this.partsFormat.formatToParts(moment * 1000)) parts[type] = value;
      found = {
        day: `${parts.year}-${parts.month}-${parts.day}`,
        minutes: Number(parts.hour) * 60 + Number(parts.minute),
      };
      if (this.locals.size >= LOCALS_KEPT) this.locals.clear();
      this.locals.set(moment, found);
    }
    return found;
  }

  /** How long ago something was: seconds up to two minutes, then minutes. */
  ago(seconds: number): { unit: "second" | "minute" | "hour"; value: string } {
    if (seconds < 2 * MINUTE_S) return { unit: "second", value: this.number(Math.max(0, seconds)) };
    if (seconds < 120 * MINUTE_S) return { unit: "minute", value: this.number(seconds / MINUTE_S) };
    return { unit: "hour", value: this.number(seconds / 3600) };
  }

  duration(seconds: number): string {
    const { unit, value } = this.ago(seconds);
    const number = Number(seconds < 120 ? Math.round(seconds) : unit === "minute" ? Math.round(seconds / 60) : Math.round(seconds / 3600));
    try {
      return new Intl.NumberFormat(this.language, {
        style: "unit",
        unit,
        unitDisplay: "short",
        maximumFractionDigits: 0,
      }).format(number);
    } catch {
      return value;
    }
  }
}
