/** One picture, large, with all that is known of it and can be done with it. */

import { html, keyed, nothing } from "../../vendor/lit.js";
import * as api from "../api.js";
import { Action } from "../elements/action.js";
import { icon } from "../elements/icons.js";
import "../elements/picture.js";
import { again, described, fileLink, fileName, makerOf, remove, save, show } from "../elements/pictures-acts.js";
import "../elements/pictures-frames.js";
import { OnShelf, shelf, ALL } from "../elements/pictures-shelf.js";
import { facts, shownBy } from "../elements/pictures-facts.js";
import { toast, undoable } from "../elements/toasts.js";
import { View } from "../elements/view.js";
import { Following, model, Watching } from "../model.js";
import { goTo, linkTo } from "../router.js";
import { errorText } from "../said.js";
import { dateTime, loadWords, t } from "../words.js";

await loadWords("pictures");

const SWIPE = 60;

class Picture extends View {
  static properties = { _picture: { state: true }, _error: { state: true }, _index: { state: true }, _choosing: { state: true } };

  #favour = new Action(this, async () => {
    this._picture = await api.setFavourite(this._picture.id, !this._picture.favourite);
  });
  #remove = new Action(this, () => this.#removed());
  #restore = new Action(this, async () => (this._picture = await api.restorePicture(this._picture.id)));
  #again = new Action(this, () => again(this._picture));
  #keep = new Action(this, () => this.#kept());
  #show = new Action(this, (frame) => show(this._picture.id, frame));
  #swipe = null;
  #pressed = (event) => this.#press(event);

  constructor() {
    super();
    this._index = -1;
    new Watching(this);
    new OnShelf(this);
    new Following(this, {
      picture: ({ id, picture }) => id === this.placeId && (picture ? this.#load() : (this._error = { status: 404 })),
      picture_sent: ({ picture }) => picture?.id === this.placeId && this.#load(),
      status: () => this._error && this.#load(),
    });
  }

  connectedCallback() {
    super.connectedCallback();
    addEventListener("keydown", this.#pressed);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener("keydown", this.#pressed);
  }

  willUpdate(changed) {
    if (changed.has("placeId")) {
      this._picture = shelf.at(shelf.indexOf(this.placeId)) ?? null;
      this._error = null;
      this.#load();
    }
    const index = shelf.indexOf(this.placeId);
    if (index >= 0) this._index = index;
  }

  async #load() {
    const id = this.placeId;
    try {
      const picture = await api.picture(id);
      if (id !== this.placeId) return;
      this._error = null;
      this._picture = picture;
      if (shelf.indexOf(id) < 0 && !picture.deleted_at) await this.#locate(picture);
    } catch (error) {
      if (error.code === undefined) throw error;
      if (id === this.placeId) this._error = error;
    }
  }

  /** Find its neighbours: among what was looked for, else among all. */
  async #locate(picture) {
    let index = await shelf.locate(picture);
    if (index < 0 && (shelf.narrowed || shelf.query.order !== ALL.order)) {
      await shelf.look(ALL);
      index = await shelf.locate(picture);
    }
    if (picture.id === this.placeId) this._index = index;
  }

  render() {
    if (this._error) return this.#missing();
    const picture = this._picture;
    if (!picture) return html`<h1 class="only-said">${t("picture.title")}</h1>`;
    return html`<div class="picture-view">
      ${this.#bar()} ${this.#stage(picture)}
      <div class="picture-side">
        <h1 class="only-said">${t("picture.heading", { time: dateTime(picture.made_at ?? picture.added_at) })}</h1>
        ${this.#state(picture)} ${this.#prompt(picture)} ${picture.deleted_at ? nothing : this.#acts(picture)}
        ${this.#reuse(picture)}
        <h2>${t("picture.facts")}</h2>
        ${facts(picture, makerOf(picture))} ${shownBy(picture, model.status?.frames ?? [])}
      </div>
      <af-pictures-frames
        ?open=${this._choosing} .frames=${model.status?.frames ?? []} @closed=${() => (this._choosing = false)}
        @chosen=${({ detail }) => this.#show.run(detail)}
      ></af-pictures-frames>
    </div>`;
  }

  #bar() {
    return html`<div class="picture-bar">
      <a class="button quiet" href=${linkTo("pictures")} @click=${() => (shelf.opened = this.placeId)}>
        ${icon("back")}${t("pictures.title")}
      </a>
      <p class="hint figures">
        ${this._index >= 0 && shelf.total ? t("picture.place", { index: this._index + 1, count: shelf.total }) : nothing}
      </p>
    </div>`;
  }

  #stage(picture) {
    const step = (by, text, name) => html`<button
      class="picture-step ${name}" aria-label=${text} title=${text} ?disabled=${!this.#has(by)} @click=${() => this.#go(by)}
    >${icon("next")}</button>`;
    return html`<div class="picture-stage" @touchstart=${this.#touch} @touchend=${this.#lift}>
      ${keyed(picture.id, this.#image(picture))}
      ${step(-1, t("picture.previous"), "back")} ${step(1, t("picture.next"), "on")}
    </div>`;
  }

  #image(picture) {
    if (picture.deleted_at) return html`<p class="no-picture">${t("pictures.deleted")}</p>`;
    if (picture.unreadable) return html`<p class="no-picture">${t("pictures.unreadable")}</p>`;
    const path = (kind) => api.picturePath(picture.id, kind);
    return html`<af-picture class="picture-blurred" aria-hidden="true" path=${path("thumbnail")}></af-picture>
      <af-picture class="picture-large" path=${path("original")} .alt=${described(picture)}></af-picture>`;
  }

  #state(picture) {
    return html`${picture.deleted_at
      ? html`<div class="picture-notice">
          <p>${t("picture.is_deleted")}</p>
          <button class="button" ?disabled=${this.#restore.busy} @click=${() => this.#restore.run()}>${t("picture.restore")}</button>
        </div>`
      : nothing}
    ${picture.unreadable ? html`<p class="picture-notice">${t("picture.is_unreadable", { reason: picture.unreadable })}</p>` : nothing}
    ${picture.archived ? html`<p class="picture-notice">${t("picture.is_archived")}</p>` : nothing}`;
  }

  #prompt({ prompt, negative }) {
    if (!prompt) return html`<p class="quiet-text">${t("picture.no_prompt")}</p>`;
    return html`<h2 class="only-said">${t("picture.prompt")}</h2>
      <p class="picture-prompt">${prompt}</p>
      ${negative ? html`<p class="picture-negative hint"><strong>${t("picture.negative")}</strong> ${negative}</p>` : nothing}`;
  }

  #reuse({ prompt }) {
    if (!prompt) return nothing;
    return html`<div class="picture-reuse">
      <button class="button quiet" ?disabled=${this.#again.busy} @click=${() => this.#again.run()}>${icon("spark")}${t("picture.again")}</button>
      <button class="button quiet" ?disabled=${this.#keep.busy} @click=${() => this.#keep.run()}>${icon("plus")}${t("picture.keep")}</button>
      ${navigator.clipboard
        ? html`<button class="button icon" aria-label=${t("picture.copy")} title=${t("picture.copy")} @click=${this.#copy}>${icon("copy")}</button>`
        : nothing}
    </div>`;
  }

  #acts(picture) {
    const can = !picture.unreadable;
    return html`<div class="picture-acts">
      ${can
        ? html`<button class="button primary" ?disabled=${this.#show.busy} @click=${this.#choose}>${t("picture.show")}</button>`
        : nothing}
      <button
        class="button picture-act favour" aria-pressed=${String(picture.favourite)} ?disabled=${this.#favour.busy}
        aria-label=${t("pictures.favourite")} title=${t("picture.favourite_why")} @click=${() => this.#favour.run()}
      >${icon("heart")}</button>
      ${can
        ? html`<a
            class="button picture-act" href=${fileLink(picture)} download=${fileName(picture)} aria-label=${t("picture.download")}
            title=${t("picture.download")} @click=${(event) => save(event, picture)}
          >${icon("download")}</a>`
        : nothing}
      <button
        class="button picture-act remove" aria-label=${t("picture.remove")} title=${t("picture.remove")} ?disabled=${this.#remove.busy}
        @click=${() => this.#remove.run()}
      >${icon("bin")}</button>
    </div>`;
  }

  #missing() {
    const gone = this._error.status === 404;
    return html`<div class="empty">
      <h1>${gone ? t("picture.gone") : t("picture.not_loaded")}</h1>
      <p>${gone ? t("picture.gone_why") : errorText(this._error)}</p>
      <div class="buttons picture-middle">
        <a class="button primary" href=${linkTo("pictures")}>${t("picture.to_all")}</a>
        ${gone ? nothing : html`<button class="button" @click=${() => this.#load()}>${t("shell.again")}</button>`}
      </div>
    </div>`;
  }

  #has(by) {
    const to = this._index + by;
    return this._index >= 0 && to >= 0 && to < shelf.total;
  }

  async #go(by) {
    if (!this.#has(by)) return;
    const from = this.placeId;
    const to = await shelf.bring(this._index + by);
    // Stepping through is one visit: "back" leads to where it began.
    if (to && this.placeId === from) location.replace(linkTo("picture", to.id));
  }

  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
    if (event.target.closest?.("input, textarea, select, dialog") || document.querySelector("af-dialog[open]")) return;
    if (event.key === "ArrowLeft") this.#go(-1);
    else if (event.key === "ArrowRight") this.#go(1);
    else if (event.key === "Escape") goTo("pictures");
  }

  #touch({ touches }) {
    this.#swipe = touches.length === 1 ? touches[0] : null;
  }

  #lift({ changedTouches: [end] }) {
    if (!this.#swipe) return;
    const [across, down] = [end.clientX - this.#swipe.clientX, end.clientY - this.#swipe.clientY];
    if (Math.abs(across) > SWIPE && Math.abs(across) > 2 * Math.abs(down)) this.#go(across < 0 ? 1 : -1);
    this.#swipe = null;
  }

  #choose() {
    if ((model.status?.frames.length ?? 0) > 1) this._choosing = true;
    else this.#show.run();
  }

  async #removed() {
    const { id } = this._picture;
    const neighbour = (await shelf.bring(this._index + 1)) ?? (await shelf.bring(this._index - 1));
    await remove(id, () => goTo("picture", id));
    if (this.placeId !== id) return;
    if (this._index >= 0 && neighbour) location.replace(linkTo("picture", neighbour.id));
    else goTo("pictures");
  }

  async #kept() {
    const { prompt, negative } = this._picture;
    const { prompt: kept, removed } = await api.addPrompt(negative ? { prompt, negative } : { prompt });
    if (removed.length) toast(t("picture.kept_for", { prompt: removed[0].prompt }), { label: t("picture.prompts"), action: () => goTo("prompts") });
    else undoable(t("picture.kept"), () => api.removePrompt(kept.id));
  }

  async #copy() {
    await navigator.clipboard.writeText(this._picture.prompt);
    toast(t("picture.copied"));
  }
}

customElements.define("af-large-picture", Picture);
