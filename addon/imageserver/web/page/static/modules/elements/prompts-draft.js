/** What somebody writes before it is kept: a prompt with its lists, and what else of the lists they change. */

import * as api from "../api.js";
import { namesIn } from "./prompts-template.js";

const NEW = { id: null, prompt: "", negative: null, placeholders: {}, enabled: true };

// One line is one value, so an empty value and a line's end within one need a sign that can be seen.
const EMPTY = "∅";
const LINE_END = "↵";

export const toLines = (values) => values.map((value) => value.replaceAll("\n", LINE_END) || EMPTY).join("\n");

export const toValues = (lines) =>
  lines
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => (line === EMPTY ? "" : line.replaceAll(LINE_END, "\n")));

const mapped = (lists, change) => Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, change(list)]));

const contentOf = ({ prompt, negative, placeholders }) => ({ prompt, negative: negative || null, placeholders });

export const sameContent = (one, other) => JSON.stringify(contentOf(one)) === JSON.stringify(contentOf(other));

export class Draft {
  constructor(base = NEW) {
    this.take(base);
  }

  /** Begin with what is kept; what was written is forgotten. */
  take(base) {
    this.base = base;
    this.prompt = base.prompt;
    this.negative = base.negative ?? "";
    /** Its own lists as they are written, by name. */
    this.own = mapped(base.placeholders, toLines);
    /** The lists for all prompts that are changed here, as they are written. */
    this.shared = {};
    /** How these were before. */
    this.before = {};
  }

  get id() {
    return this.base.id;
  }

  get content() {
    const { prompt, negative } = this;
    return { prompt: prompt.trim(), negative: negative.trim() || null, placeholders: mapped(this.own, toValues) };
  }

  get changed() {
    const { prompt, negative, placeholders } = this.base;
    const before = { prompt: prompt.trim(), negative, placeholders: mapped(placeholders, (values) => toValues(toLines(values))) };
    return !sameContent(this.content, before) || Object.keys(this.shared).length > 0;
  }

  /** What the server is to try: of the lists only what the text uses, for there may be many. */
  get trial() {
    const { prompt, negative, placeholders } = this.content;
    const lists = { ...mapped(this.shared, toValues), ...filled(placeholders) };
    const used = new Set(namesIn(prompt, negative ?? ""));
    return { prompt, negative, placeholders: Object.fromEntries(Object.entries(lists).filter(([name]) => used.has(name))) };
  }

  /** Keep it. Lists first: the prompt's findings depend on them. */
  async save({ anew = false } = {}) {
    if (Object.keys(this.shared).length) {
      this.before = {}; // what is changed from now on is changed by this
      await changeShared(mapped(this.shared, toValues));
      this.shared = {};
    }
    if (anew || this.id === null) {
      const { prompt, removed } = await api.addPrompt({ ...this.content, enabled: this.base.enabled });
      return { prompt, removed };
    }
    return { prompt: await api.editPrompt(this.id, this.content), removed: [] };
  }
}

const filled = (lists) => Object.fromEntries(Object.entries(lists).filter(([, values]) => values.length));

/** Change single lists for all prompts; null takes one away. The others stay as they are by now. */
export async function changeShared(changes) {
  const { placeholders } = await api.placeholders();
  const lists = Object.entries({ ...placeholders, ...changes }).filter(
    ([name, values]) => values !== null && (values.length || name in placeholders),
  );
  await api.setPlaceholders(Object.fromEntries(lists));
}
