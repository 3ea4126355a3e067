/** The frame round all views: navigation, the token's door, what is said at the edge. */

import { html, LitElement, nothing } from "../vendor/lit.js";
import * as api from "./api.js";
import { Action } from "./elements/action.js";
import { icon } from "./elements/icons.js";
import "./elements/toasts.js";
import "./elements/token-form.js";
import { model, Watching } from "./model.js";
import { elementOf, linkTo, loadView, place, VIEWS } from "./router.js";
import { language, loadWords, t } from "./words.js";

const ENTRIES = VIEWS.filter((view) => view !== "picture");
const AWAY_MS = 1_500; // a stream that is back at once is not worth a word

class App extends LitElement {
  static properties = {
    _view: { state: true },
    _failed: { state: true },
    _locked: { state: true },
    _away: { state: true },
  };

  // A browser remembers modules that could not be loaded, so only a new page gets them.
  #again = new Action(this, async () => {
    await api.info();
    location.reload();
  });
  #place = null;
  #timer = null;

  constructor() {
    super();
    this._locked = false;
    this._away = false;
    new Watching(this);
    model.addEventListener("change", () => this.#noteConnection());
    api.refusals.addEventListener("refused", () => this.#lock());
    addEventListener("hashchange", () => this.#go());
    if (refused) this.#lock();
    else this.#go();
  }

  createRenderRoot() {
    return this;
  }

  #lock() {
    model.stop();
    this._locked = true;
    this._view = null;
    this.#place = null;
  }

  #unlock() {
    this._locked = false;
    model.start();
    this.#go();
  }

  #noteConnection() {
    const away = model.connection === "away";
    if (!away) {
      clearTimeout(this.#timer);
      this.#timer = null;
      this._away = false;
    } else if (!this._away) {
      this.#timer ??= setTimeout(() => (this._away = true), AWAY_MS);
    }
  }

  async #go() {
    const { view, id } = place();
    const first = this.#place === null;
    if (this._view && this.#place.view === view) {
      this.#place = { view, id };
      this._view.placeId = id;
      return;
    }
    const mine = (this.#place = { view, id });
    this._failed = false;
    try {
      await loadView(view);
    } catch (error) {
      console.warn(error);
      if (mine === this.#place) this._failed = true;
      return;
    }
    if (mine !== this.#place || this._locked) return;
    this._view = Object.assign(document.createElement(elementOf(view)), { placeId: id });
    document.title = `${t(`shell.${view}`)} – AIFrames`;
    await this.updateComplete;
    if (!first) this.querySelector("main").focus();
    scrollTo(0, 0);
  }

  render() {
    if (this._locked) return html`<af-token-form @accepted=${this.#unlock}></af-token-form>`;
    return html`
      <button class="skip" @click=${() => this.querySelector("main").focus()}>${t("shell.skip")}</button>
      <header class="brand"><span>AIFrames</span></header>
      <nav class="navigation" aria-label=${t("shell.navigation")}>
        <ul>${ENTRIES.map((view) => this.#entry(view))}</ul>
      </nav>
      <main tabindex="-1" class="content">${this._failed ? this.#failure() : (this._view ?? nothing)}</main>
      <div class="connection" role="status">${this._away ? html`<p>${icon("away")} ${t("shell.away")}</p>` : nothing}</div>
      <af-toasts></af-toasts>
    `;
  }

  #entry(view) {
    const here = place().view;
    const current = view === here || (view === "pictures" && here === "picture");
    return html`<li>
      <a href=${linkTo(view)} aria-current=${current ? "page" : nothing}>${icon(view)}<span>${t(`shell.${view}`)}</span></a>
    </li>`;
  }

  #failure() {
    return html`<div class="empty">
      <h1>${t("shell.view_failed")}</h1>
      <p>${t("shell.view_failed_why")}</p>
      <button class="button primary" ?disabled=${this.#again.busy} @click=${() => this.#again.run()}>${t("shell.again")}</button>
    </div>`;
  }
}

document.documentElement.lang = language;
// Everything at once: the first look is worth most. What fails here is told by the app, or tried again by it.
let refused = false;
api.refusals.addEventListener("refused", () => (refused = true), { once: true });
model.start();
await Promise.all([loadWords("shell"), loadWords("server"), loadView(place().view).catch(() => null)]);
customElements.define("af-app", App);
