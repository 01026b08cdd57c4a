/** Everything that people read, by the integration's translations in the user's language. */

import type { Formats } from "./formats";
import type { CodedReason, Hass, Localize, Moment, Placeholder } from "./types";

const DOMAIN = "optivgi";
const OPEN = "\u0001";
const CLOSE = "\u0002";

export class Texts {
  constructor(private readonly localize: Localize) {}

  /** Have the texts loaded. What comes of it may know fewer than `hass.localize` does later. */
  static async load(hass: Hass): Promise<Texts> {
    await hass.loadBackendTranslation("entity", DOMAIN);
    return new Texts(await hass.loadBackendTranslation("exceptions", DOMAIN));
  }

  /** Whether they are there. */
  get known(): boolean {
    return this.say("price") !== "";
  }

  /** A text of the card, with what it names. */
  say(key: string, named: Record<string, string> = {}): string {
    return this.localize(`component.${DOMAIN}.exceptions.card_${key}.message`, apart(named)) ?? "";
  }

  /** The same in parts; those that were named are to be shown with weight. */
  parts(key: string, named: Record<string, string>): { text: string; strong: boolean }[] {
    const marked = Object.fromEntries(
      Object.entries(named).map(([name, value]) => [name, `${OPEN}${value}${CLOSE}`]),
    );
    return this.say(key, marked)
      .split(new RegExp(`(${OPEN}[^${CLOSE}]*${CLOSE})`))
      .filter((text) => text !== "")
      .map((text) => ({
        text: text.replace(OPEN, "").replace(CLOSE, ""),
        strong: text.startsWith(OPEN),
      }));
  }

  /** The name of one of our entities, or of one of its states. */
  entity(platform: string, key: string, state?: string): string {
    const where = `component.${DOMAIN}.entity.${platform}.${key}`;
    return this.localize(state === undefined ? `${where}.name` : `${where}.state.${state}`) ?? "";
  }

  reason(reason: CodedReason, formats: Formats, now: Moment): string {
    const named = Object.fromEntries(
      Object.entries(reason.placeholders).map(([name, value]) => [
        name,
        shown(value, formats, now),
      ]),
    );
    return (
      this.localize(`component.${DOMAIN}.exceptions.reason_${reason.code}.message`, apart(named)) ?? ""
    );
  }
}

/** From right to left, what is named keeps its own direction, and does not decide on that of the sentence. */
const apart = (named: Record<string, string>): Record<string, string> =>
  document.dir === "rtl"
    ? Object.fromEntries(Object.entries(named).map(([name, value]) => [name, `\u2068${value}\u2069`]))
    : named;

function shown(value: Placeholder, formats: Formats, now: Moment): string {
  if (value.time !== undefined) return formats.when(value.time, now);
  if (value.number !== undefined) return formats.number(value.number, value.digits ?? 0);
  if (value.list !== undefined) return value.list.join(", ");
  return value.text ?? "";
}
