/** The prompt book: its prompts in their order, each changed where it stands, and the lists for all of them. */

import { html, nothing } from "../../vendor/lit.js";
import * as api from "../api.js";
import { Action } from "../elements/action.js";
import { sure } from "../elements/dialog.js";
import { icon } from "../elements/icons.js";
import "../elements/prompts-card.js";
import { Draft } from "../elements/prompts-draft.js";
import { Dragging } from "../elements/prompts-drag.js";
import "../elements/prompts-editor.js";
import { replacedList } from "../elements/prompts-replaced.js";
import "../elements/prompts-shared.js";
import { findingList, nameOf } from "../elements/prompts-template.js";
import { toast, undoable } from "../elements/toasts.js";
import { repeatAround } from "../elements/typing-in.js";
import { View } from "../elements/view.js";
import { Following, model, Watching } from "../model.js";
import { errorText } from "../said.js";
import { t } from "../words.js";

/** What was being written when the reader went to another view: typed text is not thrown away. */
let unfinished = null;

class Prompts extends View {
  static properties = {
    ...View.properties,
    _book: { state: true },
    _lists: { state: true },
    _draft: { state: true },
    _failed: { state: true },
    _said: { state: true },
  };

  #kept = null; // the book as the server last said
  #loading = null;
  #stale = false;
  #away = false;
  #changes = Promise.resolve();
  #changing = 0;
  #remove = new Action(this, (prompt) => this.#removed(prompt));
  #restore = new Action(this, (one) => this.#restored(one));
  #dragging = new Dragging(this, () => this.querySelector(".prompts-book"), (from, to) => this.#drop(from, to));

