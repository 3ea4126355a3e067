/** TODO: what this view is for. */

import { html } from "../../vendor/lit.js";
import { View } from "../elements/view.js";
import { t } from "../words.js";

class Settings extends View {
  render() {
    return html`<h1>${t("settings.title")}</h1>`;
  }
}

customElements.define("af-settings", Settings);
