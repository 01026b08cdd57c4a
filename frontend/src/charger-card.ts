/** `optivgi-charger-card`: one charger, for phones and for the page of its room. */

import { html, type TemplateResult } from "lit";

import { BaseCard } from "./base";
import { chargerForm } from "./forms";
import { laneView } from "./lane";
import { axis } from "./panels";
import type { CardConfig, Hass } from "./types";
import type { View } from "./view";

export class ChargerCard extends BaseCard {
  static getConfigForm = chargerForm;

  static getStubConfig(hass: Hass): Partial<CardConfig> {
    const device = Object.values(hass.devices).find((one) => isCharger(hass, one.id));
    return device ? { device_id: device.id } : {};
  }

  private opened = false;

  getCardSize(): number {
    return 5;
  }

  getGridOptions(): Record<string, unknown> {
    return { columns: 12, min_columns: 6, rows: "auto" };
  }

  protected body(view: View): TemplateResult {
    const device = this.hass.devices[this.config?.device_id ?? ""];
    const ids = device?.identifiers.map(([, id]) => id) ?? [];
    const lane =
      view.lanes.find(({ charger }) => ids.includes(charger.id)) ??
      (device ? undefined : view.lanes[0]);
    if (!lane) {
      return html`<ha-card><div class="message c">${view.texts.say("no_charger")}</div></ha-card>`;
    }
    // There is only this one, so what can be set is there at once.
    if (!this.opened) queueMicrotask(() => this.toggle(lane.charger.id));
    this.opened = true;
    const ticks = view.scale.ticks(view.formats);
    return html`<ha-card class="single">
      <div class="g axisrow"><div class="blank"></div><div class="plot">${axis(view, ticks)}</div><div class="blank"></div></div>
      ${laneView(view, lane, ticks, this)}
    </ha-card>`;
  }
}

/** Whether a device is a charger of ours. */
export function isCharger(hass: Hass, deviceId: string): boolean {
  return Object.values(hass.entities).some(
    (entity) =>
      entity.device_id === deviceId &&
      entity.platform === "optivgi" &&
      entity.translation_key === "mode",
  );
}
