/** What happens at the moment: the state, what is being made, the frames, what may be asked today. */

import { html, nothing, repeat } from "../../vendor/lit.js";
import * as api from "../api.js";
import { Action } from "../elements/action.js";
import { icon } from "../elements/icons.js";
import "../elements/now-frame.js";
import "../elements/now-making.js";
import { View } from "../elements/view.js";
import { model, Watching } from "../model.js";
import { linkTo } from "../router.js";
import { reasonText, stateSentence } from "../said.js";
import { has, language, t, time } from "../words.js";

const ICONS = { generating: "spark", waiting: "clock", sleeping: "moon", paused: "pause", problem: "alarm" };

class Now extends View {
  #generate = new Action(this, async () => model.noteOperation(await api.generate()));
  #retry = new Action(this, (code) => api.retryProvider(code));
  #pause = new Action(this, (paused) => api.changeSettings({ paused }));

  constructor() {
    super();
    new Watching(this);
  }

  connectedCallback() {
    super.connectedCallback();
    model.loadOperations();
  }

  render() {
    const { status } = model;
    return html`
      <h1 class="now-title">${t("now.title")}</h1>
      ${status ? this.#all(status) : html`<p class="now-loading quiet-text">${t("now.loading")}</p>`}
    `;
  }

  #all(status) {
    return html`
      ${this.#state(status)}
      <af-now-making></af-now-making>
      ${status.problems.length ? this.#problems(status.problems) : nothing}
      ${this.#frames(status.frames)} ${this.#today(status.providers)}
    `;
  }

  #state(status) {
    const next = status.state === "waiting" ? null : status.next_generation_at;
    return html`<section class="now-state card" data-state=${status.state} aria-label=${t("now.state")}>
      <span class="now-state-icon">${icon(ICONS[status.state])}</span>
      <div>
        <p class="now-sentence">${stateSentence(status)}</p>
        ${next ? html`<p class="hint">${t("now.next", { time: time(next) })}</p>` : nothing}
      </div>
      <div class="now-controls">
        <button class="button primary" ?disabled=${this.#generate.busy} @click=${() => this.#generate.run()}>
          ${icon("spark")} ${t("now.generate")}
        </button>
        ${this.#pauseSwitch(status.settings.paused)}
      </div>
    </section>`;
  }

  #pauseSwitch(paused) {
    return html`<button
      class="switch"
      role="switch"
      aria-checked=${paused ? "true" : "false"}
      ?disabled=${this.#pause.busy}
      @click=${() => this.#pause.run(!paused)}
    >${t("now.pause")}</button>`;
  }

  #problems(problems) {
    return html`<section class="now-problems" aria-labelledby="now-problems">
      <h2 id="now-problems">${t("now.problems")}</h2>
      <ul class="plain">
        ${repeat(
          problems,
          ({ code, subject }) => `${code} ${subject}`,
          (problem) => this.#problem(problem),
        )}
      </ul>
    </section>`;
  }

  #problem(problem) {
    const { text, remedy, original } = problemTexts(problem, model.status);
    return html`<li class="now-problem">
      ${icon("alarm")}
      <div>
        <p class="now-problem-text">${text}</p>
        <p>${remedy}</p>
        ${problem.code === "access_refused"
          ? html`<button
              class="button now-retry"
              ?disabled=${this.#retry.busy}
              @click=${() => this.#retry.run(problem.subject)}
            >${icon("repeat")} ${t("now.retry")}</button>`
          : nothing}
        <p class="hint">${t("now.since", { time: time(problem.since) })}</p>
        ${original.length
          ? html`<details>
              <summary>${t("now.original")}</summary>
              ${original.map((one) => html`<p lang="en">${one}</p>`)}
            </details>`
          : nothing}
      </div>
    </li>`;
  }

  #frames(frames) {
    return html`<section aria-labelledby="now-frames">
      <h2 id="now-frames">${t("now.frames")}</h2>
      ${frames.length
        ? html`<ul class="now-frames plain">
            ${repeat(
              frames,
              (frame) => frame.id,
              (frame) => html`<li><af-now-frame .frame=${frame}></af-now-frame></li>`,
            )}
          </ul>`
        : html`<div class="card now-no-frames">
            <p><strong>${t("now.no_frames")}</strong></p>
            <p class="quiet-text">${t("now.no_frames_why")}</p>
          </div>`}
    </section>`;
  }

  #today(providers) {
    const used = providers.filter((provider) => provider.in_use || provider.asked_today);
    if (!used.length) return nothing;
    return html`<section aria-labelledby="now-today">
      <h2 id="now-today">${t("now.today")}</h2>
      <ul class="now-providers plain">${used.map((provider) => this.#provider(provider))}</ul>
      <p class="hint"><a href=${linkTo("numbers")}>${t("now.more_numbers")}</a></p>
    </section>`;
  }

  #provider(provider) {
    const { title, daily_limit: limit, asked_today: asked, left_today: left, ready } = provider;
    const why = reasonText(provider);
    return html`<li class="card now-provider">
      <h3>${title}</h3>
      <p class="chip ${ready ? "good" : "warn"}">${ready ? t("now.provider_ready") : why}</p>
      ${limit
        ? html`<p class="figures">${t("now.left", { count: left, limit })}</p>
            <progress max=${limit} value=${Math.min(asked, limit)} aria-label=${t("now.used_label", { title })}></progress>`
        : html`<p class="figures">${t("now.asked", { count: asked })}</p>`}
    </li>`;
  }
}

/**
 * A problem as a person reads it.
 * @returns {{text: string, remedy: string, original: string[]}} `original`: the server's own, where ours say less.
 */
function problemTexts({ code, subject, text, remedy }, status) {
  if (language === "en" || !has(`now.problem.${code}`)) return { text, remedy, original: [] };
  const title = status?.providers.find((provider) => provider.code === subject)?.title ?? subject ?? "";
  return {
    text: t(`now.problem.${code}`, { title }),
    remedy: t(`now.remedy.${code}`),
    original: [text, remedy],
  };
}

customElements.define("af-now", Now);
