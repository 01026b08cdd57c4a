/** The savings card once it is loaded: asks for the sessions, and shows what they came to. */

import { html, nothing, svg, type TemplateResult } from "lit";

import { Formats } from "./formats";
import { icon } from "./icons";
import { choiceBy } from "./lane";
import type { SavingsCard } from "./savings-card";
import { type Answer, type By, byMonth, bySession, byWeek, type Figures, isEstimated, pricesOf, savedOf, type Shown, solarShare, yearOf, yearsOf } from "./savings-figures";
import { Columns, costPanel, energyPanel, labels, pricePanel } from "./savings-panels";
import { type Context, lastSessions, listened, money, ofCars } from "./savings-tables";
import { Texts } from "./texts";
import type { Hass } from "./types";

export { styles } from "./savings-styles";

/** What goes on is counted every five minutes. */
const AGAIN_MS = 300_000;
const RETRY_MS = 10_000;
/** Twelve weeks of two cars; where there are more cars, weeks need all that is given at once. */
const LISTED = 200;
const MOST = 1000;
const NARROW_PX = 600;
const FRAME_PX = 34;
const BESIDE_PX = 312;
const TIP_PX = 232;
const MODES: By[] = ["week", "month", "session"];
const PIGGY =
  "M15,10A1,1 0 0,1 16,11A1,1 0 0,1 15,12A1,1 0 0,1 14,11A1,1 0 0,1 15,10M22,7.5V14.47L19.18,15.41L17.5,21H12V19H10V21H4.5C4.5,21 2,12.54 2,9.5A5.5,5.5 0 0,1 7.5,4H12.5C13.41,2.79 14.86,2 16.5,2A1.5,1.5 0 0,1 18,3.5C18,3.71 17.96,3.9 17.88,4.08C17.74,4.42 17.62,4.81 17.56,5.23L19.83,7.5H22M20,9.5H19L15.5,6C15.5,5.35 15.59,4.71 15.76,4.09C14.79,4.34 14,5.06 13.67,6H7.5A3.5,3.5 0 0,0 4,9.5C4,11.38 5.22,16.15 6,19H8V17H14V19H16L17.56,13.85L20,13.03V9.5M13,9H8V7H13V9Z";

interface Failure {
  code?: string;
}

export class Savings {
  private answer: Answer | null = null;
  private texts: Texts | null = null;
  private formats: Formats;
  private refused: string | null = null;
  private by: By = "month";
  private year: number | null = null;
  private hover: number | null = null;
  private width = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private localize: Hass["localize"] | undefined;
  private locale = "";

  constructor(private readonly card: SavingsCard) {
    this.formats = new Formats(card.hass);
    this.meet(card.hass);
    card.addController({ hostConnected: () => this.begin(), hostDisconnected: () => this.end() });
  }

  private observer = new ResizeObserver(() => this.measure());

  private begin(): void {
    this.measure();
    this.observer.observe(this.card);
    this.restart();
  }

  private end(): void {
    this.observer.disconnect();
    clearTimeout(this.timer);
  }

  /** Take what changes how it looks: language, formats, time zone. */
  meet(hass: Hass): void {
    const locale = JSON.stringify([hass.language, hass.locale, hass.config?.currency, hass.config?.time_zone]);
    if (locale !== this.locale) {
      this.locale = locale;
      this.formats = new Formats(hass);
      void Texts.load(hass).then((texts) => {
        this.texts = texts;
        this.card.requestUpdate();
      });
    }
    if (hass.localize !== this.localize) {
      this.localize = hass.localize;
      const texts = new Texts(hass.localize);
      if (texts.known) this.texts = texts;
      this.card.requestUpdate();
    }
  }

  restart(): void {
    clearTimeout(this.timer);
    void this.ask(this.by === "week" && this.answer && this.answer.count > LISTED ? MOST : LISTED).then(
      (answer) => {
        this.answer = answer;
        this.refused = null;
        this.again(AGAIN_MS);
      },
      (error: Failure) => {
        // While Home Assistant starts, nobody knows the action yet.
        this.refused = error?.code === "unauthorized" ? "refused" : this.site ? "not_loaded" : "no_site";
        this.again(RETRY_MS);
      },
    );
  }

