// "Continue by e-mail": the customer proves an address by a code, so that the conversation may go on there.

import { newId, t } from "./common.js";

export class ProveForm {
  /** `send(frame)` is true when the line took it; `root` is a <details> with two small forms. */
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.step = "address"; // address, code, done
    this.said = "";
    this.asked = null; // the id of the frame that is under way
    this.mail = root.querySelector("#prove-address");
    this.code = root.querySelector("#prove-code");
    root.querySelector("#prove-ask").addEventListener("submit", (event) => { event.preventDefault(); this.#ask("prove"); });
    root.querySelector("#prove-type").addEventListener("submit", (event) => { event.preventDefault(); this.#ask("code"); });
    root.querySelector("#prove-again").addEventListener("click", () => { this.step = "address"; this.said = ""; this.draw(); this.mail.focus(); });
  }

  #ask(type) {
    const what = type === "prove" ? { channel: "email", address: this.mail.value.trim() } : { code: this.code.value.trim() };
    this.asked = newId();
    this.said = this.send({ type, id: this.asked, ...what }) ? "" : t("chat.proveLater");
    if (this.said) this.asked = null;
    this.draw();
  }

  /** The server's answer; true if it was ours. */
  take(frame) {
    if (!this.asked || frame.id !== this.asked) return false;
    this.asked = null;
    if (frame.type === "proving") {
      Object.assign(this, { step: "code", said: t("chat.proveSent", { address: frame.address }) });
      this.code.value = "";
    } else if (frame.type === "proved") {
      Object.assign(this, { step: "done", said: t("chat.proved", { address: frame.address }) });
    } else {
      const wrong = this.step === "code" ? "chat.proveWrong" : "chat.proveAddress";
      this.said = t({ invalid: wrong, refused: "chat.proveNo" }[frame.code] ?? "chat.proveLater");
    }
    this.draw();
    if (this.step === "code" && frame.type === "proving") this.code.focus();
    return true;
  }

  /** The line broke: nobody will answer what was asked. */
  lost() {
    if (!this.asked) return;
    this.asked = null;
    this.said = t("chat.proveLater");
    this.draw();
  }

  draw() {
    this.root.querySelector("#prove-ask").hidden = this.step !== "address";
    this.root.querySelector("#prove-type").hidden = this.step !== "code";
    for (const button of this.root.querySelectorAll("button[type=submit]")) button.disabled = this.asked !== null;
    this.root.querySelector("#prove-said").textContent = this.said;
  }
}
