/** What is being made, from the request to the picture on a frame; each step is said aloud once. */

import { html, nothing, repeat } from "../../vendor/lit.js";
import * as api from "../api.js";
import { model, Watching } from "../model.js";
import { linkTo } from "../router.js";
import { errorText } from "../said.js";
import { duration, t } from "../words.js";
import { icon } from "./icons.js";
import "./picture.js";
import { Ticking } from "./ticking.js";
import { Plain } from "./view.js";

const KEPT_MS = 10 * 60_000;
const MOST = 3;
const SOON_SECONDS = 3; // what takes less says nothing about what a person waits for
const USUAL_SECONDS = 20;

class Making extends Plain {
  #dismissed = new Set();
  #running = false;

  constructor() {
    super();
    new Watching(this);
    new Ticking(this, 500, () => this.#running);
  }

  render() {
    const shown = this.#makings();
    this.#running = shown.some((one) => one.running);
    return html`
      <p class="only-said" role="status" aria-live="polite">${shown.map((one) => `${stepText(one)} `)}</p>
      ${shown.length
        ? html`<section class="now-makings" aria-label=${t("now.makings")}>
            ${repeat(shown, (one) => one.id, (one) => this.#making(one))}
          </section>`
        : nothing}
    `;
  }

  /** People's own requests, pending or just ended, and what frames have asked providers for. */
  #makings() {
    const recent = [...model.operations.values()].filter(
      (one) => one.kind === "forced" && !this.#dismissed.has(one.id) && isRecent(one),
    );
    const known = new Set(recent.map((one) => one.generation_id));
    const others = (model.status?.generating ?? []).filter((one) => !known.has(one.id));
    return [...recent.map(ofOperation), ...others.map(ofGeneration)].slice(-MOST);
  }

  #making(one) {
    return html`<article class="card now-making" data-step=${one.step}>
      ${one.pictureId
        ? html`<a class="now-making-picture" href=${linkTo("picture", one.pictureId)}>
            <af-picture path=${api.picturePath(one.pictureId, "thumbnail")} alt=${one.prompt ?? t("now.new_picture")}></af-picture>
          </a>`
        : html`<div class="now-making-mark ${one.step}">${icon(one.step === "failed" ? "alarm" : "spark")}</div>`}
      <div class="now-making-text">
        <p class="now-making-step">${stepText(one)}</p>
        ${one.prompt ? html`<p class="now-making-prompt">${one.prompt}</p>` : nothing}
        ${one.running ? this.#progress(one) : nothing}
      </div>
      ${one.running
        ? nothing
        : html`<button class="button icon" aria-label=${t("shell.dismiss")} @click=${() => this.#dismiss(one)}>${icon("close")}</button>`}
    </article>`;
  }

  #progress({ since }) {
    const passed = Math.max(0, (Date.now() - new Date(since)) / 1000);
    const took = model.status?.last_picture?.took_seconds ?? 0;
    const known = took >= SOON_SECONDS;
    const usual = known ? took : USUAL_SECONDS;
    // It comes ever nearer to the end without pretending to be there.
    const share = 1 - Math.exp((-1.6 * passed) / usual);
    return html`<progress max="1" value=${share.toFixed(3)} aria-label=${t("now.progress")}></progress>
      <p class="hint figures" aria-hidden="true">${known
        ? t("now.passed_of", { passed: duration(passed), usual: duration(usual) })
        : duration(passed)}</p>`;
  }

  #dismiss(one) {
    this.#dismissed.add(one.id);
    this.requestUpdate();
  }
}

const isRecent = ({ finished_at: end }) => end === null || Date.now() - new Date(end) < KEPT_MS;

function ofOperation(one) {
  return {
    id: one.id,
    step: stepOf(one),
    running: one.status === "pending",
    since: one.asked_at ?? one.created_at,
    prompt: one.prompt,
    provider: titleOf(one.provider),
    pictureId: one.picture_id,
    shownBy: showing(one).map(nameOf),
    error: one.error,
  };
}

function stepOf(one) {
  if (one.status === "error") return "failed";
  if (one.status === "done") return showing(one).length ? "shown" : "made";
  return one.fate === "sent" ? "accepted" : "asked";
}

function ofGeneration(one) {
  return {
    id: one.id,
    step: one.fate === "sent" ? "accepted" : "asked",
    running: true,
    since: one.asked_at,
    prompt: one.prompt,
    provider: titleOf(one.provider),
    pictureId: null,
    shownBy: [],
    error: null,
  };
}

/** The frames that show the operation's picture at the moment. */
function showing({ picture_id: id }) {
  return (model.status?.frames ?? []).filter(({ content }) => id !== null && content?.picture_id === id);
}

const titleOf = (code) => model.status?.providers.find((one) => one.code === code)?.title ?? code ?? "";

const nameOf = ({ name, address }) => name || address;

function stepText({ step, provider, shownBy, error }) {
  if (step === "failed") return t("now.failed", { why: error ? errorText(error) : "" });
  if (step === "asked" && !provider) return t("now.beginning");
  return t(`now.step.${step}`, { provider, frame: shownBy.join(", ") });
}

customElements.define("af-now-making", Making);
