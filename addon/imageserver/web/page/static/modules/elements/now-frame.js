/** One frame: its panel, when it asks, its name. */

import { html, nothing } from "../../vendor/lit.js";
import * as api from "../api.js";
import { linkTo } from "../router.js";
import { dateTime, relative, t, time } from "../words.js";
import { Action } from "./action.js";
import { sure } from "./dialog.js";
import { icon } from "./icons.js";
import "./panel.js";
import { Ticking } from "./ticking.js";
import { Plain } from "./view.js";

const LATE = 1.5; // of its interval: it may have missed a turn, or be off

class NowFrame extends Plain {
  static properties = { frame: { attribute: false }, _editing: { state: true }, _picture: { state: true } };

  #save = new Action(this, async (name) => {
    await api.renameFrame(this.frame.id, name.trim() || null);
    this._editing = false;
  });
  #pictureId = null;
  #forget = new Action(this, () => api.forgetFrame(this.frame.id));

  constructor() {
    super();
    this._editing = false;
    this._picture = null;
    new Ticking(this, 15_000);
  }

  get #name() {
    return this.frame.name || this.frame.address;
  }

  willUpdate(changed) {
    const id = this.frame.content?.picture_id ?? null;
    if (changed.has("frame") && id !== this.#pictureId) this.#look(id);
  }

  async #look(id) {
    this.#pictureId = id;
    this._picture = null;
    if (id === null) return;
    const picture = await api.picture(id).catch(() => null); // it may be gone by now
    if (id === this.#pictureId) this._picture = picture;
  }

  render() {
    const { frame } = this;
    return html`<article class="card now-frame">
      ${this.#panel(frame)}
      <div class="now-frame-text">
        <header>
          <h3>${this.#name}</h3>
          <button class="button icon" aria-label=${t("now.edit_frame", { name: this.#name })} @click=${this.#edit}>
            ${icon("pencil")}
          </button>
        </header>
        <p class="now-shown">${this.#showing(frame.content)}</p>
        <dl class="now-times">
          ${frame.content && frame.content_at
            ? html`<div><dt>${t("now.shown_since")}</dt><dd>${time(frame.content_at)}</dd></div>`
            : nothing}
          <div><dt>${t("now.asked_last")}</dt><dd><time datetime=${frame.last_asked_at} title=${dateTime(frame.last_asked_at)}>${relative(frame.last_asked_at)}</time></dd></div>
          <div><dt>${t("now.asks_next")}</dt><dd>${this.#expected(frame)}</dd></div>
          <div><dt>${t("now.sent")}</dt><dd class="figures">${t("now.pictures", { count: frame.pictures_sent })}</dd></div>
        </dl>
      </div>
      ${this.#dialog(frame)}
    </article>`;
  }

  #panel(frame) {
    const { content } = frame;
    if (!content) return html`<div class="now-bezel"><div class="now-empty-panel">${t("now.nothing_yet")}</div></div>`;
    const panel = html`<af-panel
      path=${api.framePicturePath(frame.id)}
      version=${`${frame.content_at} ${content.kind} ${content.picture_id}`}
      alt=${t("now.panel", { name: this.#name })}
    ></af-panel>`;
    return content.picture_id
      ? html`<a class="now-bezel" href=${linkTo("picture", content.picture_id)}>${panel}</a>`
      : html`<div class="now-bezel">${panel}</div>`;
  }

  #showing(content) {
    if (!content) return t("now.nothing_yet_why");
    if (content.card) return t(`now.card.${content.card}`);
    return this._picture?.prompt || t(`now.content.${content.kind}`);
  }

  #expected({ expected_at: at, interval_seconds: interval, last_asked_at: last }) {
    if (!at) return t("now.unknown_when");
    const late = interval && Date.now() - new Date(last) > interval * LATE * 1000;
    if (late) return html`<span class="chip warn">${t("now.late", { time: time(at) })}</span>`;
    return t("now.about", { time: time(at) });
  }

  #edit() {
    this._editing = true;
  }

  #dialog(frame) {
    if (!this._editing) return nothing;
    const id = `now-name-${frame.id}`;
    return html`<af-dialog open .heading=${this.#name} @closed=${() => (this._editing = false)}>
      <form @submit=${this.#submit}>
        <div class="field">
          <label for=${id}>${t("now.name")}</label>
          <input id=${id} type="text" maxlength="64" autofocus autocomplete="off" .value=${frame.name ?? ""} aria-describedby="${id}-hint" />
          <p class="hint" id="${id}-hint">${t("now.name_hint")}</p>
        </div>
        <dl class="now-facts">
          <div><dt>${t("now.address")}</dt><dd>${frame.address}</dd></div>
          <div><dt>${t("now.protocol")}</dt><dd>${frame.protocol.toUpperCase()}</dd></div>
          <div><dt>${t("now.first_seen")}</dt><dd>${dateTime(frame.first_seen_at)}</dd></div>
        </dl>
        <div class="dialog-buttons">
          <button type="button" class="button quiet now-forget" ?disabled=${this.#forget.busy} @click=${this.#askToForget}>
            ${t("now.forget")}
          </button>
          <button class="button primary" ?disabled=${this.#save.busy}>${t("now.save")}</button>
        </div>
      </form>
    </af-dialog>`;
  }

  #submit(event) {
    event.preventDefault();
    this.#save.run(this.querySelector("input").value);
  }

  async #askToForget() {
    const yes = await sure({
      heading: t("now.forget_sure", { name: this.#name }),
      text: t("now.forget_why"),
      label: t("now.forget"),
      alarm: true,
    });
    if (yes) await this.#forget.run();
  }
}

customElements.define("af-now-frame", NowFrame);
