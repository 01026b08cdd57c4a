/** What a person sets step by step: shown at once, with what it would come to, sent a moment later, and taken back. */

import type { Formats } from "./formats";
import type { Pending } from "./lane";
import { ask, ASK_MS, type Preview } from "./preview";
import type { Texts } from "./texts";
import type { Hass, Moment } from "./types";
import type { Lane, View } from "./view";

/** Who changes something step by step is not overtaken. */
const SEND_MS = 900;
/** So long what was set is shown, should no news of it come. */
const KEPT_MS = 8_000;
const UNDO_MS = 8_000;

/** The card that shows it. */
interface Shown extends EventTarget {
  hass: Hass;
  texts: Texts | undefined;
  formats: Formats | undefined;
  at: Moment;
  current: View | null;
  pending: Pending | null;
  supposed: Preview | null;
}

export class Setting {
  private sent = false;
  private asking: ReturnType<typeof setTimeout> | undefined;
  private sending: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly card: Shown) {}

  /** A new plan has come: what was sent is in it. */
  settle(): void {
    if (this.sent) this.cancel();
  }

  setTarget(lane: Lane, percent: number, final: boolean): void {
    const before = lane.charger.target_soc;
    this.set({ charger: lane.charger.id, target: percent, departure: null });
    this.sendSoon(final ? 0 : SEND_MS, () => {
      const entity = lane.charger.entities.target_soc;
      if (!entity || percent === before) return;
      void this.card.hass.callService("number", "set_value", { entity_id: entity, value: percent });
      this.offerUndo("undo_target", { name: lane.name, target: this.card.formats!.percent(percent) }, () =>
        this.card.hass.callService("number", "set_value", { entity_id: entity, value: before }),
      );
    });
  }

  setEnergy(lane: Lane, kwh: number): void {
    const entity = lane.charger.entities.target_energy;
    if (entity) void this.card.hass.callService("number", "set_value", { entity_id: entity, value: kwh });
  }

  setDeparture(lane: Lane, moment: Moment, final = false): void {
    const before = lane.charger.departure;
    this.set({ charger: lane.charger.id, target: null, departure: moment });
    this.sendSoon(final ? 0 : SEND_MS, () => {
      const entity = lane.charger.entities.next_departure;
      if (!entity || moment === before) return;
      const send = (at: Moment): Promise<unknown> =>
        this.card.hass.callService("datetime", "set_value", {
          entity_id: entity,
          datetime: new Date(at * 1000).toISOString(),
        });
      void send(moment);
      const named = { name: lane.name, departure: this.card.formats!.when(moment, this.card.at) };
      this.offerUndo("undo_departure", named, () => send(before));
    });
  }

  drag(lane: Lane, moment: Moment): void {
    this.set({ charger: lane.charger.id, target: null, departure: moment });
  }

  /** Put back what was being set, or show what has come of it. */
  cancel(): void {
    clearTimeout(this.sending);
    this.sent = false;
    this.card.pending = null;
    this.card.supposed = null;
  }

  /** Show what is being set, before it is sent, and ask what it would come to. */
  private set(pending: Pending): void {
    clearTimeout(this.sending);
    this.sent = false;
    this.card.pending = pending;
    this.askSoon();
  }

  private askSoon(): void {
    this.asking ??= setTimeout(() => void this.wonder(), ASK_MS);
  }

  private async wonder(): Promise<void> {
    const { pending, current } = this.card;
    const lane = current?.lanes.find(({ charger }) => charger.id === pending?.charger);
    const found = pending && lane ? await ask(this.card.hass, lane, pending) : null;
    this.asking = undefined;
    if (!this.card.pending || !pending) return;
    if (found) this.card.supposed = found;
    if (this.card.pending !== pending) this.askSoon();
  }

  private sendSoon(ms: number, send: () => void): void {
    clearTimeout(this.sending);
    this.sending = setTimeout(() => {
      send();
      this.sent = true;
      this.sending = setTimeout(() => this.cancel(), KEPT_MS);
    }, ms);
  }

  private offerUndo(key: string, named: Record<string, string>, undo: () => Promise<unknown>): void {
    this.card.dispatchEvent(
      new CustomEvent("hass-notification", {
        bubbles: true,
        composed: true,
        detail: {
          message: this.card.texts!.say(key, named),
          duration: UNDO_MS,
          dismissable: true,
          action: { text: this.card.texts!.say("undo"), action: () => void undo() },
        },
      }),
    );
  }
}
