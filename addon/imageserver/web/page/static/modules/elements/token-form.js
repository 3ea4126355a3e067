/** Asks for the token, once a session; tells with `accepted` that it opens the door. */

import { html, nothing } from "../../vendor/lit.js";
import * as api from "../api.js";
import { errorText } from "../said.js";
import { heldToken, holdToken } from "../token.js";
import { t } from "../words.js";
import { Plain } from "./view.js";

class TokenForm extends Plain {
  static properties = { _busy: { state: true }, _error: { state: true } };

  firstUpdated() {
    this._error = heldToken() ? t("shell.token_wrong") : null;
    holdToken(null);
    this.querySelector("input").focus();
  }

  render() {
    return html`<main class="door">
      <form @submit=${this.#submit}>
        <h1>AIFrames</h1>
        <p>${t("shell.token_why")}</p>
        <label for="token">${t("shell.token")}</label>
        <input
          id="token" type="password" autocomplete="current-password" required spellcheck="false"
          aria-describedby="token-where token-error" aria-invalid=${this._error ? "true" : "false"}
        />
        <p id="token-error" class="field-error" role="alert">${this._error ?? nothing}</p>
        <p id="token-where" class="hint">${t("shell.token_where")}</p>
        <button class="button primary" ?disabled=${this._busy}>
          ${this._busy ? t("shell.token_checking") : t("shell.token_enter")}
        </button>
      </form>
    </main>`;
  }

  async #submit(event) {
    event.preventDefault();
    const input = this.querySelector("input");
    holdToken(input.value.trim());
    this._busy = true;
    try {
      await api.info();
      this.dispatchEvent(new Event("accepted"));
    } catch (error) {
      holdToken(null);
      this._error = error.status === 401 ? t("shell.token_wrong") : errorText(error);
      input.select();
    } finally {
      this._busy = false;
    }
  }
}

customElements.define("af-token-form", TokenForm);
