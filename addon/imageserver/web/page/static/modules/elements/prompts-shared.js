/** The lists for all prompts: seen at a glance, changed one by one. What is being typed stays when others change. */

import { html, nothing } from "../../vendor/lit.js";
import { t } from "../words.js";
import { Action } from "./action.js";
import { icon } from "./icons.js";
import { changeShared, toLines, toValues } from "./prompts-draft.js";
import { saidText } from "./prompts-said.js";
import { isName, nameOf, namesIn } from "./prompts-template.js";
import { undoable } from "./toasts.js";
import { repeatAround } from "./typing-in.js";
import { Plain } from "./view.js";

const SHOWN = 6;

class Shared extends Plain {
  static properties = { lists: { attribute: false }, prompts: { attribute: false }, _open: { state: true } };

  #save = new Action(this, () => this.#keep());

  constructor() {
    super();
    /** What is being written: `name` is null for a new list. */
    this._open = null;
  }

  render() {
    const names = Object.keys(this.lists).sort((one, other) => one.localeCompare(other));
    const open = this._open;
    if (open?.name && !names.includes(open.name)) names.push(open.name);
    return html`<section class="prompts-shared" aria-labelledby="prompts-shared">
      <div class="prompts-shared-head">
        <h2 id="prompts-shared">${t("prompts.shared")}</h2>
        <button class="button quiet" aria-label=${t("prompts.add_list")} @click=${() => this.#edit(null)}>
          ${icon("plus")} ${t("prompts.add_short")}
        </button>
      </div>
      <p class="hint">${t("prompts.shared_hint")}</p>
      ${open && open.name === null ? this.#form() : nothing}
      <ul class="plain prompts-shared-lists">
        ${repeatAround(
          names,
          open?.name,
          (name) => name,
          (name) => html`<li>${open?.name === name ? this.#form() : this.#list(name)}</li>`,
        )}
      </ul>
    </section>`;
  }

  #list(name) {
    const values = this.lists[name];
    const uses = this.prompts.filter(
      (one) => !(name in one.placeholders) && namesIn(one.prompt, one.negative ?? "").includes(name),
    ).length;
    const more = values.length - SHOWN;
    return html`<button class="prompts-shared-list" aria-label=${t("prompts.edit_list", { name })} @click=${() => this.#edit(name)}>
      <span class="prompts-shared-name"><mark class="prompts-known">[[${name}]]</mark> <span class="hint">${t("prompts.uses", { count: uses })}</span></span>
      <span class="prompts-values">${toLines(values.slice(0, SHOWN)).split("\n").join(" · ")}${more > 0 ? ` ${t("prompts.more", { count: more })}` : ""}</span>
    </button>`;
  }

  #form() {
    const { name, written, lines, errors, base } = this._open;
    const now = name === null ? [] : this.lists[name];
    const elsewhere = !this.#save.busy && name !== null && toLines(now ?? []) !== base;
    return html`<form class="prompts-list" @submit=${this.#submit} @keydown=${this.#key}>
      <label for="prompts-shared-name">${t("prompts.list_name")}</label>
      <input
        id="prompts-shared-name" type="text" autocapitalize="off" spellcheck="false" .value=${written}
        aria-invalid=${errors.name ? "true" : "false"} aria-describedby="prompts-shared-name-error"
        @input=${(event) => (this._open.written = event.target.value)}
      />
      <p class="field-error" id="prompts-shared-name-error" role="alert">${errors.name ?? nothing}</p>
      <label for="prompts-shared-values">${t("prompts.values_label")}</label>
      <textarea
        id="prompts-shared-values" rows="6" spellcheck="false" .value=${lines} placeholder=${t("prompts.one_a_line")}
        aria-invalid=${errors.values ? "true" : "false"} aria-describedby="prompts-shared-values-error"
        @input=${(event) => (this._open.lines = event.target.value)}
      ></textarea>
      <p class="field-error" id="prompts-shared-values-error" role="alert">${errors.values ?? nothing}</p>
      ${elsewhere
        ? html`<div class="prompts-elsewhere" role="status">
            <p>${t("prompts.list_elsewhere")}</p>
            <button type="button" class="button quiet" @click=${() => this.#edit(now ? name : undefined)}>${t("prompts.take_theirs")}</button>
          </div>`
        : nothing}
      <div class="buttons">
        <button class="button primary" ?disabled=${this.#save.busy}>${t("prompts.save")}</button>
        <button type="button" class="button" @click=${this.#close}>${t("shell.cancel")}</button>
        ${name === null
          ? nothing
          : html`<button type="button" class="button icon" aria-label=${t("prompts.remove_list", { name })} @click=${this.#remove}>${icon("bin")}</button>`}
      </div>
    </form>`;
  }

  async #edit(name) {
    if (name === undefined) return this.#close();
    const lines = name === null ? "" : toLines(this.lists[name]);
    this._open = { name, written: name ?? "", lines, base: lines, errors: {} };
    await this.updateComplete;
    this.querySelector(name === null ? "#prompts-shared-name" : "#prompts-shared-values").focus();
    return undefined;
  }

  #close = () => (this._open = null);

  #key(event) {
    if (event.key === "Escape" && this._open.lines === this._open.base) this.#close();
  }

  #submit(event) {
    event.preventDefault();
    this.#save.run();
  }

  async #keep() {
    const open = this._open;
    const name = nameOf(open.written);
    const values = toValues(open.lines);
    open.errors = {};
    if (!isName(name)) open.errors.name = t("prompts.bad_name");
    else if (name !== open.name && name in this.lists) open.errors.name = t("prompts.name_taken");
    if (!values.length) open.errors.values = t("prompts.no_values");
    if (Object.keys(open.errors).length) return;
    try {
      await changeShared({ ...(open.name === null ? {} : { [open.name]: null }), [name]: values });
      // Meanwhile the reader may be at the next one.
      if (this._open === open) this.#close();
    } catch (error) {
      const [detail] = error.details ?? [];
      if (!detail || this._open !== open) throw error;
      open.errors = { values: saidText(detail.message) };
    }
  }

  async #remove() {
    const { name } = this._open;
    const values = this.lists[name];
    this.#close();
    const put = new Action(this, (kept) => changeShared({ [name]: kept }));
    await put.run(null);
    if (values) undoable(t("prompts.list_removed", { name }), () => put.run(values));
  }
}

customElements.define("af-prompts-shared", Shared);
