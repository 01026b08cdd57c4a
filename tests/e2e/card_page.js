// What Home Assistant is for a card, as far as the cards use it.
const RTL = ["ar", "fa", "he", "ur"];
const PAPER = { light: ["#fff", "#141414", "#5e5e5e", "#0000001f", "#fafafa"], dark: ["#1c1c1c", "#e1e1e1", "#9b9b9b", "#e1e1e11f", "#111"] };
const listeners = [];
const calls = [];
let hass;
let answers = {};

customElements.define("ha-card", class extends HTMLElement {
  connectedCallback() {
    this.attachShadow({ mode: "open" }).innerHTML = `<style>:host{display:block;background:var(--card-background-color);
      border:1px solid var(--divider-color);border-radius:12px;color:var(--primary-text-color)}</style><slot></slot>`;
  }
});

function house({ language, dark, texts, locale }) {
  const at = (path) => path.split(".").reduce((node, key) => node?.[key], texts);
  const localize = (key, named = {}) => {
    const text = at(key.replace("component.optivgi.", ""));
    return typeof text === "string" ? text.replace(/{(\w+)}/g, (all, name) => named[name] ?? all) : "";
  };
  const [paper, ink, quiet, line, page] = PAPER[dark ? "dark" : "light"];
  document.dir = RTL.includes(language) ? "rtl" : "ltr";
  document.body.style.cssText = `margin:12px;background:${page};font-family:Roboto,Noto,sans-serif;--primary-color:#009ac7;
    --error-color:#db4437;--primary-text-color:${ink};--secondary-text-color:${quiet};--divider-color:${line};--card-background-color:${paper}`;
  hass = {
    language,
    locale: { language, number_format: "language", time_format: "24", time_zone: "server", ...locale },
    config: { currency: "EUR", time_zone: "Europe/Amsterdam", state: "RUNNING" },
    themes: { darkMode: dark },
    localize,
    loadBackendTranslation: async () => localize,
    connection: {
      subscribeMessage: async (callback) => {
        listeners.push(callback);
        return async () => undefined;
      },
    },
    callService: async (...call) => calls.push(call),
    callWS: async (message) => {
      calls.push(message);
      const answer = answers[message.service ?? message.type];
      if (answer === undefined) throw { code: "unknown_command" };
      return message.service ? { response: answer } : answer;
    },
    services: { optivgi: { get_sessions: {}, what_if: {} } },
    states: {},
    entities: {},
    devices: { site: { id: "site", name: "Home", model: null, config_entries: ["entry"], identifiers: [["optivgi", "entry"]] } },
  };
}

function show(kind, config) {
  const card = document.createElement(kind);
  card.setConfig({ type: `custom:${kind}`, ...config });
  card.hass = hass;
  document.body.replaceChildren(card);
}

const send = (message) => listeners.forEach((listener) => listener(message));

let news;

/** Send the news, and wait for the frame that has what it brings. */
async function paint(shown) {
  const card = document.body.firstElementChild;
  send(news);
  for (;;) {
    await card.updateComplete;
    if (card.shadowRoot.querySelector(shown)) break;
    await new Promise((resolve) => setTimeout(resolve));
  }
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}

const leftOf = (element) => element.getBoundingClientRect().left;

/** How far from the left a part of an element's own text begins. */
function placeOf(element, part) {
  const text = [...element.childNodes].find((node) => node.nodeType === 3 && node.data.includes(part));
  const range = document.createRange();
  range.setStart(text, text.data.indexOf(part));
  range.setEnd(text, text.data.indexOf(part) + part.length);
  return leftOf(range);
}

/** By how much something of a card stands out of it, at the left or right. */
function overhang(card) {
  const room = card.getBoundingClientRect();
  const all = [...card.querySelectorAll("svg > :not(defs), .sums td, .key *")].map((one) => one.getBoundingClientRect());
  return Math.max(...all.map((one) => Math.max(one.right - room.right, room.left - one.left)));
}

const files = [];

/** Keep what would be saved. */
function keepFiles() {
  URL.createObjectURL = (file) => (files.push(file), "data:,");
}