  private again(ms: number): void {
    this.card.requestUpdate();
    clearTimeout(this.timer);
    if (this.card.isConnected) this.timer = setTimeout(() => this.restart(), ms);
  }

  /** Like the plan: the first site, where none is chosen. */
  private get site(): string | undefined {
    return this.card.config?.site ?? Object.values(this.card.hass.devices).find(isSite)?.config_entries[0];
  }

  private async ask(count: number, csv = false): Promise<Answer> {
    const { site } = this;
    const { response } = await this.card.hass.callWS<{ response: Answer }>({
      type: "call_service",
      domain: "optivgi",
      service: "get_sessions",
      service_data: { count, ...(csv ? { csv } : {}), ...(site ? { config_entry_id: site } : {}) },
      return_response: true,
    });
    return response;
  }

  private measure(): void {
    const { clientWidth } = this.card;
    const width = clientWidth - FRAME_PX - (clientWidth < NARROW_PX ? 0 : BESIDE_PX);
    if (width > 0 && width !== this.width) {
      this.width = width;
      this.card.requestUpdate();
    }
  }

  render(): TemplateResult {
    const { texts, answer, formats, refused } = this;
    if (!texts?.known || (!answer && !refused)) return html`<ha-card><div class="message"></div></ha-card>`;
    if (!answer) return this.message(texts.say(refused!), "");
    if (!answer.months.length) return this.message(texts.say("no_sessions"), texts.say("no_sessions_detail"));
    const at = Date.now() / 1000;
    const narrow = this.card.clientWidth < NARROW_PX;
    const year = this.year ?? yearOf(formats, at);
    const shown =
      this.by === "month"
        ? byMonth(answer, formats, at, year, narrow)
        : this.by === "week"
          ? byWeek(answer, formats, at, narrow)
          : bySession(answer, formats, narrow);
    const context: Context = { texts, formats, at };
    const title = this.title(texts, shown, year);
    const saved = savedOf(shown.total) ?? 0;
    return html`<ha-card class="savings" role="region" aria-label=${title}>
      <header class="head">
        <div class="badge ${saved < 0 ? "alarm" : ""}">${piggy()}</div>
        <div class="t"><h2 aria-live="polite">${title}</h2><div class="c">${this.detail(texts, shown.total)}</div></div>
        ${this.choices(texts, yearsOf(answer, formats, at), year)}
      </header>
      ${this.pictures(context, shown)}
      ${ofCars(context, shown.cars)}
      ${lastSessions(context, answer, shown.cars)}
      <footer class="foot">
        <span class="c">${[...guesses(context, shown.total), texts.say("saved_means")].join(" ")}</span>
        <button class="c link" @click=${() => void this.save()}>${texts.say("save_csv", { count: String(answer.count) })}</button>
      </footer>
      ${listened(context, shown, title)}
    </ha-card>`;
  }

  private message(title: string, detail: string): TemplateResult {
    return html`<ha-card><div class="message">
      <div class="badge quiet">${piggy()}</div>
      <div class="t">${detail ? html`<h2>${title}</h2><div class="c">${detail}</div>` : html`<div class="c">${title}</div>`}</div>
    </div></ha-card>`;
  }

  private title(texts: Texts, { total, periods }: Shown, year: number): string {
    const amount = money(this.formats, savedOf(total) ?? 0);
    const count = String(periods.length);
    if (this.by === "week") return texts.say("saved_weeks", { amount, count });
    return this.by === "month" ? texts.say("saved_year", { amount, year: String(year) }) : texts.say("saved_sessions", { amount, count });
  }

  private detail(texts: Texts, total: Figures): string {
    const { formats } = this;
    const { cost, cost_if_charged_at_once: atOnce, planned_kwh: planned, would_save: would } = total;
    const said: string[] = [];
    if (planned) said.push(texts.say("would_have_saved", { amount: money(formats, would ?? 0) }));
    if (cost !== null && atOnce !== null) {
      const share = atOnce > 0 ? (100 * (atOnce - cost)) / atOnce : 0;
      const named = { paid: money(formats, cost), at_once: money(formats, atOnce), share: formats.percent(Math.abs(share)) };
      said.push(share < 0 ? texts.say("paid_more", named) : texts.say("paid_less", named));
    }
    return said.join(" ");
  }

