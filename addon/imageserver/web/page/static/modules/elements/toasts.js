/** Short news at the edge, with one thing that can be done about it: `toast(text, { label, action })`. */

import { html, nothing } from "../../vendor/lit.js";
import { t } from "../words.js";
import { icon } from "./icons.js";
import { Plain } from "./view.js";

const SHOWN_MS = 6_000;
const WITH_ACTION_MS = 10_000;
const MOST = 3;

let toasts = [];
let element = null;

/**
 * @param {string} text
 * @param {{label?: string, action?: () => void, alarm?: boolean}} options With `action`, `label` is its button.
 * @returns A function that takes it away.
 */
export function toast(text, { label, action, alarm = false } = {}) {
  const one = { text, label, action, alarm };
  const away = () => show(toasts.filter((other) => other !== one));
  one.away = away;
  const wait = () => (one.timer = setTimeout(away, action || alarm ? WITH_ACTION_MS : SHOWN_MS));
  one.hold = () => clearTimeout(one.timer);
  one.letGo = wait;
  wait();
  show([...toasts, one].slice(-MOST));
  return away;
}

/** Something was done that can be undone. */
export const undoable = (text, undo) => toast(text, { label: t("shell.undo"), action: undo });

function show(next) {
  toasts = next;
  element?.requestUpdate();
}

class Toasts extends Plain {
  connectedCallback() {
    super.connectedCallback();
    element = this;
  }

  render() {
    return html`<div class="toasts" role="status" aria-live="polite">${toasts.map((one) => this.#toast(one))}</div>`;
  }

  #toast(one) {
    return html`<div
      class="toast ${one.alarm ? "alarm" : ""}"
      @pointerenter=${one.hold}
      @pointerleave=${one.letGo}
      @focusin=${one.hold}
      @focusout=${one.letGo}
    >
      <p>${one.text}</p>
      ${one.action ? html`<button class="button quiet" @click=${() => (one.away(), one.action())}>${one.label}</button>` : nothing}
      <button class="button icon" aria-label=${t("shell.dismiss")} @click=${one.away}>${icon("close")}</button>
    </div>`;
  }
}

customElements.define("af-toasts", Toasts);
