/** The last lines of the server's log, the newest first. */

import { html, repeat } from "../../vendor/lit.js";
import * as api from "../api.js";
import { Action } from "../elements/action.js";
import { View } from "../elements/view.js";
import { Following } from "../model.js";
import { dateTime, t } from "../words.js";

const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"];
const LINES = 300;
const OURS = "imageserver.";
const CHIPS = { WARNING: "warn", ERROR: "alarm", CRITICAL: "alarm" };

class Log extends View {
  static properties = { ...View.properties, _lines: { state: true }, _level: { state: true } };

  #load = new Action(this, async () => (this._lines = (await api.log(this._level, LINES)).lines.toReversed()));

  constructor() {
    super();
    this._lines = null;
    this._level = "INFO";
    const again = () => this.#load.run();
    new Following(this, { status: again, operation: again, problems: again });
  }

  connectedCallback() {
    super.connectedCallback();
    this.#load.run();
  }

  render() {
    return html`<h1>${t("log.title")}</h1>
      <div class="log-bar">
        <div class="field">
          <label for="log-level">${t("log.level")}</label>
          <select id="log-level" @change=${this.#choose}>
            ${LEVELS.map((level) => html`<option value=${level} ?selected=${level === this._level}>${t(`log.from.${level}`)}</option>`)}
          </select>
        </div>
        <button class="button" ?disabled=${this.#load.busy} @click=${() => this.#load.run()}>${t("log.refresh")}</button>
      </div>
      ${this.#content()}`;
  }

  #content() {
    if (this._lines === null) return html`<p><span class="spinner"></span></p>`;
    if (!this._lines.length) return html`<p class="quiet-text">${t("log.empty")}</p>`;
    return html`<ol class="plain card log-lines" aria-label=${t("log.title")}>
      ${repeat(
        this._lines,
        (line) => `${line.at} ${line.logger} ${line.message}`,
        (line) => html`<li>
          <p class="log-about hint figures">
            <time datetime=${line.at}>${dateTime(line.at)}</time>
            <span class="chip ${CHIPS[line.level] ?? ""}">${line.level}</span>
            <span>${line.logger.startsWith(OURS) ? line.logger.slice(OURS.length) : line.logger}</span>
          </p>
          <p class="log-message" lang="en">${line.message}</p>
        </li>`,
      )}
    </ol>`;
  }

  #choose(event) {
    this._level = event.target.value;
    this.#load.run();
  }
}

customElements.define("af-log", Log);
