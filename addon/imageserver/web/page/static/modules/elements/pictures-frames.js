/** Which frame shall show a picture: told with `chosen`, null for the next one that asks. */

import { html, nothing } from "../../vendor/lit.js";
import { t, time } from "../words.js";
import "./dialog.js";
import { icon } from "./icons.js";
import { frameName } from "./pictures-acts.js";
import { Plain } from "./view.js";

class PicturesFrames extends Plain {
  static properties = { frames: { attribute: false }, open: { type: Boolean } };

  render() {
    return html`<af-dialog .heading=${t("pictures.which_frame")} ?open=${this.open}>
      <ul class="plain picture-frames">
        ${this.#choice(null, t("pictures.any_frame"), t("pictures.any_frame_hint"))}
        ${this.frames.map((frame) => this.#choice(frame, frameName(frame), this.#asks(frame)))}
      </ul>
    </af-dialog>`;
  }

  #choice(frame, name, hint) {
    return html`<li>
      <button class="picture-frame" @click=${(event) => this.#choose(event, frame)}>
        <span>${name}${hint ? html`<span class="hint">${hint}</span>` : nothing}</span>${icon("next")}
      </button>
    </li>`;
  }

  #asks({ expected_at: at }) {
    return at && new Date(at) > Date.now() ? t("pictures.asks_at", { time: time(at) }) : null;
  }

  #choose(event, frame) {
    event.target.closest("af-dialog").close();
    this.dispatchEvent(new CustomEvent("chosen", { detail: frame }));
  }
}

customElements.define("af-pictures-frames", PicturesFrames);
