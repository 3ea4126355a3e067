/** Where a prompt is written: its text and negative part, the lists beside them, how long it can get, examples. */

import { html, nothing } from "../../vendor/lit.js";
import * as api from "../api.js";
import { model, Watching } from "../model.js";
import { t } from "../words.js";
import { Action } from "./action.js";
import { icon } from "./icons.js";
import { titleOf } from "./prompts-card.js";
import { sameContent } from "./prompts-draft.js";
import { examples } from "./prompts-examples.js";
import { generateWith } from "./prompts-generate.js";
import { draftLists, isKnown } from "./prompts-lists.js";
import { saidText } from "./prompts-said.js";
import { findingList, lengthOf, templateField } from "./prompts-template.js";
import { Plain } from "./view.js";

const PAUSE_MS = 300;
const LONGEST = 2000;

class Editor extends Plain {
  static properties = {
    draft: { attribute: false },
    prompt: { attribute: false }, // as it is kept by now; null where there is none
    lists: { attribute: false },
    leaving: { attribute: false }, // the prompt that a new one drives out
    _preview: { state: true },
    _trying: { state: true },
    _errors: { state: true },
  };

  #timer = null;
  #asked = null;
  #save = new Action(this, () => this.#keep());
  #generate = new Action(this, (content) => generateWith(content));

  constructor() {
    super();
    this._preview = null;
    this._trying = false;
    this._errors = {};
    new Watching(this);
  }

  firstUpdated() {
    const field = this.querySelector("#prompts-prompt");
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
    this.#asked?.abort();
  }

  willUpdate(changed) {
    const { draft, prompt } = this;
    if (changed.has("prompt") && prompt && !this.#save.busy && !sameContent(prompt, draft.base)) {
      if (!draft.changed) draft.take(prompt);
      else if (sameContent(prompt, draft.content)) draft.base = prompt;
    }
    if (changed.has("draft") || changed.has("lists") || changed.has("prompt")) this.#askSoon(0);
  }

  render() {
    const { draft } = this;
    const findings = this._preview?.findings ?? [];
    const fields = { known: isKnown(draft, this.lists), findings, fresh: this._preview?.trial === JSON.stringify(draft.trial) };
    const heading = draft.id === null ? t("prompts.new") : t("prompts.editing", { idx: draft.base.idx });
    return html`<form class="card prompts-editor" aria-label=${heading} @submit=${this.#submit} @keydown=${this.#key}>
      <h2>${heading}</h2>
      ${this.#elsewhere()}
      ${templateField({
        ...fields, id: "prompts-prompt", part: "prompt", label: t("prompts.prompt"), value: draft.prompt,
        example: t("prompts.example"), error: this._errors.prompt,
        write: (text) => this.#changed(() => (draft.prompt = text)),
      })}
      ${this.#inserts()}
      ${templateField({
        ...fields, id: "prompts-negative", part: "negative", label: t("prompts.negative"), value: draft.negative,
        example: t("prompts.negative_example"), error: this._errors.negative,
        write: (text) => this.#changed(() => (draft.negative = text)),
      })}
      ${findingList(findings.filter(({ position }) => position === null))} ${this.#length()}
      ${draftLists({ draft, shared: this.lists, errors: this._errors, changed: () => this.#changed() })}
      ${this.leaving ? html`<p class="prompts-elsewhere">${t("prompts.leaving", { text: this.leaving.prompt })}</p>` : nothing}
      ${this.#buttons()}
      ${this._trying && this._preview
        ? examples(this._preview.texts, {
            again: () => this.#askSoon(0),
            generate: (text) => this.#generate.run(text),
            busy: this.#generate.busy,
          })
        : nothing}
    </form>`;
  }

  #elsewhere() {
    const { draft, prompt } = this;
    if (draft.id === null || this.#save.busy) return nothing;
    if (!prompt) return html`<p class="prompts-elsewhere" role="status">${t("prompts.gone")}</p>`;
    if (sameContent(prompt, draft.base)) return nothing;
    return html`<div class="prompts-elsewhere" role="status">
      <p>${t("prompts.elsewhere")}</p>
      <blockquote>${prompt.prompt}${prompt.negative ? html`<br>${t("prompts.without", { text: prompt.negative })}` : nothing}</blockquote>
      <div class="buttons">
        <button type="button" class="button" @click=${() => this.#changed(() => draft.take(prompt))}>${t("prompts.take_theirs")}</button>
        <button type="button" class="button" @click=${() => this.#changed(() => (draft.base = prompt))}>${t("prompts.keep_mine")}</button>
      </div>
    </div>`;
  }

