/** What is set, where it comes from, and where it is changed; the token of the API. */

import { html, nothing } from "../../vendor/lit.js";
import * as api from "../api.js";
import { Action } from "../elements/action.js";
import { sure } from "../elements/dialog.js";
import { toast } from "../elements/toasts.js";
import { View } from "../elements/view.js";
import { Following, model, Watching } from "../model.js";
import { heldToken, holdToken } from "../token.js";
import { t } from "../words.js";

const A_YEAR = 525_600;

class Settings extends View {
  static properties = { ...View.properties, _settings: { state: true }, _token: { state: true } };

  #load = new Action(this, async () => (this._settings = (await api.settings()).settings));
  #change = new Action(this, (changes) => api.changeSettings(changes));
  #show = new Action(this, async () => (this._token = (await api.token()).token));
  #renew = new Action(this, () => api.renewToken());

  constructor() {
    super();
    this._settings = null;
    this._token = null;
    new Watching(this);
    const again = () => this.#load.run();
    new Following(this, { settings: again, provider: again });
  }

  connectedCallback() {
    super.connectedCallback();
    this.#load.run();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this._token = null;
  }

  render() {
    return html`<h1>${t("settings.title")}</h1>
      ${model.status ? this.#atRunTime(model.status.settings) : nothing} ${this.#tokenCard()} ${this.#all()}`;
  }

  #atRunTime({ paused, image_generate_threshold: minutes }) {
    return html`<section class="card settings-card" aria-labelledby="settings-here">
      <h2 id="settings-here">${t("settings.here")}</h2>
      <button
        class="switch" role="switch" aria-checked=${String(!paused)} ?disabled=${this.#change.busy}
        @click=${() => this.#change.run({ paused: !paused })}
      >${t("settings.generate")}</button>
      <form @submit=${this.#save}>
        <label for="settings-threshold">${t("settings.threshold")}</label>
        <div class="settings-row">
          <input
            id="settings-threshold" type="number" min="0" max=${A_YEAR} step="any" required
            .value=${String(minutes)} aria-describedby="settings-threshold-hint"
          />
          <button class="button" ?disabled=${this.#change.busy}>${t("settings.save")}</button>
        </div>
        <p class="hint" id="settings-threshold-hint">${t("settings.threshold_hint")}</p>
      </form>
    </section>`;
  }

  #tokenCard() {
    return html`<section class="card settings-card" aria-labelledby="settings-token">
      <h2 id="settings-token">${t("settings.token")}</h2>
      <p>${t("settings.token_what")}</p>
      ${this._token
        ? html`<div class="settings-row">
            <input type="text" readonly aria-labelledby="settings-token" .value=${this._token} @focus=${(event) => event.target.select()} />
            <button class="button" @click=${this.#copy}>${t("settings.copy")}</button>
          </div>`
        : nothing}
      <div class="buttons">
        ${this._token
          ? html`<button class="button" @click=${() => (this._token = null)}>${t("settings.hide")}</button>`
          : html`<button class="button" ?disabled=${this.#show.busy} @click=${() => this.#show.run()}>${t("settings.show")}</button>`}
        <button class="button quiet" ?disabled=${this.#renew.busy} @click=${this.#renewed}>${t("settings.renew")}</button>
      </div>
    </section>`;
  }

  #all() {
    if (this._settings === null) return html`<p><span class="spinner"></span></p>`;
    return html`<section class="card settings-card" aria-labelledby="settings-all">
      <h2 id="settings-all">${t("settings.all")}</h2>
      <p>${t("settings.where")}</p>
      <dl class="settings-list">${this._settings.map((setting) => this.#setting(setting))}</dl>
    </section>`;
  }

  #setting({ path, value, source, file_value: inFile }) {
    const changed = source === "run_time";
    return html`<div>
      <dt><code>${path}</code></dt>
      <dd>
        <span class="settings-value">${shown(value)}</span>
        <span class="chip ${changed ? "warn" : source === "file" ? "good" : ""}">${t(`settings.source.${source}`)}</span>
        ${changed ? html`<span class="hint">${t("settings.in_file", { value: shown(inFile) })}</span>` : nothing}
      </dd>
    </div>`;
  }

  async #save(event) {
    event.preventDefault();
    const minutes = event.target.querySelector("input").valueAsNumber;
    if (await this.#change.run({ image_generate_threshold: minutes })) toast(t("settings.saved"));
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this._token);
      toast(t("settings.copied"));
    } catch {
      // Without HTTPS a browser gives no clipboard: the text is selected, to be copied by hand.
      this.querySelector(".settings-row input[readonly]").select();
    }
  }

  async #renewed() {
    const texts = { heading: t("settings.renew_sure"), text: t("settings.renew_what"), label: t("settings.renew") };
    if (!(await sure({ ...texts, alarm: true }))) return;
    const answer = await this.#renew.run();
    if (!answer) return;
    if (heldToken()) holdToken(answer.token);
    this._token = answer.token;
    toast(t("settings.renewed"));
  }
}

function shown(value) {
  if (value === null || value === "") return "–";
  if (typeof value === "boolean") return value ? t("settings.yes") : t("settings.no");
  if (Array.isArray(value)) return value.length ? value.map(shown).join(", ") : "–";
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([key, inner]) => `${key}: ${shown(inner)}`)
      .join(", ");
  }
  return String(value);
}

customElements.define("af-settings", Settings);
