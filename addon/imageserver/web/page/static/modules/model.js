/**
 * What the page knows of the server: its snapshot, kept true by events. Views watch it.
 *
 *   this.watch = new Watching(this);                         // rerender when anything of it changes
 *   new Following(this, { picture: (data) => …, picture_made: (data) => … });   // single events
 */

import * as api from "./api.js";
import { Live } from "./live.js";

const REFRESH_MS = 250;
const RECENT = 20;

class Model extends EventTarget {
  /** The last snapshot (`Status` of the API), null before the first. */
  status = null;
  /** "connecting", "live" or "away". */
  connection = "connecting";
  /** Operations that were heard of, by id, the newest last. */
  operations = new Map();

  #live = new Live((name, data) => this.#apply(name, data), (state) => this.#connect(state));
  #refresh = null;
  #turn = null;

  start() {
    this.#live.start();
  }

  stop() {
    this.#live.stop();
  }

  /** Ask for the snapshot soon: what the state is called, and until when, no event says. */
  refreshSoon(milliseconds = REFRESH_MS) {
    this.#refresh ??= setTimeout(async () => {
      this.#refresh = null;
      try {
        this.#apply("status", await api.status());
      } catch {
        // The stream says that the server is away, and brings a snapshot when it is back.
      }
    }, milliseconds);
  }

  /** Note an operation that was just started, before its event comes. */
  noteOperation(operation) {
    // Its end may have been told before the answer to its beginning came.
    if (!this.operations.has(operation.id)) this.#apply("operation", operation);
  }

  /** Learn of operations that began before this page did. */
  async loadOperations() {
    try {
      const { operations } = await api.operations(RECENT);
      for (const one of operations.reverse()) if (!this.operations.has(one.id)) this.#keep(one);
      this.#changed();
    } catch {
      // They are a service: their events come all the same.
    }
  }

  #connect(state) {
    if (state === this.connection) return;
    this.connection = state;
    this.#changed();
  }

  #apply(name, data) {
    const change = CHANGES[name];
    if (name === "status") this.#take(data);
    else if (name === "operation") this.#keep(data);
    else if (this.status && change) this.status = { ...this.status, ...change(this.status, data) };
    if (TELLING.has(name)) this.refreshSoon();
    this.dispatchEvent(new CustomEvent(`event:${name}`, { detail: data }));
    this.#changed();
  }

  #take(status) {
    this.status = status;
    clearTimeout(this.#turn);
    const left = new Date(status.until ?? 0) - Date.now();
    if (left > 0 && left < 86_400_000) this.#turn = setTimeout(() => this.refreshSoon(), left + 500);
  }

  #keep(operation) {
    this.operations = new Map(this.operations).set(operation.id, operation);
    for (const id of [...this.operations.keys()].slice(0, -RECENT)) this.operations.delete(id);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** After these, the state may be another one. */
const TELLING = new Set([
  "operation", "generation", "generation_failed", "picture_made", "picture", "provider", "problems", "settings",
]);

const CHANGES = {
  picture_made: (_, picture) => ({ last_picture: picture }),
  prompts: (_, prompts) => ({ prompts }),
  problems: (_, { problems }) => ({ problems }),
  settings: (_, settings) => ({ settings }),
  provider: (status, { providers }) => ({
    providers: status.providers.map((known) => providers.find((one) => one.code === known.code) ?? known),
  }),
  frame: (status, { id, frame }) => ({ frames: withFrame(status.frames, id, frame) }),
  generation: (status, generation) => ({ generating: withGeneration(status.generating, generation) }),
};

function withFrame(frames, id, frame) {
  if (frame === null) return frames.filter((known) => known.id !== id);
  if (!frames.some((known) => known.id === id)) return [...frames, frame];
  return frames.map((known) => (known.id === id ? frame : known));
}

function withGeneration(generating, generation) {
  const others = generating.filter((known) => known.id !== generation.id);
  return ["intended", "sent"].includes(generation.fate) ? [...others, generation] : others;
}

export const model = new Model();

/** Rerenders its host whenever the model changes. */
export class Watching {
  constructor(host) {
    host.addController(this);
    this.update = () => host.requestUpdate();
  }

  hostConnected() {
    model.addEventListener("change", this.update);
  }

  hostDisconnected() {
    model.removeEventListener("change", this.update);
  }
}

/** Calls functions with the data of single events, by the event's name, while its host is on the page. */
export class Following {
  #listeners;

  constructor(host, functions) {
    this.#listeners = Object.entries(functions).map(([name, tell]) => [
      `event:${name}`,
      (event) => tell(event.detail),
    ]);
    host.addController(this);
  }

  hostConnected() {
    for (const [name, listener] of this.#listeners) model.addEventListener(name, listener);
  }

  hostDisconnected() {
    for (const [name, listener] of this.#listeners) model.removeEventListener(name, listener);
  }
}
