/** The first module: names the cards and the dashboard, and defines them at once. */

import { ChargerCard, isCharger } from "./charger-card";
import { prepare, ready } from "./forms";
import { PlanCard } from "./plan-card";
import { SavingsCard } from "./savings-card";
import type { Hass } from "./types";

interface Listed {
  type: string;
  name: string;
  description: string;
  preview: boolean;
  documentationURL: string;
  getEntitySuggestion(hass: Hass, entityId: string): unknown;
}

declare global {
  interface Window {
    customCards?: Listed[];
    customStrategies?: { type: string; strategyType: string; name: string; description: string }[];
  }
}

const DOCUMENTATION = "https://github.com/optivgi/home-assistant-optivgi";

function define(name: string, element: () => CustomElementConstructor): void {
  // Two dashboards' resources may both bring it, and so may an older version that is still there.
  if (!customElements.get(name)) customElements.define(name, element());
}

/** A card as the list of cards shows it; its words are looked up when that is opened. */
const listed = (type: string, key: string, suggest: Listed["getEntitySuggestion"]): Listed => ({
  type,
  get name() {
    return `OptiVGI: ${ready()?.say(`${key}_name`) || type}`;
  },
  get description() {
    return ready()?.say(`${key}_description`) ?? "";
  },
  preview: true,
  documentationURL: DOCUMENTATION,
  getEntitySuggestion: suggest,
});

define("optivgi-plan-card", () => PlanCard);
define("optivgi-charger-card", () => ChargerCard);
define("optivgi-savings-card", () => SavingsCard);
define(
  "ll-strategy-dashboard-optivgi",
  () =>
    class extends HTMLElement {
      static async generate(config: unknown, hass: Hass): Promise<unknown> {
        return (await import("./strategy")).generate(config, hass);
      }
    },
);

/** Whether an entity shows what sessions came to. */
const isAboutSessions = (hass: Hass, entityId: string): boolean => {
  const { platform, translation_key: key } = hass.entities[entityId] ?? {};
  return platform === "optivgi" && /^charg(ed_|ing_[cs])|^last_session/.test(key ?? "");
};

window.customCards ??= [];
if (!window.customCards.some(({ type }) => type === "optivgi-plan-card")) {
  window.customCards.push(
    listed("optivgi-plan-card", "plan_card", (hass, entityId) =>
      hass.entities[entityId]?.platform === "optivgi"
        ? { config: { type: "custom:optivgi-plan-card" } }
        : null,
    ),
    listed("optivgi-charger-card", "charger_card", (hass, entityId) => {
      const device = hass.entities[entityId]?.device_id;
      return device && isCharger(hass, device)
        ? { config: { type: "custom:optivgi-charger-card", device_id: device } }
        : null;
    }),
    listed("optivgi-savings-card", "savings_card", (hass, entityId) =>
      isAboutSessions(hass, entityId) ? { config: { type: "custom:optivgi-savings-card" } } : null,
    ),
  );
}
window.customStrategies ??= [];
if (!window.customStrategies.some(({ type }) => type === "optivgi")) {
  window.customStrategies.push({
    type: "optivgi",
    strategyType: "dashboard",
    name: "OptiVGI",
    get description() {
      return ready()?.say("dashboard_description") ?? "";
    },
  });
}

void prepare().catch(() => undefined);
