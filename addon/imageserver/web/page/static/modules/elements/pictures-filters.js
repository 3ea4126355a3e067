/** What pictures are looked for: words, maker, favourites, archive, and in which order. */

import { html } from "../../vendor/lit.js";
import { Watching } from "../model.js";
import { t } from "../words.js";
import { icon } from "./icons.js";
import { makers } from "./pictures-acts.js";
import { OnShelf, shelf } from "./pictures-shelf.js";
import { Plain } from "./view.js";

const TYPING_MS = 250;
const ORDERS = ["newest", "oldest", "most_shown", "least_shown", "last_shown"];

function look(changes) {
  scrollTo(0, 0);
  shelf.look(changes);
}

class PicturesFilters extends Plain {
  #timer = null;

  constructor() {
    super();
    new Watching(this); // names of providers
    new OnShelf(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  firstUpdated() {
    this.querySelector("input").value = shelf.query.text;
  }

  render() {
    const { provider, order } = shelf.query;
    return html`<search class="pictures-filters">
      <div class="pictures-search">
        ${icon("search")}
        <input
          type="search" aria-label=${t("pictures.search")} placeholder=${t("pictures.search")} maxlength="2000"
          enterkeyhint="search" @input=${this.#typed} @keydown=${this.#pressed}
        />
      </div>
      <div class="pictures-narrow">
        ${this.#toggle("favourite", "heart", t("pictures.favourites"))}
        ${this.#toggle("archived", "archive", t("pictures.archive"))}
        <select aria-label=${t("pictures.maker")} @change=${({ target }) => look({ provider: target.value || null })}>
          <option value="" ?selected=${provider === null}>${t("pictures.maker_any")}</option>
          ${makers().map(([code, title]) => html`<option value=${code} ?selected=${code === provider}>${title}</option>`)}
        </select>
        <select aria-label=${t("pictures.order")} @change=${({ target }) => look({ order: target.value })}>
          ${ORDERS.map((one) => html`<option value=${one} ?selected=${one === order}>${t(`pictures.order_${one}`)}</option>`)}
        </select>
      </div>
    </search>`;
  }

  #toggle(key, name, text) {
    const on = shelf.query[key] === true;
    return html`<button class="pictures-toggle" aria-pressed=${String(on)} @click=${() => look({ [key]: on ? null : true })}>
      ${icon(name)}${text}
    </button>`;
  }

  clear() {
    this.querySelector("input").value = "";
  }

  #typed({ target }) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#find(target.value), TYPING_MS);
  }

  #pressed({ key, target }) {
    if (key !== "Enter") return;
    clearTimeout(this.#timer);
    this.#find(target.value);
  }

  #find(text) {
    if (text.trim() !== shelf.query.text) look({ text: text.trim() });
  }
}

customElements.define("af-pictures-filters", PicturesFilters);
