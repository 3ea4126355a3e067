/** TODO: what this view is for. */

import { html } from "../../vendor/lit.js";
import { View } from "../elements/view.js";
import { t } from "../words.js";

class Numbers extends View {
  render() {
    return html`<h1>${t("numbers.title")}</h1>`;
  }
}

customElements.define("af-numbers", Numbers);
