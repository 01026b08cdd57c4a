/** What can be set in the visual editor; its labels come from the translations. */

import { Texts } from "./texts";
import type { Hass } from "./types";

interface Form {
  schema: Record<string, unknown>[];
  computeLabel(field: { name: string }): string;
}

type App = HTMLElement & { hass?: Hass };

const app = (): Hass | undefined => document.querySelector<App>("home-assistant")?.hass;

/** Have the texts loaded that the editor and the list of cards ask for at once. */
export async function prepare(): Promise<void> {
  const hass = app();
  if (hass) await Texts.load(hass);
}

/** The texts as far as they are there by now. */
export function ready(): Texts | null {
  const hass = app();
  return hass ? new Texts(hass.localize) : null;
}

const form = (schema: Record<string, unknown>[]): Form => ({
  schema,
  computeLabel: ({ name }) => ready()?.say(`field_${name}`) || name,
});

const SITE = { name: "site", selector: { config_entry: { integration: "optivgi" } } };

export const savingsForm = (): Form => form([SITE]);

export const planForm = (): Form =>
  form([
    SITE,
    { name: "hours", selector: { number: { min: 6, max: 96, step: 6, mode: "box", unit_of_measurement: "h" } } },
  ]);

export const chargerForm = (): Form =>
  form([
    { name: "device_id", required: true, selector: { device: { integration: "optivgi", model: "Charger" } } },
    { name: "hours", selector: { number: { min: 6, max: 96, step: 6, mode: "box", unit_of_measurement: "h" } } },
  ]);