  private choices(texts: Texts, years: number[], year: number): TemplateResult {
    const place = years.indexOf(year);
    const move = (event: KeyboardEvent): void => {
      const by = choiceBy(event);
      if (!by) return;
      event.preventDefault();
      const next = (MODES.indexOf(this.by) + by + MODES.length) % MODES.length;
      this.choose({ by: MODES[next]! });
      (event.currentTarget as HTMLElement).querySelectorAll("button")[next]?.focus();
    };
    const step = (by: number, key: string): TemplateResult =>
      html`<button class="turn" aria-label=${key} ?disabled=${!years[place + by]} @click=${() => this.choose({ year: years[place + by]! })}>${icon(by < 0 ? "up" : "down", 18)}</button>`;
    return html`${this.by === "month" && years.length > 1 ? html`<div class="seg years">${step(-1, texts.say("earlier"))}<span class="c">${year}</span>${step(1, texts.say("later"))}</div>` : nothing}
      <div class="seg" role="radiogroup" aria-label=${texts.say("range")} @keydown=${move}>${[texts.say("by_week"), texts.say("by_month"), texts.say("by_session")].map(
        (name, index) => {
          const chosen = MODES[index] === this.by;
          return html`<button role="radio" aria-checked=${chosen} tabindex=${chosen ? 0 : -1} class=${chosen ? "on" : ""}
            @click=${() => this.choose({ by: MODES[index]! })}>${name}</button>`;
        },
      )}</div>`;
  }

  private choose({ by = this.by, year = this.year }: { by?: By; year?: number | null }): void {
    Object.assign(this, { by, year, hover: null });
    if (by === "week" && this.answer!.count > this.answer!.sessions.length) this.restart();
    this.card.requestUpdate();
  }

  private pictures(context: Context, shown: Shown): TemplateResult {
    const { texts, formats } = context;
    const columns = new Columns(this.width, shown.periods.length);
    const { total, periods } = shown;
    const unit = { unit: formats.currency };
    const per =
      this.by === "month" ? texts.say("per_month", unit) : this.by === "week" ? texts.say("per_week", unit) : texts.say("per_session", unit);
    const share = formats.percent(solarShare(total));
    const energy = texts.say("energy_of", { energy: formats.number(total.energy_kwh, total.energy_kwh < 20 ? 1 : 0), share });
    const observed = periods.some(({ figures }) => figures?.planned_kwh);
    const row = (name: string, caption: string, height: number, picture: TemplateResult, ...words: [string, string][]): TemplateResult => html`<div class="g panel">
        <div class="caption"><b>${name}</b><span class="c">${caption}</span></div>
        <div class="plot">${picture}</div>
        <div class="key" style="--tall:${height}px">${words.map(([kind, word]) => html`<div class=${kind}>${word}</div>`)}</div>
      </div>`;
    const saved = texts.entity("sensor", "charging_saved");
    const hover = this.hover !== null && this.hover < periods.length ? this.hover : null;
    const cross = hover === null ? "" : `--cross:${columns.middle(hover) - columns.slot / 2}px;--slot:${columns.slot}px;--cross-shown:block`;
    return html`<div class="plots" tabindex="0" role="group" aria-label=${texts.say("savings_picture")} style=${cross}
      @pointermove=${(event: PointerEvent) => this.point(event, columns)} @pointerdown=${(event: PointerEvent) => this.point(event, columns)}
      @pointerleave=${() => this.look(null)} @keydown=${(event: KeyboardEvent) => this.keys(event, periods.length)}>
      <div class="g axisrow"><div class="blank"></div><div class="plot">${labels(columns, periods)}<i class="cross"></i></div><div class="blank"></div></div>
      ${row(texts.say("cost"), per, 112, costPanel(columns, periods, formats, `${texts.say("cost")}, ${per}`), ["gained", saved], ["", texts.say("paid")], ...(observed ? ([["strong", texts.say("would_save")]] as [string, string][]) : []))}
      ${row(texts.say("energy_title"), energy, 72, energyPanel(columns, periods, formats, energy), ["", texts.say("grid")], ...(total.battery_kwh > 0.05 ? ([["battery-key", texts.say("battery")]] as [string, string][]) : []), ["solar-key", texts.say("solar")])}
      ${row(texts.say("price_paid"), `${formats.currency}/kWh`, 72, pricePanel(columns, periods, formats, texts.say("price_paid")), ["", texts.say("charged_at_once")], ["strong", texts.say("paid")])}
      ${hover === null ? nothing : this.tip(context, shown, hover, columns)}
    </div>`;
  }

