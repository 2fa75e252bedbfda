// The messages on the customer's page: each once, by the server's id, in the server's order; our own unsent ones last.

import { clockTime, dayName, el, fileSize, fullWhen, t } from "./common.js";

export class ChatLog {
  constructor(list, scroller) {
    this.list = list;
    this.scroller = scroller;
    this.messages = new Map(); // by id: ours by client id until acknowledged
    this.aliases = new Map(); // server id of a message we know by its client id
    this.acknowledged = 0;
  }

  get empty() { return this.messages.size === 0; }
  /** The cursor of the newest message from the company: what "read" names. */
  get theirs() { return this.#sorted().filter((message) => !message.mine && message.cursor).at(-1)?.cursor ?? null; }
  get hasFiles() { return [...this.messages.values()].some((message) => message.attachments?.length); }
  get lastAuthor() { return this.#sorted().filter((message) => !message.mine).at(-1)?.author; }

  /** Add or complete a message; true if it was not known before. */
  put(message) {
    const known = this.messages.get(this.aliases.get(message.id) ?? message.id);
    if (known) {
      Object.assign(known, message, { id: known.id, pending: false, failed: false, cursor: message.cursor ?? known.cursor });
      this.redraw();
      return false;
    }
    this.messages.set(message.id, { ...message, came: this.messages.size });
    this.redraw(true);
    return true;
  }

  /** The server keeps our message under its own id; it may have come back by that id already. */
  acknowledge(clientId, serverId) {
    const message = this.messages.get(clientId);
    if (!message) return;
    if (this.messages.has(serverId)) this.messages.delete(clientId);
    else {
      Object.assign(message, { pending: false, failed: false, cursor: message.cursor ?? this.#afterNewest() });
      this.aliases.set(serverId, clientId);
    }
    this.redraw();
  }

  fail(clientId) {
    const message = this.messages.get(clientId);
    if (message) Object.assign(message, { pending: false, failed: true });
    this.redraw();
  }

  redraw(toEnd = false) {
    const { scroller } = this;
    const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
    const rows = [];
    let day = "";
    let before = null;
    for (const message of this.#sorted()) {
      const name = dayName(message.at);
      if (name !== day) rows.push(this.#row(`day:${name}`, name, () => el("li", { class: "day" }, name)));
      rows.push(this.#bubble(message, before !== null && before.mine !== message.mine));
      day = name;
      before = message;
    }
    // Only what changed is touched, so that a screen reader hears a message once.
    rows.forEach((row, place) => { if (this.list.children[place] !== row) this.list.insertBefore(row, this.list.children[place] ?? null); });
    while (this.list.children.length > rows.length) this.list.lastChild.remove();
    if (toEnd || atEnd) scroller.scrollTop = scroller.scrollHeight;
  }

  #row(key, mark, make) {
    const old = [...this.list.children].find((child) => child.dataset.key === key);
    if (old?.dataset.mark === mark) return old;
    const row = make();
    Object.assign(row.dataset, { key, mark });
    if (old) old.replaceWith(row);
    return row;
  }

  #bubble(message, turn) {
    const state = message.failed ? "failed" : message.pending ? "sending" : "sent";
    const kind = `bubble${message.mine ? " mine" : ""}${message.pending ? " waiting" : ""}${message.failed ? " failed" : ""}${turn ? " turn" : ""}`;
    const who = message.mine ? t("chat.you") : message.author || t("chat.agent");
    const time = clockTime(message.at);
    const files = message.attachments ?? [];
    const mark = [kind, message.text, who, time, message.mine ? t(`chat.${state}`) : "", ...files.map((file) => file.url)].join("|");
    return this.#row(message.id, mark, () => el("li", { class: kind, dataset: { direction: message.mine ? "inbound" : "outbound" } },
      el("span", { class: "unseen" }, `${who}: `),
      message.text || !files.length ? el("div", { class: "text", dir: "auto" }, message.text) : null,
      files.length ? el("ul", { class: "files" }, ...files.map((file) => el("li", {},
        el("a", { href: file.url, target: "_blank", rel: "noopener noreferrer" }, file.filename), ` ${fileSize(file.size)}`))) : null,
      el("div", { class: "foot" },
        message.mine ? null : el("span", {}, who),
        el("time", { dateTime: message.at, title: fullWhen(message.at) }, time),
        message.mine ? el("span", { class: "state" },
          el("span", { class: "tick", "aria-hidden": "true" }, { failed: "!", sending: "…", sent: "✓" }[state]),
          el("span", { class: state === "failed" ? "" : "unseen" }, t(`chat.${state}`))) : null)));
  }

  /** A place after all that is known and before all that is still to come; the server's own cursor replaces it. */
  #afterNewest() {
    this.acknowledged += 1;
    const last = this.#sorted().filter((message) => message.cursor).at(-1)?.cursor.split("~")[0] ?? "0";
    return `${last}~${String(this.acknowledged).padStart(6, "0")}`;
  }

  /** By cursor, which sorts as the messages do; what the server does not keep yet comes last, as it was written. */
  #sorted() {
    const place = (message) => message.cursor ?? "\uffff";
    return [...this.messages.values()].sort((a, b) => {
      const [left, right] = [place(a), place(b)];
      return left === right ? a.came - b.came : left < right ? -1 : 1;
    });
  }
}
