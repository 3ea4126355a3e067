/**
 * Follows the server's events. `EventSource` can't send the token, so this reads the stream itself:
 * it resumes where it was, waits longer after each failure, and notices a stream that has fallen silent.
 */

import { request } from "./api.js";

const SILENCE_MS = 40_000; // the server gives a sign of life every 15 seconds
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export class Live {
  #onEvent;
  #onState;
  #lastId = null;
  #abort = null;
  #wake = null;
  #running = false;

  /**
   * @param onEvent Called with name and data of each event.
   * @param onState Called with "live" when events come, with "away" when they don't.
   */
  constructor(onEvent, onState) {
    this.#onEvent = onEvent;
    this.#onState = onState;
    addEventListener("online", () => this.#wake?.());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake?.());
  }

  async start() {
    if (this.#running) return;
    this.#running = true;
    let pause = FIRST_PAUSE_MS;
    while (this.#running) {
      try {
        if (await this.#follow()) pause = FIRST_PAUSE_MS;
      } catch (error) {
        if (error.status === 401) this.stop();
      }
      if (!this.#running) break;
      this.#onState("away");
      await this.#rest(pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  stop() {
    this.#running = false;
    this.#abort?.abort();
    this.#wake?.();
  }

  #rest(milliseconds) {
    return new Promise((done) => {
      const timer = setTimeout(done, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  /** Read one stream to its end; says whether anything came. */
  async #follow() {
    const abort = (this.#abort = new AbortController());
    let timer = setTimeout(() => abort.abort(), SILENCE_MS);
    let came = false;
    try {
      const headers = this.#lastId ? { "Last-Event-ID": this.#lastId } : {};
      const response = await request("GET", "events", { headers, signal: abort.signal });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new Parser();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return came;
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), SILENCE_MS);
        if (!came) this.#onState("live");
        came = true;
        for (const message of parser.feed(value)) this.#tell(message);
      }
    } catch (error) {
      if (error.status === 401) throw error;
      return came;
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
  }

  #tell({ id, name, data }) {
    if (id) this.#lastId = id;
    try {
      this.#onEvent(name, JSON.parse(data));
    } catch (error) {
      console.error(error); // one event that can't be shown must not end the stream
    }
  }
}

class Parser {
  #rest = "";

  *feed(text) {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop();
    for (const block of blocks) {
      const message = { id: "", name: "message", data: "" };
      for (const line of block.split("\n")) {
        const [, field, value] = /^(\w*): ?(.*)$/s.exec(line) ?? [];
        if (field === "data") message.data += value;
        else if (field === "event") message.name = value;
        else if (field === "id") message.id = value;
      }
      if (message.data) yield message;
    }
  }
}