  /** The lists that there are, to be put where the caret is. */
  #inserts() {
    const names = Object.keys(this.lists).sort((one, other) => one.localeCompare(other));
    if (!names.length) return nothing;
    return html`<div class="prompts-inserts" role="group" aria-label=${t("prompts.insert")}>
      <span class="hint" aria-hidden="true">${t("prompts.insert")}</span>
      ${names.map((name) => html`<button type="button" class="prompts-insert" @click=${() => this.#insert(name)}>${name}</button>`)}
    </div>`;
  }

  #insert(name) {
    const field = this.querySelector("#prompts-prompt");
    field.setRangeText(`[[${name}]]`, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    this.#changed(() => (this.draft.prompt = field.value));
  }

  #length() {
    const { longest, fits } = this._preview ?? {};
    if (!longest) return html`<p class="prompts-length hint">${t("prompts.length_none")}</p>`;
    const count = longest.length;
    const limits = (model.status?.providers ?? []).filter(({ code, max_prompt_length: limit }) => limit && code in fits);
    const over = limits.filter(({ code }) => !fits[code]);
    return html`<div class="prompts-length">
      <p class="hint figures">${limits.length ? t("prompts.longest_of") : t("prompts.longest", { count })}</p>
      ${limits.map(
        ({ code, title, max_prompt_length: limit }) =>
          html`<span class="chip figures ${fits[code] ? "good" : "alarm"}">${t("prompts.of_limit", { title, count, limit })}</span>`,
      )}
      <p class="only-said" role="status">${over.map(({ code }) => t("prompts.over", { title: titleOf(code) })).join(" ")}</p>
    </div>`;
  }

  #buttons() {
    return html`<div class="prompts-buttons">
      <button class="button primary" ?disabled=${this.#save.busy}>
        ${this.draft.id === null ? t("prompts.add") : this.prompt ? t("prompts.save") : t("prompts.add_again")}
      </button>
      <button type="button" class="button" @click=${this.#cancel}>${t("shell.cancel")}</button>
      <span class="prompts-trying">
        <button
          type="button" class="button" aria-expanded=${String(this._trying)} ?disabled=${!this._preview}
          @click=${() => (this._trying = !this._trying)}
        >${icon("eye")} ${t("prompts.try")}</button>
        <button
          type="button" class="button" ?disabled=${!this._preview || this.#generate.busy}
          @click=${() => this.#generate.run(this.draft.trial)}
        >${icon("spark")} ${t("prompts.generate")}</button>
      </span>
    </div>`;
  }

  #changed(change) {
    change?.();
    this._errors = {};
    this.requestUpdate();
    this.#askSoon(PAUSE_MS);
  }

  #askSoon(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), milliseconds);
  }

  async #ask() {
    this.#asked?.abort();
    const { trial } = this.draft;
    if (!trial.prompt) {
      this._preview = null;
      return;
    }
    const { signal } = (this.#asked = new AbortController());
    try {
      this._preview = { ...(await api.previewPrompt({ ...trial, times: 5 }, { signal })), trial: JSON.stringify(trial) };
    } catch (error) {
      // Who is away, the page says at its edge; what can't be kept, its field does.
      if (!signal.aborted) this.#complain(error);
    }
  }

  /** Say at its field what the server said about it; whether that was possible. */
  #complain({ code, message, details = [] }) {
    const errors = Object.fromEntries(details.map(({ path, message: text }) => [path.replace(/\[\d+\]$/, ""), saidText(text)]));
    if (!details.length && code === "PromptError") errors.prompt = saidText(message);
    this._errors = errors;
    return Object.keys(errors).length > 0;
  }

  #submit(event) {
    event.preventDefault();
    this.#save.run();
  }

  #key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#save.run();
    if (event.key === "Escape" && !this.draft.changed) this.#cancel();
  }

  async #keep() {
    const { draft } = this;
    const { prompt, negative } = draft.content;
    const errors = {};
    if (!prompt) errors.prompt = t("prompts.empty");
    for (const [part, text] of [["prompt", prompt], ["negative", negative ?? ""]]) {
      const count = lengthOf(text);
      if (count > LONGEST) errors[part] = t("prompts.beyond", { count, limit: LONGEST });
    }
    if (!Object.keys(errors).length) {
      try {
        const anew = draft.id !== null && !this.prompt;
        this.dispatchEvent(new CustomEvent("saved", { detail: { ...(await draft.save({ anew })), anew } }));
        return;
      } catch (error) {
        if (error.code === undefined || !this.#complain(error)) throw error;
      }
    } else {
      this._errors = errors;
    }
    await this.updateComplete;
    this.querySelector("[aria-invalid='true']")?.focus();
  }

  #cancel() {
    this.dispatchEvent(new Event("cancelled"));
  }
}

customElements.define("af-prompts-editor", Editor);
