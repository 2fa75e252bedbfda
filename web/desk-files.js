// Files at the desk: those of a message, and those an agent uploads to send, straight into the bucket.

import { el, fileSize, t } from "./common.js";

const MOST_FILES = 10;
const MOST_BYTES = 100_000_000;
const CLIP = "M16.5 6v11.5a4 4 0 0 1-8 0V5a2.5 2.5 0 0 1 5 0v10.5a1 1 0 0 1-2 0V6H10v9.5a2.5 2.5 0 0 0 5 0V5a4 4 0 0 0-8 0v12.5a5.5 5.5 0 0 0 11 0V6h-1.5Z";

/** One file of a message: its name, size and how to get it. `picture` is the address of one that was asked for. */
export function fileRow(file, picture, open) {
  const name = file.filename ?? file.content_type;
  const about = [fileSize(file.size), file.state === "fetching" ? t("file.fetching") : "", file.state === "failed" ? file.problem ?? t("file.failed") : ""];
  const words = about.filter(Boolean).join(", ");
  if (file.state !== "ready") return el("li", {}, `${name}${words ? ` (${words})` : ""}`);
  const get = async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try { await open(); } finally { button.disabled = false; }
  };
  return el("li", {},
    el("button", { type: "button", class: "link", title: t("file.open", { name }), onclick: get }, name), words ? ` ${words}` : "",
    picture ? el("img", { src: picture, alt: name, referrerPolicy: "no-referrer" }) : null);
}

/** What an answer takes along: chosen, uploaded with its progress shown, removed again. */
export class Uploads {
  constructor(api) {
    this.api = api;
    this.files = []; // {file, id, sent, error, request}
    this.list = el("ul", { class: "uploads small" });
    this.list.setAttribute("aria-live", "polite");
  }

  get ids() { return this.files.map((one) => one.id).filter(Boolean); }
  get busy() { return this.files.some((one) => !one.id && !one.error); }

  clear() {
    this.files = [];
    this.draw();
  }

  /** The paper clip and the list, for the composer. */
  parts() {
    const input = el("input", { type: "file", multiple: true, hidden: true, onchange: () => { this.#take([...input.files]); input.value = ""; } });
    const clip = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    clip.setAttribute("viewBox", "0 0 24 24");
    clip.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("fill", "currentColor");
    path.setAttribute("d", CLIP);
    clip.append(path);
    this.list.setAttribute("aria-label", t("file.attached"));
    this.draw();
    return [this.list, el("button", { type: "button", class: "plain clip-button", onclick: () => input.click() }, clip, t("file.attach")), input];
  }

  draw() {
    this.list.replaceChildren(...this.files.map((one) => el("li", {},
      el("span", { class: "clip" }, one.file.name), el("span", { class: "muted" }, fileSize(one.file.size)),
      one.error ? el("span", { class: "error" }, t("file.notUploaded", { why: one.error })) : null,
      one.id || one.error ? null : el("progress", { max: 1, value: one.sent, "aria-label": t("file.uploading", { name: one.file.name }) }),
      el("button", { type: "button", class: "plain", "aria-label": t("file.remove", { name: one.file.name }), onclick: () => this.#drop(one) }, "×"))));
  }

  #take(chosen) {
    for (const file of chosen) {
      const one = { file, id: null, sent: 0, error: null, request: null };
      if (this.files.length >= MOST_FILES) one.error = t("file.tooMany");
      else if (file.size > MOST_BYTES) one.error = t("file.tooLarge");
      this.files.push(one);
      if (!one.error) this.#upload(one);
    }
    this.draw();
  }

  #drop(one) {
    one.request?.abort();
    this.files = this.files.filter((other) => other !== one);
    this.draw();
  }

  async #upload(one) {
    try {
      const made = await this.api.post("/v1/attachments", {
        filename: one.file.name, content_type: one.file.type || "application/octet-stream", size: one.file.size,
      });
      await this.#put(one, made);
      one.id = made.id;
    } catch (problem) {
      one.error = problem.detail || problem.title || t("error.network");
    }
    this.draw();
  }

  /** fetch() tells nothing of what has left; XMLHttpRequest does. */
  #put(one, made) {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      one.request = request;
      request.open("PUT", made.upload_url);
      request.setRequestHeader("Content-Type", made.content_type);
      request.upload.onprogress = (event) => {
        one.sent = event.loaded / event.total;
        const bar = this.list.children[this.files.indexOf(one)]?.querySelector("progress");
        if (bar) bar.value = one.sent;
      };
      request.onload = () => (request.status < 300 ? done() : failed({ detail: String(request.status) }));
      request.onerror = () => failed({ detail: t("error.network") });
      request.send(one.file);
    });
  }
}