  constructor() {
    super();
    this._book = null;
    this._lists = {};
    this._draft = unfinished;
    this._failed = null;
    this._said = "";
    new Watching(this);
    new Following(this, { prompts: () => this.#load() });
  }

  connectedCallback() {
    super.connectedCallback();
    this.#load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    unfinished = this._draft?.changed ? this._draft : null;
  }

  willUpdate() {
    const away = model.connection === "away";
    if (this.#away && !away) this.#load();
    this.#away = away;
  }

  /** Read everything; what changes meanwhile is read once more. */
  #load() {
    this.#stale = true;
    this.#loading ??= this.#read().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #read() {
    try {
      while (this.#stale && !this.#changing) {
        this.#stale = false;
        const [book, { placeholders }] = await Promise.all([api.prompts(), api.placeholders()]);
        if (this.#stale || this.#changing) continue;
        this.#dragging.cancel();
        this._book = this.#kept = book;
        this._lists = Object.fromEntries(Object.entries(placeholders).map(([name, values]) => [nameOf(name), values]));
        this._failed = null;
      }
    } catch (error) {
      if (error.code === undefined) throw error;
      this._failed = error;
    }
  }

  /** One change after the other; the book is read again when all are done. */
  #change(work) {
    this.#changing += 1;
    const run = async () => {
      try {
        return await work();
      } catch (error) {
        if (error.code === undefined) throw error;
        this._book = this.#kept;
        if (error.status !== 401) toast(errorText(error), { alarm: true });
        return undefined;
      } finally {
        this.#changing -= 1;
        await this.#load();
      }
    };
    return (this.#changes = this.#changes.then(run));
  }

  render() {
    if (this._book === null) return this.#nothingYet();
    const { prompts, limit, findings } = this._book;
    return html`
      <div class="prompts-head">
        <h1>${t("prompts.title")}</h1>
        <p class="hint figures">${t("prompts.count", { count: prompts.length, limit })}</p>
        <button class="button primary prompts-add" ?disabled=${this._draft?.id === null} @click=${() => this.#edit(null)}>
          ${icon("plus")} ${t("prompts.add")}
        </button>
      </div>
      <p class="only-said" role="status">${this._said}</p>
      <div class="prompts-columns">
        <div>
          ${findingList(findings.filter((finding) => finding.prompt_id === null))}
          ${this._draft?.id === null ? this.#editor(this._draft, null) : nothing}
          ${prompts.length || this._draft ? this.#list() : this.#empty()}
          ${replacedList(this._book.replaced, (one) => this.#restore.run(one))}
        </div>
        <af-prompts-shared .lists=${this._lists} .prompts=${prompts}></af-prompts-shared>
      </div>
    `;
  }

  #nothingYet() {
    return html`<h1>${t("prompts.title")}</h1>
      ${this._failed
        ? html`<div class="empty">
            <p>${errorText(this._failed)}</p>
            <button class="button primary" @click=${() => this.#load()}>${t("shell.again")}</button>
          </div>`
        : html`<p class="quiet-text"><span class="spinner"></span> ${t("prompts.loading")}</p>`}`;
  }

  #empty() {
    return html`<div class="card empty">
      <h2>${t("prompts.none")}</h2>
      <p>${t("prompts.none_why")}</p>
    </div>`;
  }

  #list() {
    return html`<ol class="plain prompts-book">
      ${repeatAround(
        this.#items(),
        this._draft?.id,
        (prompt) => prompt.id,
        (prompt) => html`<li data-prompt=${prompt.id}>${this._draft?.id === prompt.id ? this.#edited(prompt) : this.#card(prompt)}</li>`,
      )}
    </ol>`;
  }

  /** The prompts, and at its place the one that is being edited although somebody has removed it. */
  #items() {
    const { prompts } = this._book;
    const base = this._draft?.base;
    if (!base?.id || prompts.some((prompt) => prompt.id === base.id)) return prompts;
    return prompts.toSpliced(base.idx - 1, 0, base);
  }

  #card(prompt) {
    return html`<af-prompts-card
      .prompt=${prompt} .count=${this._book.prompts.length} .lists=${this._lists}
      .findings=${this._book.findings.filter((finding) => finding.prompt_id === prompt.id)}
      @act=${this.#act}
    ></af-prompts-card>`;
  }

  #edited(prompt) {
    return this.#editor(this._draft, this._book.prompts.includes(prompt) ? prompt : null);
  }

  #editor(draft, prompt) {
    const { prompts, limit } = this._book;
    const adding = prompt === null && prompts.length >= limit;
    return html`<af-prompts-editor
      .draft=${draft} .prompt=${prompt} .lists=${this._lists} .leaving=${adding ? prompts[0] : null}
      @saved=${this.#saved} @cancelled=${() => this.#stop()}
    ></af-prompts-editor>`;
  }

  #act({ detail, target }) {
    const { act, prompt } = detail;
    if (act === "edit") this.#edit(prompt);
    else if (act === "remove") this.#remove.run(prompt);
    else if (act === "move") this.#move(prompt, detail.to, detail.button);
    else if (act === "drag") this.#dragging.start(detail.event, target.closest("li"));
    else if (act === "enable") this.#enable(prompt, detail.enabled);
  }

  async #edit(prompt) {
    if (this._draft?.changed) {
      const texts = { heading: t("prompts.discard"), text: t("prompts.discard_why"), label: t("prompts.discard_do") };
      if (!(await sure({ ...texts, alarm: true }))) return;
    }
    this._draft = prompt ? new Draft(prompt) : new Draft();
  }

  async #stop() {
    const { id } = this._draft;
    this._draft = null;
    await this.#focus(id, "edit");
  }

  async #saved({ detail }) {
    const { prompt, removed, anew } = detail;
    const { id, base } = this._draft;
    if (anew) await this.#change(() => api.movePrompt(prompt.id, Math.min(base.idx, this._book.prompts.length + 1)));
    else await this.#load();
    this._draft = null;
    await this.#focus(prompt.id, "edit");
    if (!removed.length) toast(id === null ? t("prompts.added", { idx: prompt.idx }) : t("prompts.saved"));
    for (const old of removed) {
      undoable(t("prompts.left", { text: shortened(old.prompt) }), () =>
        this.#change(async () => {
          await api.removePrompt(prompt.id);
          await putBack(old);
        }),
      );
    }
  }

  async #removed(prompt) {
    const { prompts, limit } = this._book;
    // In a book that holds more than it may, adding drives out another: that could not be undone.
    const final = prompts.length > limit;
    const texts = { heading: t("prompts.remove_sure"), text: prompt.prompt, label: t("prompts.remove") };
    if (final && !(await sure({ ...texts, alarm: true }))) return;
    const kept = await this.#change(() => api.removePrompt(prompt.id));
    if (!kept) return;
    const next = this._book.prompts[Math.min(kept.idx, this._book.prompts.length) - 1];
    await this.#focus(next?.id ?? null, "edit");
    const text = t("prompts.removed", { text: shortened(kept.prompt) });
    if (final) toast(text);
    else undoable(text, () => this.#change(() => putBack(kept)));
  }

  async #restored({ id }) {
    const back = await this.#change(() => api.restorePrompt(id));
    if (!back) return;
    await this.#focus(back.prompt.id, "edit");
    const [left] = back.removed;
    toast(left ? t("prompts.left_for", { text: shortened(left.prompt) }) : t("prompts.added", { idx: back.prompt.idx }));
  }

  #enable(prompt, enabled) {
    this.#show(this._book.prompts.map((one) => (one === prompt ? { ...one, enabled } : one)));
    this.#change(() => api.editPrompt(prompt.id, { enabled }));
  }

  #drop(from, to) {
    const items = this.#items();
    const prompt = items[from];
    const place = this._book.prompts.indexOf(items[to]);
    if (this._book.prompts.includes(prompt) && place >= 0) this.#move(prompt, place + 1);
  }

  async #move(prompt, to, button) {
    const others = this._book.prompts.filter((one) => one !== prompt);
    this.#show(others.toSpliced(to - 1, 0, prompt).map((one, place) => ({ ...one, idx: place + 1 })));
    this._said = t("prompts.moved", { place: to, count: this._book.prompts.length });
    this.#change(() => api.movePrompt(prompt.id, to));
    if (button) await this.#focus(prompt.id, button);
  }

  #show(prompts) {
    this._book = { ...this._book, prompts };
  }

  /** Where the reader goes on: at a button of a prompt, else where prompts are added. */
  async #focus(id, act) {
    await this.updateComplete;
    const card = id && this.querySelector(`[data-prompt="${CSS.escape(id)}"] af-prompts-card`);
    await card?.updateComplete;
    const button = card?.querySelector(`[data-act="${act}"]`) ?? this.querySelector(".prompts-add");
    button?.focus({ preventScroll: true });
    (card ?? button)?.scrollIntoView({ block: "nearest" });
  }
}

/** Add a prompt again at the place where it was. */
async function putBack({ prompt, negative, placeholders, enabled, idx }) {
  const { prompt: again } = await api.addPrompt({ prompt, negative, placeholders, enabled });
  if (again.idx > idx) await api.movePrompt(again.id, idx);
}

const shortened = (text) => (text.length > 60 ? `${text.slice(0, 59).trimEnd()}…` : text);

customElements.define("af-prompts", Prompts);
