/** One prompt of the book: its text, whether it is drawn, why a provider refuses it, what can be done with it. */

import { html, nothing } from "../../vendor/lit.js";
import * as api from "../api.js";
import { model, Watching } from "../model.js";
import { t } from "../words.js";
import { Action } from "./action.js";
import { icon } from "./icons.js";
import { examples } from "./prompts-examples.js";
import { generateWith } from "./prompts-generate.js";
import { frameAt } from "./prompts-replaced.js";
import { findingList, marked } from "./prompts-template.js";
import { Plain } from "./view.js";

class Card extends Plain {
  static properties = {
    prompt: { attribute: false },
    count: { attribute: false },
    lists: { attribute: false },
    findings: { attribute: false },
    _texts: { state: true },
  };

  #try = new Action(this, async () => {
    const { prompt, negative, placeholders } = this.prompt;
    this._texts = (await api.previewPrompt({ prompt, negative, placeholders, times: 5 })).texts;
  });
  #generate = new Action(this, (text) => generateWith(text));

  constructor() {
    super();
    this._texts = null;
    new Watching(this);
  }

  willUpdate(changed) {
    const before = changed.get("prompt");
    if (before && before.prompt !== this.prompt.prompt) this._texts = null;
  }

  render() {
    const { prompt, negative, enabled, idx, frame } = this.prompt;
    const known = (name) => (this.prompt.placeholders[name] ?? this.lists[name] ?? []).length > 0;
    return html`<article class="card prompts-card ${enabled ? "" : "prompts-off"}" aria-labelledby="prompts-${idx}">
      <span class="prompts-handle" aria-hidden="true" @pointerdown=${(event) => this.#tell("drag", { event })}>${icon("drag")}</span>
      <h2 class="prompts-number figures" id="prompts-${idx}"><span class="only-said">${t("prompts.number")}</span> ${idx}</h2>
      <div class="prompts-text">
        <p>${marked(prompt, known, this.findings)}</p>
        ${negative
          ? html`<p class="prompts-without">${t("prompts.without_label")} ${marked(negative, known, this.findings, "negative")}</p>`
          : nothing}
      </div>
      <button
        class="switch" role="switch" aria-checked=${String(enabled)} aria-label=${t("prompts.enabled", { idx })}
        @click=${() => this.#tell("enable", { enabled: !enabled })}
      ></button>
      <div class="prompts-notes">
        ${enabled ? nothing : html`<p class="hint">${t("prompts.off")}</p>`}
        ${frame ? html`<p class="hint">${t("prompts.from_frame", { frame: frameAt(frame) })}</p>` : nothing}
        ${this.#refusals()} ${findingList(this.findings)}
      </div>
      ${this.#buttons(idx)} ${this.#order(idx)}
      <div class="prompts-below">
        ${this._texts
          ? examples(this._texts, {
              again: () => this.#try.run(),
              generate: (text) => this.#generate.run(text),
              busy: this.#generate.busy,
            })
          : nothing}
      </div>
    </article>`;
  }

  #refusals() {
    const entries = Object.entries(this.prompt.refused_by);
    if (!entries.length) return nothing;
    return html`<div class="prompts-refused">
      ${entries.map(([code, reason]) => html`<p><strong>${t("prompts.refused", { title: titleOf(code) })}</strong> ${reason}</p>`)}
      <p class="hint">${t("prompts.refused_hint")}</p>
    </div>`;
  }

  #buttons(idx) {
    return html`<div class="prompts-buttons">
      <button class="button" aria-label=${t("prompts.edit_n", { idx })} data-act="edit" @click=${() => this.#tell("edit")}>
        ${icon("pencil")} ${t("prompts.edit")}
      </button>
      <button
        class="button" aria-label=${t("prompts.try_n", { idx })} aria-expanded=${String(this._texts !== null)}
        ?disabled=${this.#try.busy} @click=${() => (this._texts ? (this._texts = null) : this.#try.run())}
      >${icon("eye")} ${t("prompts.try")}</button>
      <button
        class="button" aria-label=${t("prompts.generate_n", { idx })} ?disabled=${this.#generate.busy}
        @click=${() => this.#generate.run(this.prompt)}
      >${icon("spark")} ${t("prompts.generate")}</button>
    </div>`;
  }

  #order(idx) {
    const { count } = this;
    return html`<div class="prompts-order">
      <button
        class="button icon" data-act="up" aria-label=${t("prompts.up", { idx })} aria-disabled=${String(idx === 1)}
        @click=${() => idx > 1 && this.#tell("move", { to: idx - 1, button: "up" })}
      >${icon("up")}</button>
      <button
        class="button icon" data-act="down" aria-label=${t("prompts.down", { idx })} aria-disabled=${String(idx === count)}
        @click=${() => idx < count && this.#tell("move", { to: idx + 1, button: "down" })}
      >${icon("down")}</button>
      <button class="button icon" aria-label=${t("prompts.remove_n", { idx })} @click=${() => this.#tell("remove")}>${icon("bin")}</button>
    </div>`;
  }

  #tell(act, more = {}) {
    this.dispatchEvent(new CustomEvent("act", { detail: { act, prompt: this.prompt, ...more } }));
  }
}

export const titleOf = (code) => model.status?.providers.find((one) => one.code === code)?.title ?? code;

customElements.define("af-prompts-card", Card);
