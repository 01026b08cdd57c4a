/** The plan of a site, kept up to date: one subscription for all cards that show it. */

import type { Hass, Message, Now, Past, Plan } from "./types";

export interface Data {
  state: "waiting" | "loaded" | "not_loaded" | "no_site" | "refused";
  entry: string | null;
  plan: Plan | null;
  past: Past | null;
  now: Now | null;
}

type Listener = (data: Data) => void;

/** While Home Assistant starts, nobody knows the command yet. */
const AGAIN_MS = 5_000;

const EMPTY: Data = { state: "waiting", entry: null, plan: null, past: null, now: null };
const feeds = new Map<string, Feed>();

/** Inform a listener of a site's plan; returns what ends that. */
export function follow(hass: Hass, site: string | undefined, listener: Listener): () => void {
  const key = site ?? "";
  let feed = feeds.get(key);
  if (!feed || feed.connection !== hass.connection) {
    feed = new Feed(hass.connection, site, () => feeds.get(key) === feed && feeds.delete(key));
    feeds.set(key, feed);
  }
  return feed.add(listener);
}

class Feed {
  private data: Data = EMPTY;
  private readonly listeners = new Set<Listener>();
  private stop: Promise<(() => Promise<void>) | null> | null = null;
  private again: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly connection: Hass["connection"],
    private readonly site: string | undefined,
    private readonly ended: () => void,
  ) {}

  add(listener: Listener): () => void {
    this.listeners.add(listener);
    if (this.data !== EMPTY) listener(this.data);
    if (!this.stop) this.begin();
    return () => {
      this.listeners.delete(listener);
      if (!this.listeners.size) this.end();
    };
  }

  private begin(): void {
    const message: Record<string, unknown> = { type: "optivgi/plan/subscribe" };
    if (this.site) message.config_entry_id = this.site;
    this.stop = this.connection
      .subscribeMessage<Message>((news) => this.take(news), message)
      .catch((error: { code?: string }) => {
        const refused = error?.code === "unauthorized";
        this.show({ ...EMPTY, state: refused ? "refused" : "not_loaded" });
        if (!refused) this.again = setTimeout(() => this.begin(), AGAIN_MS);
        return null;
      });
  }

  private end(): void {
    clearTimeout(this.again);
    void this.stop?.then((stop) => stop?.()).catch(() => undefined);
    this.stop = null;
    this.ended();
  }

  private take(news: Message): void {
    if (news.state !== "loaded") {
      this.show({ ...EMPTY, state: news.state });
      return;
    }
    this.show({
      state: "loaded",
      entry: news.entry_id ?? null,
      plan: news.plan ?? this.data.plan,
      past: news.past ?? this.data.past,
      now: news.now ?? this.data.now,
    });
  }

  private show(data: Data): void {
    this.data = data;
    for (const listener of [...this.listeners]) listener(data);
  }
}
