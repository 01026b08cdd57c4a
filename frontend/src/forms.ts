/** What can be set in the visual editor; its labels come from the translations. */

import { Texts } from "./texts";
import type { Hass } from "./types";

interface Form {
  schema: Record<string, unknown>[];
  computeLabel(field: { name: string }): string;
}

let texts: Texts | null = null;

/** Have the texts ready that the editor and the list of cards ask for at once. */
export async function prepare(hass: Hass): Promise<void> {
  texts = await Texts.load(hass);
}

export const ready = (): Texts | null => texts;

const form = (schema: Record<string, unknown>[]): Form => ({
  schema,
  computeLabel: ({ name }) => texts?.say(`field_${name}`) || name,
});

export const planForm = (): Form =>
  form([
    { name: "site", selector: { config_entry: { integration: "optivgi" } } },
    { name: "hours", selector: { number: { min: 6, max: 96, step: 6, mode: "box", unit_of_measurement: "h" } } },
  ]);

export const chargerForm = (): Form =>
  form([
    { name: "device_id", required: true, selector: { device: { integration: "optivgi", model: "Charger" } } },
    { name: "hours", selector: { number: { min: 6, max: 96, step: 6, mode: "box", unit_of_measurement: "h" } } },
  ]);
