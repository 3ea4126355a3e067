/** What is counted: pictures made and what they may cost, what frames asked for, what is stored. */

import { html, repeat } from "../../vendor/lit.js";
import * as api from "../api.js";
import { Action } from "../elements/action.js";
import { chart } from "../elements/numbers-chart.js";
import "../elements/numbers-provider.js";
import { View } from "../elements/view.js";
import { Following, model, Watching } from "../model.js";
import { date, number, size, t, time } from "../words.js";

const DAYS = 30;
const HOURS = 24;
const KINDS = ["start_auto", "start_old", "start_ydart", "status", "result", "prompt_add", "malformed"];

class Numbers extends View {
  static properties = { ...View.properties, _history: { state: true } };

  #load = new Action(this, async () => (this._history = await api.history(DAYS)));

  constructor() {
    super();
    this._history = null;
    new Watching(this);
    const again = () => this.#load.run();
    new Following(this, { status: again, picture_made: again, generation_failed: again });
  }

  connectedCallback() {
    super.connectedCallback();
    this.#load.run();
  }

  render() {
    const { status } = model;
    return html`<h1>${t("numbers.title")}</h1>
      ${status
        ? html`<div class="numbers-providers">
              ${repeat(
                status.providers.filter((provider) => provider.in_use),
                (provider) => provider.code,
                (provider) => html`<af-numbers-provider .provider=${provider}></af-numbers-provider>`,
              )}
            </div>
            ${this.#charts(status)} ${this.#requests(status.metrics)} ${this.#store(status)}`
        : html`<p><span class="spinner"></span></p>`}`;
  }

  #charts({ providers }) {
    if (!this._history) return html`<section class="card"><span class="spinner"></span></section>`;
    const title = (code) => providers.find((provider) => provider.code === code)?.title ?? code;
    const codes = [...new Set(this._history.days.flatMap((day) => Object.keys(day.providers)))].sort();
    const days = this._history.days.map((day) => ({
      label: date(`${day.date}T12:00:00`),
      parts: codes.map((code) => ({ name: title(code), value: day.providers[code]?.accepted ?? 0 })),
    }));
    const hours = this._history.hours.slice(-HOURS).map(({ start, requests }) => ({
      label: time(start),
      parts: [{ name: t("numbers.requests"), value: requests }],
    }));
    return html`<section class="card" aria-labelledby="numbers-over-time">
      <h2 id="numbers-over-time">${t("numbers.over_time")}</h2>
      <div class="numbers-charts">
        ${chart(t("numbers.pictures_a_day"), days)} ${chart(t("numbers.requests_an_hour"), hours)}
      </div>
    </section>`;
  }

  #requests({ requests, requests_by_kind: byKind, images }) {
    const rows = [
      [t("numbers.all_requests"), requests],
      ...KINDS.map((kind) => [t(`numbers.kind.${kind}`), byKind[kind]]),
      [t("numbers.images_sent"), images],
    ];
    return html`<section class="card" aria-labelledby="numbers-frames">
      <h2 id="numbers-frames">${t("numbers.frames")}</h2>
      <div class="numbers-scroll" tabindex="0" role="group" aria-labelledby="numbers-frames">
        <table class="figures">
          <thead>
            <tr>
              <td></td>
              <th scope="col">${t("numbers.total")}</th>
              <th scope="col">${t("numbers.success")}</th>
              <th scope="col">${t("numbers.errors")}</th>
              <th scope="col">${t("numbers.an_hour")}</th>
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              ([name, counts]) => html`<tr>
                <th scope="row">${name}</th>
                <td>${number(counts.total)}</td>
                <td>${number(counts.success)}</td>
                <td>${number(counts.errors)}</td>
                <td>${number(counts.total_per_hour, 1)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </section>`;
  }

  #store({ store, prompts }) {
    const rows = [
      [t("numbers.stored"), number(store.pictures)],
      [t("numbers.archived"), number(store.archived)],
      [t("numbers.favourites"), number(store.favourites)],
      [t("numbers.unreadable"), number(store.unreadable)],
      [t("numbers.size"), size(store.size_bytes)],
      [t("numbers.prompts"), t("numbers.prompts_of", { present: prompts.count, limit: prompts.limit })],
    ];
    return html`<section class="card" aria-labelledby="numbers-store">
      <h2 id="numbers-store">${t("numbers.store")}</h2>
      <dl class="numbers-list figures">
        ${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
      </dl>
    </section>`;
  }
}

customElements.define("af-numbers", Numbers);