  private tip({ texts, formats }: Context, { periods }: Shown, index: number, columns: Columns): TemplateResult {
    const { name, figures } = periods[index]!;
    const wide = this.card.clientWidth >= NARROW_PX;
    const x = columns.middle(index) + (wide ? 176 : 0) + columns.slot / 2 + 8;
    const left = x + TIP_PX > this.card.clientWidth - FRAME_PX ? x - columns.slot - 16 - TIP_PX : x;
    const row = (title: string, value: string): TemplateResult => html`<tr><td>${title}</td><td><bdi>${value}</bdi></td></tr>`;
    const prices = figures && pricesOf(figures);
    return html`<div class="tip" style="left:${Math.max(0, left)}px" aria-live="polite">
      <b>${name}</b>${figures && isEstimated(figures) ? html`<span class="c price">${texts.say("estimated")}</span>` : nothing}<hr />
      <table>${figures
        ? html`${row(texts.say("energy_title"), texts.say("energy_of", { energy: formats.number(figures.energy_kwh, 1), share: formats.percent(solarShare(figures)) }))}
            ${figures.cost === null ? nothing : row(texts.say("paid"), formats.money(figures.cost))}
            ${savedOf(figures) === null ? nothing : row(texts.entity("sensor", "charging_saved"), formats.money(savedOf(figures)!))}
            ${figures.planned_kwh ? row(texts.say("would_save"), formats.money(figures.would_save ?? 0)) : nothing}
            ${prices ? row(texts.say("price_paid"), `${formats.price(prices.paid)} ${formats.currency}/kWh`) : nothing}
            ${prices ? row(texts.say("charged_at_once"), `${formats.price(prices.atOnce)} ${formats.currency}/kWh`) : nothing}`
        : row(texts.say("energy_title"), texts.say("energy", { energy: formats.number(0) }))}</table>
    </div>`;
  }

  private point(event: PointerEvent, columns: Columns): void {
    const plot = (event.target as Element | null)?.closest?.(".plot");
    this.look(plot ? columns.at(event.clientX - plot.getBoundingClientRect().left) : null);
  }

  private keys(event: KeyboardEvent, count: number): void {
    if (event.key === "Escape") this.look(null);
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.look(this.hover === null ? (by > 0 ? 0 : count - 1) : Math.min(count - 1, Math.max(0, this.hover + by)));
  }

  private look(hover: number | null): void {
    if (hover === this.hover) return;
    this.hover = hover;
    this.card.requestUpdate();
  }

  /** Have the browser save the sessions as a table. */
  private async save(): Promise<void> {
    const { csv } = await this.ask(MOST, true);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv ?? ""], { type: "text/csv" }));
    link.download = "optivgi-sessions.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  }
}

/** The device that stands for a site has the id of its entry. */
const isSite = (device: Hass["devices"][string]): boolean =>
  device.identifiers.some(([domain, id]) => domain === "optivgi" && device.config_entries.includes(id));

const piggy = (): TemplateResult =>
  html`<svg class="ic" width="20" height="20" viewBox="0 0 24 24" aria-hidden="true">${svg`<path d=${PIGGY}></path>`}</svg>`;

/** How much of it is not known for certain. */
function* guesses({ texts, formats }: Context, total: Figures): Generator<string> {
  if (isEstimated(total)) yield texts.say("estimated_energy", { energy: formats.number(total.estimated_kwh, 1) });
  if (total.unpriced_kwh > 0.05) yield texts.say("unpriced_energy", { energy: formats.number(total.unpriced_kwh, 1) });
}
