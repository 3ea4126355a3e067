/** What views share: they live in the document itself, so that its styles and labels reach them. */

import { LitElement } from "../../vendor/lit.js";

export class Plain extends LitElement {
  createRenderRoot() {
    return this;
  }
}

/** A view; `placeId` is what stands behind its name in the hash, or null. */
export class View extends Plain {
  static properties = { placeId: { attribute: false } };

  constructor() {
    super();
    this.placeId = null;
  }
}
