/** A picture as a frame's panel shows it: 5, 6 and 5 bits of red, green and blue. Used as `<af-picture>` is. */

import { html } from "../../vendor/lit.js";
import { t } from "../words.js";
import { PictureElement } from "./picture.js";

const shown = (bits) => {
  const most = (1 << bits) - 1;
  return Uint8ClampedArray.from({ length: 256 }, (_, value) => Math.floor(((value >> (8 - bits)) * 255) / most));
};
const FIVE = shown(5);
const SIX = shown(6);

class Panel extends PictureElement {
  render() {
    return html`<div class="panel" role="img" aria-label=${this.alt}>
      <canvas aria-hidden="true"></canvas>
      ${this._failed ? html`<span class="no-picture">${t("shell.no_picture")}</span>` : ""}
    </div>`;
  }

  async updated(changed) {
    if (!changed.has("_source") || !this._source) return;
    const source = this._source;
    const image = Object.assign(new Image(), { src: source });
    try {
      await image.decode();
    } catch {
      if (source === this._source) this._failed = true;
      return;
    }
    if (source === this._source && this.isConnected) this.#draw(image);
  }

  #draw(image) {
    const canvas = this.querySelector("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    const { data } = pixels;
    for (let at = 0; at < data.length; at += 4) {
      data[at] = FIVE[data[at]];
      data[at + 1] = SIX[data[at + 1]];
      data[at + 2] = FIVE[data[at + 2]];
    }
    context.putImageData(pixels, 0, 0);
  }
}

customElements.define("af-panel", Panel);
