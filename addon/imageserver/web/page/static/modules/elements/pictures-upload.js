/** Pictures of one's own: dropped anywhere on the view, or chosen; kept, or shown once. One after the other. */

import { html, nothing } from "../../vendor/lit.js";
import * as api from "../api.js";
import { errorText } from "../said.js";
import { size, t } from "../words.js";
import "./dialog.js";
import { icon } from "./icons.js";
import { shelf } from "./pictures-shelf.js";
import { toast } from "./toasts.js";
import { Plain } from "./view.js";

const MOST_BYTES = 20_000_000;
const TYPES = "image/jpeg,image/png,image/webp";
const SAID = new Set(["TooLarge", "UnsupportedType", "Unprocessable", "PictureError"]);

class PicturesUpload extends Plain {
  static properties = { _files: { state: true }, _open: { state: true }, _over: { state: true }, _keep: { state: true } };

  #busy = false;
  #depth = 0;
  #listeners = {
    dragenter: (event) => this.#drag(event, 1),
    dragleave: (event) => this.#drag(event, -1),
    dragover: (event) => this.#holdsFiles(event) && event.preventDefault(),
    drop: (event) => this.#drop(event),
  };

  constructor() {
    super();
    this._files = [];
    this._keep = true;
  }

  connectedCallback() {
    super.connectedCallback();
    for (const [name, listener] of Object.entries(this.#listeners)) addEventListener(name, listener);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const [name, listener] of Object.entries(this.#listeners)) removeEventListener(name, listener);
  }

  choose() {
    this.querySelector("input[type=file]").click();
  }

  render() {
    const waiting = this._files.some(({ state }) => state === "chosen");
    return html`
      <input
        type="file" multiple accept=${TYPES} hidden aria-label=${t("pictures.upload")}
        @change=${({ target }) => (this.#add(target.files), (target.value = ""))}
      />
      ${this._over ? html`<div class="pictures-drop"><p>${icon("upload")}${t("pictures.drop")}</p></div>` : nothing}
      <af-dialog .heading=${t("pictures.upload_title")} ?open=${this._open} @closed=${this.#closed}>
        ${waiting ? this.#choice() : nothing}
        <ul class="plain pictures-files">${this._files.map((one) => this.#file(one))}</ul>
        <p class="only-said" role="status">${this.#busy || waiting ? "" : this.#summary()}</p>
        <div class="dialog-buttons">
          ${waiting
            ? html`<button class="button" @click=${this.#close}>${t("shell.cancel")}</button>
                <button class="button primary" autofocus @click=${this.#send}>${t("pictures.send")}</button>`
            : html`<button class="button" @click=${this.#close}>${t("shell.close")}</button>`}
        </div>
      </af-dialog>
    `;
  }

  #choice() {
    const option = (keep, title, hint) => html`<label class="pictures-option">
      <input type="radio" name="pictures-keep" .checked=${this._keep === keep} @change=${() => (this._keep = keep)} />
      <span>${title}<span class="hint">${hint}</span></span>
    </label>`;
    return html`<fieldset class="pictures-choice">
      <legend class="only-said">${t("pictures.what_for")}</legend>
      ${option(true, t("pictures.keep"), t("pictures.keep_hint"))}
      ${option(false, t("pictures.once"), t("pictures.once_hint"))}
    </fieldset>`;
  }

  #file({ file, state, text }) {
    const sign = { done: icon("check"), failed: icon("alarm"), sending: html`<span class="spinner"></span>` };
    return html`<li class="pictures-file ${state}">
      <span class="pictures-file-name">${file.name}<span class="hint"> ${size(file.size)}</span></span>
      <span class="pictures-file-state">${sign[state] ?? nothing}${state === "chosen" ? nothing : t(`pictures.file_${state}`)}</span>
      ${text ? html`<p class="field-error">${text}</p>` : nothing}
    </li>`;
  }

  #summary() {
    const count = (wanted) => this._files.filter(({ state }) => state === wanted).length;
    const done = this._keep ? t("pictures.sent", { count: count("done") }) : t("pictures.sent_once", { count: count("done") });
    return count("failed") ? `${done}. ${t("pictures.sent_not", { count: count("failed") })}` : done;
  }

  #add(files) {
    const added = [...files].map((file) => ({ file, state: "chosen", text: null }));
    if (!added.length) return;
    this._files = [...(this._open || this.#busy ? this._files : []), ...added];
    this._open = true;
  }

  async #send() {
    for (const one of this._files) if (one.state === "chosen") Object.assign(one, { state: "waiting", keep: this._keep });
    this.requestUpdate();
    if (this.#busy) return; // they are taken along
    this.#busy = true;
    for (let one; (one = this._files.find(({ state }) => state === "waiting")); ) await this.#sendOne(one);
    this.#busy = false;
    this.requestUpdate();
    if (!this._open) toast(this.#summary(), { alarm: this._files.some(({ state }) => state === "failed") });
    else if (this._files.every(({ state }) => state === "done")) {
      this._open = false;
      toast(this.#summary());
    }
  }

  async #sendOne(one) {
    this.#mark(one, "sending");
    if (one.file.size > MOST_BYTES) {
      this.#mark(one, "failed", t("pictures.error_TooLarge"));
      return;
    }
    try {
      await api.pushPicture(one.file, one.keep);
      this.#mark(one, "done");
      if (one.keep) shelf.soon();
    } catch (error) {
      if (error.code === undefined) throw error;
      this.#mark(one, "failed", SAID.has(error.code) ? t(`pictures.error_${error.code}`) : errorText(error));
    }
  }

  #mark(one, state, text = null) {
    Object.assign(one, { state, text });
    this.requestUpdate();
  }

  #close(event) {
    event.target.closest("af-dialog").close();
  }

  #closed() {
    this._open = false;
    if (!this.#busy) this._files = [];
  }

  #holdsFiles({ dataTransfer }) {
    return dataTransfer?.types.includes("Files");
  }

  #drag(event, step) {
    if (!this.#holdsFiles(event)) return;
    event.preventDefault();
    this.#depth = Math.max(this.#depth + step, 0);
    this._over = this.#depth > 0;
  }

  #drop(event) {
    if (!this.#holdsFiles(event)) return;
    event.preventDefault();
    this.#depth = 0;
    this._over = false;
    this.#add(event.dataTransfer.files);
  }
}

customElements.define("af-pictures-upload", PicturesUpload);
