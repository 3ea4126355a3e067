/** One provider in figures: today and yesterday, what it may be asked today, whether it is asked at all. */

import { html, nothing } from "../../vendor/lit.js";
import * as api from "../api.js";
import { reasonText } from "../said.js";
import { number, t } from "../words.js";
import { Action } from "./action.js";
import { toast } from "./toasts.js";
import { Plain } from "./view.js";

const OPENED_BY_RETRY = new Set(["switched_off", "backing_off"]);
const MOST = 1_000_000;

class NumbersProvider extends Plain {
  static properties = { provider: { attribute: false } };

  #change = new Action(this, (changes) => api.changeProvider(this.provider.code, changes));
  #retry = new Action(this, () => api.retryProvider(this.provider.code));

  render() {
    const { provider } = this;
    const reason = reasonText(provider);
    return html`<section class="card numbers-provider" aria-labelledby="numbers-${provider.code}">
      <div class="numbers-head">
        <h2 id="numbers-${provider.code}">${provider.title}</h2>
        <span class="chip ${reason ? "warn" : "good"}">${reason ?? t("numbers.ready")}</span>
      </div>
      <dl class="numbers-two">
        <div><dt>${t("numbers.today")}</dt><dd>${number(provider.accepted_today)}</dd></div>
        <div><dt>${t("numbers.yesterday")}</dt><dd>${number(provider.accepted_yesterday)}</dd></div>
      </dl>
      ${this.#guard(provider)}
      <button
        class="switch" role="switch" aria-checked=${String(provider.enabled)} ?disabled=${this.#change.busy}
        @click=${() => this.#change.run({ enabled: !provider.enabled })}
      >${t("numbers.enabled")}</button>
      ${provider.last_error ? html`<p class="field-error">${t("numbers.last_error", { error: provider.last_error })}</p>` : nothing}
      ${OPENED_BY_RETRY.has(provider.reason)
        ? html`<button class="button" ?disabled=${this.#retry.busy} @click=${this.#again}>${t("numbers.retry")}</button>`
        : nothing}
      ${this.#totals(provider.requests)}
    </section>`;
  }

  #guard({ code, asked_today: asked, daily_limit: limit, left_today: left }) {
    const text = limit
      ? t("numbers.guard", { asked: number(asked), limit: number(limit), left: number(left ?? 0) })
      : t("numbers.guard_none", { count: asked });
    return html`<form class="numbers-guard" @submit=${this.#save}>
      <p id="numbers-guard-${code}">${text}</p>
      ${limit ? html`<progress max=${limit} value=${Math.min(asked, limit)} aria-labelledby="numbers-guard-${code}"></progress>` : nothing}
      <label for="numbers-limit-${code}">${t("numbers.limit")}</label>
      <div class="numbers-limit">
        <input
          id="numbers-limit-${code}" type="number" inputmode="numeric" min="0" max=${MOST} required
          .value=${String(limit)} aria-describedby="numbers-limit-hint-${code}"
        />
        <button class="button" ?disabled=${this.#change.busy}>${t("numbers.save")}</button>
      </div>
      <p class="hint" id="numbers-limit-hint-${code}">${t("numbers.limit_hint")}</p>
    </form>`;
  }

  #totals({ total, success, errors, success_per_hour: successRate, errors_per_hour: errorRate }) {
    const rows = [
      [t("numbers.total"), number(total)],
      [t("numbers.success"), number(success)],
      [t("numbers.success_rate"), number(successRate, 1)],
      [t("numbers.errors"), number(errors)],
      [t("numbers.error_rate"), number(errorRate, 1)],
    ];
    return html`<dl class="numbers-list figures">
      ${rows.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
    </dl>`;
  }

  async #save(event) {
    event.preventDefault();
    const limit = event.target.querySelector("input").valueAsNumber;
    const saved = await this.#change.run({ daily_limit: limit });
    if (saved) toast(t("numbers.saved"));
  }

  async #again() {
    if (await this.#retry.run()) toast(t("numbers.retried", { provider: this.provider.title }));
  }
}

customElements.define("af-numbers-provider", NumbersProvider);
