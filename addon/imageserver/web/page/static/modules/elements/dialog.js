/**
 * A dialog round the content that stands in it; what opened it has the focus again afterwards.
 *
 *   html`<af-dialog heading=${…} ?open=${this._editing} @closed=${() => (this._editing = false)}>…</af-dialog>`
 *   if (await sure({ heading, text, label: t("prompts.remove"), alarm: true })) …
 *
 * Put `autofocus` on what should have the focus first. Buttons at the end: `<div class="dialog-buttons">`.
 */

import { css, html, LitElement, nothing, render } from "../../vendor/lit.js";
import { t } from "../words.js";
import { icon } from "./icons.js";

class Dialog extends LitElement {
  static properties = { heading: {}, open: { type: Boolean }, wide: { type: Boolean, reflect: true } };

  static styles = css`
    dialog {
      box-sizing: border-box; width: min(32rem, 100vw - 2rem); max-height: calc(100dvh - 2rem); padding: 0;
      border: 1px solid var(--line); border-radius: 16px; background: var(--card); color: var(--text);
      box-shadow: var(--shadow-high); overscroll-behavior: contain;
    }
    :host([wide]) dialog { width: min(56rem, 100vw - 2rem); }
    dialog::backdrop { background: rgb(0 0 0 / 45%); }
    header { display: flex; align-items: center; gap: 8px; padding: 12px 12px 0 24px; }
    h2 { flex: 1; margin: 0; font-size: 1.25rem; line-height: 1.3; overflow-wrap: anywhere; }
    .content { padding: 8px 24px 24px; }
    button {
      display: grid; place-items: center; width: 44px; height: 44px; padding: 0; border: 0; border-radius: 50%;
      background: none; color: var(--quiet); cursor: pointer;
    }
    button:hover { background: var(--hover); color: var(--text); }
    button:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
    svg { width: 22px; height: 22px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; }
    @media (max-width: 40rem) {
      dialog { margin-bottom: 0; width: 100vw; max-width: 100vw; border-radius: 16px 16px 0 0; border-width: 1px 0 0; }
      :host([wide]) dialog { width: 100vw; }
    }
    @media (prefers-reduced-motion: no-preference) {
      dialog[open] { animation: rise 160ms ease-out; }
      @keyframes rise { from { opacity: 0; transform: translateY(12px); } }
    }
  `;

  #opener = null;

  get #dialog() {
    return this.renderRoot.querySelector("dialog");
  }

  updated(changed) {
    if (!changed.has("open")) return;
    if (this.open && !this.#dialog.open) {
      this.#opener = document.activeElement;
      this.#dialog.showModal();
      this.querySelector("[autofocus]")?.focus();
    } else if (!this.open && this.#dialog.open) {
      this.#dialog.close();
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    if (!this.#dialog?.open) return;
    this.#dialog.close();
    this.#opener?.focus(); // a dialog that is taken out of the document gives the focus back to nobody
  }

  close() {
    this.#dialog.close();
  }

  render() {
    return html`<dialog aria-labelledby="heading" @close=${this.#closed} @click=${this.#outside}>
      <header>
        <h2 id="heading">${this.heading}</h2>
        <button aria-label=${t("shell.close")} @click=${this.close}>${icon("close")}</button>
      </header>
      <div class="content"><slot></slot></div>
    </dialog>`;
  }

  #closed() {
    this.open = false;
    this.dispatchEvent(new Event("closed"));
  }

  #outside(event) {
    if (event.composedPath()[0] === this.#dialog) this.close();
  }
}

customElements.define("af-dialog", Dialog);

/** Ask whether something shall be done. */
export function sure({ heading, text = "", label, alarm = false }) {
  return new Promise((decided) => {
    const place = document.body.appendChild(document.createElement("div"));
    let yes = false;
    const closed = () => {
      decided(yes);
      place.remove();
    };
    const agree = (event) => {
      yes = true;
      event.target.closest("af-dialog").close();
    };
    const content = html`<af-dialog open .heading=${heading} @closed=${closed}>
      ${text ? html`<p>${text}</p>` : nothing}
      <div class="dialog-buttons">
        <button class="button" autofocus @click=${(event) => event.target.closest("af-dialog").close()}>
          ${t("shell.cancel")}
        </button>
        <button class="button ${alarm ? "alarm" : "primary"}" @click=${agree}>${label}</button>
      </div>
    </af-dialog>`;
    render(content, place);
  });
}
