/** `optivgi-savings-card`: what was charged, paid and saved. All but its frame is loaded when it is shown. */

import { adoptStyles, html, LitElement, type TemplateResult } from "lit";

import { savingsForm } from "./forms";
import type { Savings } from "./savings";
import { styles } from "./styles";
import type { CardConfig, Hass } from "./types";

export class SavingsCard extends LitElement {
  static override styles = styles;
  static override properties = { dark: { type: Boolean, reflect: true }, savings: { state: true } };

  static getConfigForm = savingsForm;
  static getStubConfig = (): Partial<CardConfig> => ({});

  declare dark: boolean;
  declare savings: Savings | undefined;
  config: CardConfig | undefined;
  private _hass: Hass | undefined;

  setConfig(config: CardConfig): void {
    this.config = config;
    this.savings?.restart();
  }

  set hass(hass: Hass) {
    this._hass = hass;
    this.dark = Boolean(hass.themes?.darkMode);
    this.savings?.meet(hass);
  }

  get hass(): Hass {
    return this._hass!;
  }

  getCardSize(): number {
    return 12;
  }

  getGridOptions(): Record<string, unknown> {
    return { columns: "full", min_columns: 6, rows: "auto" };
  }

  protected override firstUpdated(): void {
    void Promise.all([import("./savings"), import("./details")]).then(([savings, details]) => {
      adoptStyles(this.renderRoot as ShadowRoot, [...styles, details.styles, savings.styles]);
      this.savings = new savings.Savings(this);
    });
  }

  protected override render(): TemplateResult {
    return this.savings?.render() ?? html`<ha-card></ha-card>`;
  }
}
