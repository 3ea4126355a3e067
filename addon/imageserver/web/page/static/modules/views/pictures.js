/** All stored pictures: looked through, looked for, and added to. */

import { html, nothing } from "../../vendor/lit.js";
import { icon } from "../elements/icons.js";
import "../elements/picture.js";
import "../elements/pictures-filters.js";
import "../elements/pictures-grid.js";
import { ALL, OnShelf, shelf } from "../elements/pictures-shelf.js";
import "../elements/pictures-upload.js";
import { View } from "../elements/view.js";
import { linkTo } from "../router.js";
import { errorText } from "../said.js";
import { t } from "../words.js";

class Pictures extends View {
  constructor() {
    super();
    new OnShelf(this);
  }

  render() {
    const { total, held, narrowed } = shelf;
    const bare = total === 0 && !narrowed;
    return html`<div class="pictures-view">
      <div class="pictures-head">
        <div>
          <h1>${t("pictures.title")}</h1>
          <p class="quiet-text figures" role="status">${total ? t("pictures.count", { count: total }) : nothing}</p>
        </div>
        ${bare ? nothing : this.#adder()}
      </div>
      ${bare ? nothing : html`<af-pictures-filters></af-pictures-filters>`}
      ${held
        ? html`<button class="button primary pictures-new" @click=${() => scrollTo(0, 0)}>${icon("up")}${t("pictures.new", { count: held })}</button>`
        : nothing}
      ${this.#content()}
      <af-pictures-upload></af-pictures-upload>
    </div>`;
  }

  #content() {
    if (shelf.total) return html`<af-pictures-grid></af-pictures-grid>`;
    if (shelf.error && !shelf.busy)
      return this.#empty(t("pictures.not_loaded"), errorText(shelf.error), t("shell.again"), () => shelf.reload());
    if (shelf.total === null) return html`<p class="pictures-wait"><span class="spinner"></span> ${t("pictures.loading")}</p>`;
    return shelf.narrowed ? this.#nothingFound() : this.#none();
  }

  #nothingFound() {
    const { favourite, archived, provider, text } = shelf.query;
    const all = () => this.#showAll();
    if (favourite && !archived && !provider && !text)
      return this.#empty(t("pictures.no_favourites"), t("pictures.no_favourites_why"), t("pictures.show_all"), all);
    if (archived && !favourite && !provider && !text)
      return this.#empty(t("pictures.no_archive"), t("pictures.no_archive_why"), t("pictures.show_all"), all);
    return this.#empty(t("pictures.nothing"), t("pictures.nothing_why"), t("pictures.show_all"), all);
  }

  #none() {
    return html`<div class="empty">
      <h2>${t("pictures.none")}</h2>
      <p>${t("pictures.none_why")}</p>
      <div class="buttons pictures-middle">
        <a class="button primary" href=${linkTo("now")}>${icon("spark")}${t("pictures.make_one")}</a>
        ${this.#adder()}
      </div>
      <p class="pictures-desk hint">${t("pictures.drop_hint")}</p>
    </div>`;
  }

  #adder() {
    return html`<button class="button" @click=${this.#upload}>${icon("upload")}${t("pictures.upload")}</button>`;
  }

  #empty(heading, text, label, act) {
    return html`<div class="empty">
      <h2>${heading}</h2>
      <p>${text}</p>
      <button class="button" @click=${act}>${label}</button>
    </div>`;
  }

  #showAll() {
    this.querySelector("af-pictures-filters").clear();
    shelf.look({ ...ALL, order: shelf.query.order });
  }

  #upload() {
    this.querySelector("af-pictures-upload").choose();
  }
}

customElements.define("af-pictures", Pictures);
