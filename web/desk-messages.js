// The messages of the chosen conversation: each once by its id, drawn in place, so that whoever reads or listens is not disturbed.

import { dayName, el } from "./common.js";
import { messageRow } from "./desk-message.js";
import { fold } from "./desk-thread.js";

const UNDER_WAY = new Set(["queued", "sending", "sent"]);
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]); // what the server lets a browser show
const NEAR = 120; // pixels from the end that still are the end
const POINTED = 1_600; // milliseconds for which a message that was jumped to is marked

export class Messages {
  constructor({ list, scroller, agents, open, quote }) {
    Object.assign(this, { list, scroller, agents, quote });
    this.ask = open; // asks for a message's file
    this.shown = new Map(); // pictures that were asked for: "message/number" -> address
    this.messages = new Map();
    this.opened = new Set(); // messages whose quoted text or original is shown
    this.stuck = true; // at the end, and stays there whatever grows
    scroller.addEventListener("scroll", () => { this.stuck = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR; });
    const grown = new ResizeObserver(() => { if (this.stuck) scroller.scrollTop = scroller.scrollHeight; });
    for (const node of [scroller, list]) grown.observe(node);
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

  /** Only these are in the conversation now: it was parted. */
  keep(messages) {
    this.messages.clear();
    this.put(messages);
  }

  sorted() {
    return [...this.messages.values()].sort((a, b) => (a.cursor === b.cursor ? 0 : a.cursor < b.cursor ? -1 : 1));
  }

  draw() {
    const height = this.scroller.scrollHeight;
    const first = this.list.firstChild;
    const entries = fold(this.sorted());
    this.several = new Set(entries.filter((entry) => entry.message.direction !== "note").map((entry) => entry.message.channel)).size > 1;
    const rows = [];
    let day = "";
    for (const entry of entries) {
      const name = dayName(entry.message.at);
      if (name !== day) rows.push(this.#row(`day:${name}`, name, () => el("li", { class: "day" }, name)));
      day = name;
      rows.push(this.#row(entry.id, this.#mark(entry), () => messageRow(entry, this)));
    }
    rows.forEach((row, place) => { if (this.list.children[place] !== row) this.list.insertBefore(row, this.list.children[place] ?? null); });
    while (this.list.children.length > rows.length) this.list.lastChild.remove();
    if (this.stuck) this.scroller.scrollTop = this.scroller.scrollHeight;
    else if (this.list.firstChild !== first) this.scroller.scrollTop += this.scroller.scrollHeight - height;
  }

  /** What a row shows: as long as it is the same, the row stays. */
  #mark(entry) {
    const { message, files, versions } = entry;
    return JSON.stringify([
      message.state, message.error, versions.map((one) => one.id), versions.at(-1).text.length, entry.withdrawn, [...entry.tapped], entry.instead,
      [...entry.reactions], entry.quote?.id, entry.quote?.versions.length, files.map(({ message: id, number, file }) => [file, this.shown.get(`${id}/${number}`)]),
      this.several, this.opened.has(entry.id), document.documentElement.lang,
    ]);
  }

  #row(key, mark, make) {
    const old = [...this.list.children].find((child) => child.dataset.key === key);
    if (old?.dataset.mark === mark) return old;
    const row = make();
    Object.assign(row.dataset, { key, mark });
    if (old) old.replaceWith(row);
    return row;
  }

  toggle(id) {
    if (!this.opened.delete(id)) this.opened.add(id);
    this.draw();
    this.list.querySelector(`[data-key="${CSS.escape(id)}"] button.link`)?.focus();
  }

  /** To the message that another one is about. */
  jump(id) {
    const row = this.list.querySelector(`[data-key="${CSS.escape(id)}"]`);
    if (!row) return;
    this.stuck = false;
    row.scrollIntoView({ block: "center", behavior: "smooth" });
    row.classList.add("pointed");
    setTimeout(() => row.classList.remove("pointed"), POINTED);
  }

  /** A picture is shown in its place; anything else is saved by the browser. */
  async open(message, number) {
    const link = await this.ask(message, number);
    if (!link) return;
    if (!PICTURES.has(link.content_type)) {
      const anchor = el("a", { href: link.url, download: link.filename, rel: "noreferrer" });
      anchor.click();
      return;
    }
    this.shown.set(`${message}/${number}`, link.url);
    this.draw();
  }
}
