/**
 * A picture of the API, loaded when it comes near the window and let go of when it is far away.
 *
 *   html`<af-picture path=${api.picturePath(id, "thumbnail")} alt=${…}></af-picture>`
 *
 * With the token a picture has to be fetched; where none is needed, the browser does all by itself.
 * `version` is anything that changes with the bytes behind the same path.
 */

import { html, nothing } from "../../vendor/lit.js";
import { request } from "../api.js";
import { heldToken } from "../token.js";
import { t } from "../words.js";
import { Plain } from "./view.js";

const NEAR = "600px";

const near = new IntersectionObserver(
  (entries) => entries.forEach((entry) => entry.target.come(entry.isIntersecting)),
  { rootMargin: NEAR },
);

export class PictureElement extends Plain {
  static properties = {
    path: {},
    alt: {},
    version: {},
    _source: { state: true },
    _failed: { state: true },
  };

  #near = false;
  #abort = null;
  #blob = null;

  constructor() {
    super();
    this.alt = "";
    this.version = "";
  }

  connectedCallback() {
    super.connectedCallback();
    near.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    near.unobserve(this);
    this.come(false);
  }

  come(isNear) {
    if (isNear === this.#near) return;
    this.#near = isNear;
    if (isNear) this.#load();
    else this.#drop();
  }

  willUpdate(changed) {
    if (this.hasUpdated && this.#near && (changed.has("path") || changed.has("version"))) this.#load();
  }

  async #load() {
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    this._failed = false;
    if (!this.path) return;
    if (!heldToken()) {
      const version = this.version ? `?v=${encodeURIComponent(this.version)}` : "";
      this._source = `api/v1/${this.path}${version}`;
      return;
    }
    try {
      const blob = await (await request("GET", this.path, { signal: abort.signal, cache: "default" })).blob();
      if (abort.signal.aborted) return;
      this.#drop();
      this.#blob = this._source = URL.createObjectURL(blob);
    } catch {
      if (!abort.signal.aborted) this._failed = true;
    }
  }

  #drop() {
    this.#abort?.abort();
    if (this.#blob) URL.revokeObjectURL(this.#blob);
    this.#blob = this._source = null;
  }

  render() {
    if (this._failed) return html`<span class="no-picture" role="img" aria-label=${this.alt}>${t("shell.no_picture")}</span>`;
    if (!this._source) return nothing;
    return html`<img src=${this._source} alt=${this.alt} decoding="async" @error=${this.#broken} @load=${this.loaded} />`;
  }

  /** A hook for those that do more with a picture than show it. */
  loaded() {}

  #broken() {
    this._failed = true;
  }
}

customElements.define("af-picture", PictureElement);
