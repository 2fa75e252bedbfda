// The messages of the chosen conversation: each once by its id, text first; HTML only in a sandboxed frame.

import { clockTime, dayName, el, fullWhen, t } from "./common.js";
import { fileRow } from "./desk-files.js";
import { named, nameOf } from "./desk-words.js";

const TICKS = { queued: "…", sending: "…", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!", unknown: "?", parked: "!", discarded: "×" };

const UNDER_WAY = new Set(["queued", "sending", "sent"]);
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]); // what the server lets a browser show

export class Messages {
  constructor(list, scroller, agents, open) {
    this.list = list;
    this.scroller = scroller;
    this.agents = agents;
    this.open = open; // asks for a message's file
    this.shown = new Map(); // pictures that were asked for: "message/number" -> address
    this.messages = new Map();
    this.opened = new Set(); // messages whose quoted text or original is shown
  }

  get newest() { return this.sorted().at(-1)?.cursor ?? null; }

  /** Something was just sent whose receipt is still to come: receipts are not pushed. */
  get underWay() {
    const recent = Date.now() - 60_000;
    return [...this.messages.values()].some((message) => UNDER_WAY.has(message.state) && Date.parse(message.at) > recent);
  }

  has(id) { return this.messages.has(id); }

  put(messages) {
    for (const message of messages) this.messages.set(message.id, message);
    this.draw();
  }

  sorted() {
    return [...this.messages.values()].sort((a, b) => (a.cursor === b.cursor ? 0 : a.cursor < b.cursor ? -1 : 1));
  }

  draw() {
    const atEnd = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 120;
    const height = this.scroller.scrollHeight;
    const first = this.list.firstChild;
    const rows = [];
    let day = "";
    for (const message of this.sorted()) {
      const name = dayName(message.at);
      if (name !== day) rows.push(this.#row(`day:${name}`, name, () => el("li", { class: "day" }, name)));
      day = name;
      rows.push(this.#message(message));
    }
    rows.forEach((row, place) => { if (this.list.children[place] !== row) this.list.insertBefore(row, this.list.children[place] ?? null); });
    while (this.list.children.length > rows.length) this.list.lastChild.remove();
    if (atEnd || !first) this.scroller.scrollTop = this.scroller.scrollHeight;
    else if (this.list.firstChild !== first) this.scroller.scrollTop += this.scroller.scrollHeight - height;
  }

  #row(key, mark, make) {
    const old = [...this.list.children].find((child) => child.dataset.key === key);
    if (old?.dataset.mark === mark) return old;
    const row = make();
    Object.assign(row.dataset, { key, mark });
    if (old) old.replaceWith(row);
    return row;
  }

  #message(message) {
    const pictures = message.attachments.map((_, number) => this.shown.get(`${message.id}/${number}`) ?? null);
    const mark = JSON.stringify([message.state, message.error, message.text.length, this.opened.has(message.id), document.documentElement.lang, message.attachments, pictures]);
    return this.#row(message.id, mark, () => {
      const inbound = message.direction === "inbound";
      const who = inbound ? message.sender_name || message.sender : nameOf(message.author ?? message.sender, this.agents);
      return el("li", { class: `message ${message.direction}${message.state === "failed" || message.state === "parked" ? " bad" : ""}`, dataset: { id: message.id } },
        el("div", { class: "head small" },
          el("strong", {}, who),
          message.direction === "note" ? el("span", { class: "chip note" }, t("message.note")) : null,
          message.kind !== "message" ? el("span", { class: "chip quiet" }, t("message.auto")) : null,
          inbound && message.proof === "none" ? el("span", { class: "chip warn" }, t("message.unproved")) : null,
          el("time", { class: "muted", dateTime: message.at, title: fullWhen(message.at) }, clockTime(message.at))),
        message.text || !message.attachments.length ? this.#body(message) : null,
        message.attachments.length ? el("ul", { class: "files small" }, ...message.attachments.map((file, number) => fileRow(file, pictures[number], () => this.#openFile(message.id, number)))) : null,
        message.direction === "outbound" && message.state ? this.#sending(message) : null);
    });
  }

  #body(message) {
    const open = this.opened.has(message.id);
    const quoted = message.reply_text !== null && message.reply_text !== undefined && message.reply_text.trim() !== message.text.trim();
    const words = quoted && !open ? message.reply_text : message.text;
    const body = open && message.html
      ? el("iframe", { class: "original", sandbox: "", referrerPolicy: "no-referrer", title: t("message.originalOf"), srcdoc: message.html })
      : el("div", { class: "text", dir: "auto" }, words || t("message.noText"));
    if (!quoted && !message.html) return body;
    const label = message.html ? (open ? "message.plain" : "message.original") : (open ? "message.unquoted" : "message.quoted");
    return el("div", {}, body, el("button", { type: "button", class: "link small", "aria-expanded": String(open), onclick: () => this.#toggle(message.id) }, t(label)));
  }

  #toggle(id) {
    if (!this.opened.delete(id)) this.opened.add(id);
    this.draw();
    this.list.querySelector(`[data-key="${CSS.escape(id)}"] button.link`)?.focus();
  }

  /** A picture is shown in its place; anything else is saved by the browser. */
  async #openFile(message, number) {
    const link = await this.open(message, number);
    if (!link) return;
    if (!PICTURES.has(link.content_type)) {
      const anchor = el("a", { href: link.url, download: link.filename, rel: "noreferrer" });
      anchor.click();
      return;
    }
    this.shown.set(`${message}/${number}`, link.url);
    this.draw();
  }

  #sending(message) {
    return el("div", { class: "sending small muted", dataset: { state: message.state } },
      el("span", { class: "tick", "aria-hidden": "true" }, TICKS[message.state] ?? ""),
      el("span", {}, named("sent", message.state)),
      message.error ? el("span", { class: "error" }, message.error) : null);
  }
}
