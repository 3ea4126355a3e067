/** All pictures as a grid of which only the rows in sight are there. One tab stop; arrows go through it. */

import { html, nothing, render } from "../../vendor/lit.js";
import * as api from "../api.js";
import { linkTo } from "../router.js";
import { t } from "../words.js";
import { icon } from "./icons.js";
import { described } from "./pictures-acts.js";
import { OnShelf, shelf } from "./pictures-shelf.js";
import { Plain } from "./view.js";

const GAP = 8;
const NARROW = { upTo: 640, tile: 104 };
const TILE = 152;
const AROUND = 2; // rows above and below, so that a turn of the wheel finds them there
const FREE = { above: 96, below: 96 }; // what may lie over the pictures at the window's edges

class PicturesGrid extends Plain {
  static properties = { _active: { state: true } };

  #columns = 3;
  #row = 200;
  #rows = [0, 0];
  #items = new Map();
  #wish = null;
  #frame = null;
  #resized = new ResizeObserver(() => this.#measure());
  #scrolled = () => (this.#frame ??= requestAnimationFrame(() => this.#note()));

  constructor() {
    super();
    this._active = 0;
    new OnShelf(this);
  }

  connectedCallback() {
    super.connectedCallback();
    addEventListener("scroll", this.#scrolled, { passive: true });
    addEventListener("resize", this.#scrolled);
    this.#resized.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener("scroll", this.#scrolled);
    removeEventListener("resize", this.#scrolled);
    cancelAnimationFrame(this.#frame);
    this.#resized.disconnect();
  }

  firstUpdated() {
    this.#measure();
    if (!shelf.top && !shelf.opened) return;
    // The page itself goes to its top first.
    requestAnimationFrame(() => {
      scrollTo(0, shelf.top);
      const index = shelf.opened ? shelf.indexOf(shelf.opened) : -1;
      shelf.opened = null;
      if (index >= 0) this.#goTo(index);
      this.#note();
    });
  }

  #measure() {
    const width = this.clientWidth;
    if (!width) return;
    const tile = width < NARROW.upTo ? NARROW.tile : TILE;
    this.#columns = Math.max(2, Math.floor((width + GAP) / (tile + GAP)));
    this.#row = ((width - GAP * (this.#columns - 1)) / this.#columns) * 1.5 + GAP;
    this.#look();
    this.requestUpdate();
  }

  #note() {
    this.#frame = null;
    if (!this.isConnected) return;
    shelf.top = scrollY;
    if (scrollY === 0) shelf.admit();
    this.#look();
  }

  /** Find the rows in sight. */
  #look() {
    const above = -this.getBoundingClientRect().top;
    const most = Math.ceil((shelf.total ?? 0) / this.#columns);
    const inside = (row) => Math.min(Math.max(row, 0), most);
    const first = inside(Math.floor(above / this.#row) - AROUND);
    const last = inside(Math.ceil((above + innerHeight) / this.#row) + AROUND);
    const [knownFirst, knownLast] = this.#rows;
    this.#rows = [first, last];
    if (first !== knownFirst || last !== knownLast) this.requestUpdate();
    if (last > first) shelf.want(first * this.#columns, Math.min(last * this.#columns, shelf.total) - 1);
  }

  willUpdate() {
    if (this.hasUpdated) this.#look();
  }

  render() {
    return html`<ul
      class="pictures-grid" role="list" aria-label=${t("pictures.title")} @keydown=${this.#press} @focusin=${this.#focused}
    ></ul>`;
  }

  /** Items come and go with each row; Lit's `repeat` would leave a comment behind for each that went. */
  #fill(list) {
    const [first, last] = this.#rows.map((row) => Math.min(row * this.#columns, shelf.total ?? 0));
    const tab = this._active >= first && this._active < last ? this._active : first;
    const tiles = new Map();
    for (let index = first; index < last; index += 1) {
      const picture = shelf.at(index);
      tiles.set(picture && !tiles.has(picture.id) ? picture.id : `at-${index}`, { index, picture });
    }
    for (const [key, item] of this.#items) if (!tiles.has(key)) (item.remove(), this.#items.delete(key));
    let next = list.firstElementChild;
    for (const [key, { index, picture }] of tiles) {
      const item = this.#items.get(key) ?? document.createElement("li");
      this.#items.set(key, item);
      if (item === next) next = next.nextElementSibling;
      else list.insertBefore(item, next);
      item.ariaSetSize = shelf.total;
      item.ariaPosInSet = index + 1;
      render(picture ? this.#link(index, picture, tab) : html`<span class="pictures-tile"></span>`, item);
    }
  }

  #link(index, picture, tab) {
    const text = described(picture);
    const marks = [picture.favourite && t("pictures.favourite"), picture.archived && t("pictures.archived")];
    return html`<a
      class="pictures-tile" href=${linkTo("picture", picture.id)} data-index=${index} tabindex=${index === tab ? 0 : -1}
      title=${text} aria-label=${[text, ...marks.filter(Boolean)].join(". ")} @click=${() => (shelf.opened = picture.id)}
    >
      ${picture.unreadable
        ? html`<span class="no-picture">${icon("alarm")}${t("pictures.unreadable")}</span>`
        : html`<af-picture path=${api.picturePath(picture.id, "thumbnail")} .alt=${text}></af-picture>`}
      ${picture.favourite ? html`<span class="pictures-mark heart">${icon("heart")}</span>` : nothing}
      ${picture.archived ? html`<span class="pictures-mark archived">${t("pictures.archived")}</span>` : nothing}
    </a>`;
  }

  updated() {
    const list = this.firstElementChild;
    const count = Math.ceil((shelf.total ?? 0) / this.#columns);
    list.style.height = `${Math.max(count * this.#row - GAP, 0)}px`;
    list.style.paddingTop = `${this.#rows[0] * this.#row}px`;
    list.style.gridTemplateColumns = `repeat(${this.#columns}, minmax(0, 1fr))`;
    list.style.gridAutoRows = `${this.#row - GAP}px`;
    this.#fill(list);
    if (this.#wish === null) return;
    const tile = this.querySelector(`[data-index="${this.#wish}"]`);
    if (!tile) return; // it comes with its page
    this.#wish = null;
    tile.focus({ preventScroll: true });
  }

  #focused(event) {
    const index = event.target.closest("[data-index]")?.dataset.index;
    if (index !== undefined) this._active = Number(index);
    this.#wish = null;
  }

  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const page = Math.max(Math.floor(innerHeight / this.#row) - 1, 1) * this.#columns;
    const end = shelf.total - 1;
    const steps = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.#columns, ArrowDown: this.#columns, PageUp: -page, PageDown: page,
      Home: -end, End: end,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const to = Math.min(Math.max((this.#wish ?? this._active) + step, 0), end);
    const column = Math.abs(step) > 1 && !["Home", "End"].includes(event.key);
    if (column && (to === 0 || to === end) && Math.abs(to - this._active) < this.#columns) return;
    this.#goTo(to);
  }

  /** Bring a picture into sight, and give it the focus. */
  #goTo(index) {
    this.#wish = this._active = index;
    const top = this.getBoundingClientRect().top + Math.floor(index / this.#columns) * this.#row;
    const below = top + this.#row - (innerHeight - FREE.below);
    if (top < FREE.above) scrollBy(0, top - FREE.above);
    else if (below > 0) scrollBy(0, below);
    this.#look();
    this.requestUpdate();
  }
}

customElements.define("af-pictures-grid", PicturesGrid);
