/** `optivgi-plan-card`: the plan of a site in one picture, and a lane for each charger. */

import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";

import { BaseCard } from "./base";
import { icon } from "./icons";
import { laneView } from "./lane";
import { axis, powerHeight, powerPanel, powerTicks, powerTop, priceHeight, pricePanel, priceY } from "./panels";
import type { Tick } from "./scale";
import type { CardConfig } from "./types";
import { MANY, type Step, stepAt, type View } from "./view";
import { footer, fuseLabel, headline, powerCaption, priceCaption } from "./words";
import { planForm } from "./forms";

export class PlanCard extends BaseCard {
  static override properties = { ...BaseCard.properties, hover: { state: true } };

  declare hover: number | null;

  static getConfigForm = planForm;

  static getStubConfig(): Partial<CardConfig> {
    return {};
  }

  getCardSize(): number {
    return 6 + 1.5 * (this.data?.now?.chargers.length ?? 2);
  }

  getGridOptions(): Record<string, unknown> {
    return { columns: "full", min_columns: 6, rows: "auto" };
  }

  constructor() {
    super();
    this.hover = null;
  }

  protected body(view: View): TemplateResult {
    const head =
      view.preview && this.details ? this.details.previewHeadline(view, view.preview) : headline(view);
    const ticks = view.scale.ticks(view.formats);
    const step = this.hover === null ? null : stepAt(view.steps, this.hover);
    const cross = step ? view.scale.within((step.start + step.end) / 2) : null;
    return html`<ha-card style=${cross === null ? "" : `--cross:${cross}px;--cross-shown:block`} role="region" aria-label=${head.title}>
      <header class="head">
        <div class="badge ${head.tone}">${icon(head.icon, 20)}</div>
        <div class="t"><h2 aria-live="polite">${head.title}</h2><div class="c">${head.detail}</div></div>
        ${this.details?.formerPlan(this, view)}${this.ranges(view)}
      </header>
      <div class="plots" tabindex="0" role="group" aria-label=${view.texts.say("picture")}
        @pointermove=${this.point} @pointerdown=${this.point} @pointerleave=${this.leave}
        @click=${(event: MouseEvent) => this.details?.choose(this, event)} @keydown=${(event: KeyboardEvent) => this.details?.keys(this, event)}>
        ${guard([view], () => this.panels(view, ticks))}
        ${view.lanes.length > MANY ? this.details?.rows(view, ticks, this) : repeat(
          view.lanes,
          (lane) => lane.charger.id,
          (lane) => laneView(view, lane, ticks, this),
        )}
        ${view.plan?.batteries?.map((battery) => this.details?.batteryLane(view, battery, ticks))}
      </div>
      ${footer(view)}
      ${step && cross !== null && this.details ? this.tip(view, step, cross) : nothing}
      ${guard([view, this.details], () => this.details?.table(view))}
    </ha-card>`;
  }

  private panels(view: View, ticks: Tick[]): TemplateResult {
    const top = powerTop(view);
    const height = powerHeight(view);
    const sold = view.steps.findLast((step) => step.export !== null)?.export ?? null;
    const y = (kw: number): number => height - (kw / top) * height - 8;
    const { texts, formats } = view;
    const [price, ...prices] = priceCaption(view);
    const [power, ...powers] = powerCaption(view);
    const cross = html`<i class="cross"></i>`;
    return html`
      <div class="g axisrow"><div class="blank"></div><div class="plot axisplot" @pointerdown=${(event: PointerEvent) => this.details?.pan(this, event)}>${axis(view, ticks)}</div><div class="blank"></div></div>
      <div class="g">
        <div class="caption"><b>${texts.say("price")}</b><span class="c">${price}</span>${prices.map((one) => html`<span class="c">${one}</span>`)}</div>
        <div class="plot"><svg width=${view.scale.width} height=${priceHeight(view)} role="img" aria-label=${[texts.say("price"), price, ...prices].join(", ")}>${pricePanel(view, ticks)}</svg>${cross}</div>
        <div class="labels" style="height:${priceHeight(view)}px">${
          sold === null
            ? nothing
            : html`<div style="top:${priceY(view, sold) - 8}px">${texts.say("feed_in", { price: formats.price(sold) })}</div>`
        }${view.narrow && prices[0] ? html`<div class="main">${prices[0]}</div>` : nothing}</div>
      </div>
      <div class="g power">
        <div class="caption"><b>${texts.say("power")}</b><span class="c">${power}</span>${powers.map((one) => html`<span class="c">${one}</span>`)}</div>
        <div class="plot"><svg width=${view.scale.width} height=${height} role="img" aria-label=${[texts.say("power"), power, ...powers].join(", ")}>${powerPanel(view, ticks)}</svg>${cross}</div>
        <div class="labels" style="height:${height}px">
          <div class="main" style="top:${y(view.now.site.limit_kw)}px;color:var(--primary-text-color)">${fuseLabel(view)}</div>
          ${powerTicks(top)
            .filter((kw) => Math.abs(kw - view.now.site.limit_kw) > top * 0.12)
            .map((kw) => html`<div style="top:${y(kw)}px">${formats.plain(kw)} kW</div>`)}
        </div>
      </div>`;
  }

  private ranges(view: View): TemplateResult | typeof nothing {
    const { texts, automatic } = view;
    // A day, and all that is planned where that is much more; and the day before, where it is known.
    const choices = automatic > 54 ? [24, 48, automatic] : automatic < 30 ? [automatic] : [24, automatic];
    const past = (this.data?.past?.kept_from ?? Infinity) < view.at - 6 * 3600;
    if (choices.length === 1 && !past) return nothing;
    const chosen = this.hours ?? automatic;
    const choice = (on: boolean, name: string, choose: () => void): TemplateResult =>
      html`<button role="radio" aria-checked=${on} class=${on ? "on" : ""} @click=${choose}>${name}</button>`;
    return html`<div class="seg" role="radiogroup" aria-label=${texts.say("range")}>${past ? choice(this.back > 0, texts.say("yesterday"), () => this.details?.lookBack(this)) : nothing}${choices.map(
      (hours) =>
        choice(
          this.back <= 0 && hours === chosen,
          hours > 60
            ? texts.say("days", { days: String(Math.round(hours / 24)) })
            : texts.say("hours", { hours: String(hours) }),
          () => ((this.hours = hours === automatic ? null : hours), (this.back = 0)),
        ),
    )}</div>`;
  }

  private tip(view: View, step: Step, x: number): TemplateResult {
    const plot = this.renderRoot.querySelector<HTMLElement>(".plot");
    const left = plot ? plot.getBoundingClientRect().left - this.getBoundingClientRect().left : 0;
    return this.details!.tooltip(view, step, x, left, this.clientWidth);
  }

  private point(event: PointerEvent): void {
    const plot = (event.target as Element | null)?.closest?.(".plot");
    // What is being set says what it comes to by itself.
    if (!plot || !this.width || this.pending) {
      this.hover = null;
      return;
    }
    const x = event.clientX - plot.getBoundingClientRect().left;
    this.hover = this.current?.scale.at(x) ?? null;
  }

  private leave(): void {
    this.hover = null;
  }
}
