/** What the cards have in common: the feed, the texts, the size, and what a person does. */

import { adoptStyles, html, LitElement, type PropertyValues, type TemplateResult } from "lit";

import type * as Details from "./details";
import { type Data, follow } from "./feed";
import { Formats } from "./formats";
import { icon } from "./icons";
import { type LaneActions, type Pending } from "./lane";
import type { Preview } from "./preview";
import { styles } from "./styles";
import { Texts } from "./texts";
import type { CardConfig, EntityKey, FormerPlan, Hass, Mode, Moment, Past } from "./types";
import { type Lane, type View, viewOf } from "./view";

/** The line of the present moves, and a plan gets older. */
const TICK_MS = 15_000;
const NARROW_PX = 600;
/** Padding and border of the card; what stands left and right of the picture, where there is room. */
const FRAME_PX = 34;
const BESIDE_PX = 312;

export abstract class BaseCard extends LitElement implements LaneActions {
  static override styles = styles;
  static override properties = {
    dark: { type: Boolean, reflect: true },
    config: { state: true },
    data: { state: true },
    texts: { state: true },
    width: { state: true },
    at: { state: true },
    open: { state: true },
    pending: { state: true },
    supposed: { state: true },
    details: { state: true },
    hours: { state: true },
    back: { state: true },
    older: { state: true },
    former: { state: true },
  };

  declare dark: boolean;
  declare config: CardConfig | undefined;
  declare data: Data | undefined;
  declare texts: Texts | undefined;
  declare width: number;
  declare at: Moment;
  declare open: string | null;
  declare pending: Pending | null;
  /** What is being set would come to; "preview" is what Home Assistant calls a card that is edited. */
  declare supposed: Preview | null;
  declare details: typeof Details | undefined;
  declare hours: number | null;
  /** So many hours earlier is looked at; later below zero. */
  declare back: number;
  /** What is longer ago, once it was asked for. */
  declare older: Past | null;
  /** A plan of then, to be compared. */
  declare former: FormerPlan | null;

  private _hass: Hass | undefined;
  formats: Formats | undefined;
  private unfollow: (() => void) | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  /** What is set is sent by this, once it is there. */
  setting: Details.Setting | undefined;
  private observer: ResizeObserver | undefined;
  private locale = "";
  private localize: Hass["localize"] | undefined;
  /** What is shown. */
  current: View | null = null;

  constructor() {
    super();
    this.dark = false;
    this.width = 0;
    this.at = Date.now() / 1000;
    this.open = null;
    this.pending = null;
    this.supposed = null;
    this.hours = null;
    this.back = 0;
    this.older = null;
    this.former = null;
  }

  setConfig(config: CardConfig): void {
    const site = this.config?.site;
    this.config = config;
    const hours = Number(config.hours);
    this.hours = Number.isFinite(hours) && hours > 0 ? hours : null;
    if (site !== config.site) this.restart();
  }

  set hass(hass: Hass) {
    const first = !this._hass;
    const reconnected = this._hass && this._hass.connection !== hass.connection;
    this._hass = hass;
    // States change each second; only what changes how we look matters here.
    const locale = JSON.stringify([hass.language, hass.locale, hass.config?.currency, hass.config?.time_zone]);
    if (locale !== this.locale) {
      this.locale = locale;
      this.formats = new Formats(hass);
      void Texts.load(hass).then((texts) => {
        if (!this.texts?.known) this.texts = texts;
      });
      this.requestUpdate();
    }
    // Each load of texts, ours or another's, brings a function that knows more.
    if (hass.localize !== this.localize) {
      this.localize = hass.localize;
      const texts = new Texts(hass.localize);
      if (texts.known) this.texts = texts;
    }
    this.dark = Boolean(hass.themes?.darkMode);
    if (first || reconnected) this.restart();
  }

  get hass(): Hass {
    return this._hass!;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this);
    this.timer = setInterval(() => (this.at = Date.now() / 1000), TICK_MS);
    this.restart();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.observer?.disconnect();
    clearInterval(this.timer);
    this.unfollow?.();
    this.unfollow = undefined;
  }

  private restart(): void {
    this.unfollow?.();
    this.unfollow = undefined;
    if (!this.isConnected || !this._hass || !this.config) return;
    this.unfollow = follow(this._hass, this.config.site, (data) => {
      if (data.plan !== this.data?.plan) this.setting?.settle();
      this.data = data;
      this.at = Date.now() / 1000;
    });
  }

  protected get narrow(): boolean {
    return this.clientWidth < NARROW_PX;
  }

  /** How wide the picture is, or will be: drawn once at the right width, not twice. */
  private measure(): void {
    const plot = this.renderRoot.querySelector<HTMLElement>(".plot");
    const width = plot?.clientWidth ?? this.clientWidth - FRAME_PX - (this.narrow ? 0 : BESIDE_PX);
    if (plot === null && this.clientWidth === 0) return;
    if (width && Math.abs(width - this.width) >= 1) this.width = width;
  }

  protected override firstUpdated(): void {
    void import("./details").then((details) => {
      adoptStyles(this.renderRoot as ShadowRoot, [...styles, details.styles]);
      this.setting = new details.Setting(this);
      this.details = details;
    });
  }

  protected override updated(_changed: PropertyValues): void {
    this.measure();
  }

  protected override willUpdate(changed: PropertyValues): void {
    const { data, texts, formats, _hass: hass } = this;
    if (["data", "texts", "width", "at", "hours", "back", "config", "supposed", "older", "former"].some((key) => changed.has(key)) || !this.current) {
      this.current =
        data?.state === "loaded" && data.now && texts?.known && formats && hass
          ? viewOf({
              hass,
              texts,
              formats,
              plan:
                data.plan && this.supposed && this.details
                  ? this.details.previewed(data.plan, this.supposed)
                  : data.plan,
              former: this.supposed ? data.plan : null,
              preview: this.supposed,
              past: this.details?.merged(this.older, data.past) ?? data.past,
              now: data.now,
              at: this.at,
              hours: this.hours,
              back: this.back,
              width: this.width || 300,
              narrow: this.narrow,
            })
          : null;
      if (this.current && this.former && !this.supposed) this.details?.compare(this.current, this.former);
    }
  }

  protected override render(): TemplateResult {
    if (this.current) return this.body(this.current);
    const { texts, data } = this;
    const state = data?.state ?? "waiting";
    const key = state === "waiting" || state === "loaded" ? "" : state;
    return html`<ha-card><div class="message">
      <div class="badge quiet">${icon("station", 20)}</div>
      <div class="c">${key && texts ? texts.say(key) : ""}</div>
    </div></ha-card>`;
  }

  protected abstract body(view: View): TemplateResult;

  // What a person does

  toggle(charger: string): void {
    this.open = this.open === charger ? null : charger;
  }

  setMode(lane: Lane, mode: Mode): void {
    const entity = lane.charger.entities.mode;
    // Selecting it again takes a charger back that is operated by hand.
    if (!entity || (mode === lane.charger.mode && lane.charger.status !== "held")) return;
    void this.hass.callService("select", "select_option", { entity_id: entity, option: mode });
  }

  more(lane: Lane, key: EntityKey): void {
    const entityId = lane.charger.entities[key];
    if (!entityId) return;
    this.dispatchEvent(
      new CustomEvent("hass-more-info", { bubbles: true, composed: true, detail: { entityId } }),
    );
  }
}
