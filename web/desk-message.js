// One entry of a thread as a row: who, by which channel, what about, the text, its files, what can be tapped, how far it came.

import { clockTime, el, fullWhen, t } from "./common.js";
import { fileRow } from "./desk-files.js";
import { named, nameOf } from "./desk-words.js";

const TICKS = { queued: "…", sending: "…", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!", unknown: "?", parked: "!", discarded: "×" };
const QUOTING = new Set(["whatsapp", "telegram"]); // where an answer can quote
const QUOTED = 140; // characters of a message that are shown where it is quoted

/** `thread` gives agents, several (channels), opened, shown (pictures), and toggle, jump, quote, open. */
export function messageRow(entry, thread) {
  const { message } = entry;
  const inbound = message.direction === "inbound";
  const bad = ["failed", "parked"].includes(message.state);
  return el("li", { class: `message ${message.direction}${bad ? " bad" : ""}${entry.withdrawn ? " gone" : ""}`, dataset: { id: message.id } },
    headOf(entry, thread),
    entry.quote ? quoteOf(entry.quote, thread) : null,
    bodyOf(entry, thread),
    entry.files.length && !entry.withdrawn ? filesOf(entry, thread) : null,
    message.options.length ? optionsOf(entry) : null,
    entry.reactions.size ? reactionsOf(entry) : null,
    message.direction === "outbound" && message.state ? sendingOf(entry) : null,
    inbound || message.direction === "outbound" ? quoteButton(entry, thread) : null);
}

/** The start of what an entry says, for where it is quoted. */
export function startOf(entry) {
  if (entry.withdrawn) return t("message.withdrawn");
  const words = entry.versions.at(-1);
  const text = (words.reply_text ?? words.text).trim().replace(/\s+/g, " ");
  if (text) return text.length > QUOTED ? `${text.slice(0, QUOTED)}…` : text;
  return entry.files.map(({ file }) => file.filename ?? file.content_type).join(", ") || t("message.noText");
}

function headOf(entry, thread) {
  const { message } = entry;
  const inbound = message.direction === "inbound";
  const who = inbound ? message.sender_name || message.sender : authorOf(message, thread.agents);
  const edited = entry.versions.length > 1 || message.kind === "edit";
  return el("div", { class: "head small" },
    el("strong", {}, who),
    message.direction === "note" ? el("span", { class: "chip note" }, t("message.note")) : null,
    thread.several && message.direction !== "note" ? el("span", { class: "chip quiet" }, named("channel", message.channel)) : null,
    kindOf(message) ? el("span", { class: "chip quiet" }, kindOf(message)) : null,
    message.template ? el("span", { class: "chip quiet", title: message.template.parameters.join(" · ") }, t("message.template", { name: message.template.name })) : null,
    inbound && message.proof === "none" ? el("span", { class: "chip warn" }, t("message.unproved")) : null,
    edited && !entry.withdrawn ? el("span", { class: "muted" }, t("message.edited")) : null,
    el("time", { class: "muted", dateTime: message.at, title: fullWhen(message.at) }, clockTime(message.at)));
}

function authorOf(message, agents) {
  if (message.campaign) return t("message.campaign", { name: message.campaign });
  if (message.author === "auto") return t("message.automatic");
  if (message.author === "elsewhere") return message.sender_name || t("message.elsewhere");
  return nameOf(message.author ?? message.sender, agents);
}

function kindOf(message) {
  if (message.kind === "postback") return t("message.tapped");
  if (message.kind === "reaction") return t("message.reacted");
  if (message.author === "auto") return ""; // its author says so
  return ["message", "edit", "deletion"].includes(message.kind) ? "" : t("message.auto");
}

function quoteOf(entry, thread) {
  const who = entry.message.direction === "inbound" ? entry.message.sender_name || entry.message.sender : authorOf(entry.message, thread.agents);
  return el("button", { type: "button", class: "quoted small", title: t("message.jump"), onclick: () => thread.jump(entry.id) },
    el("strong", {}, who), el("span", { class: "clip" }, startOf(entry)));
}

function bodyOf(entry, thread) {
  const { message } = entry;
  if (entry.withdrawn || message.kind === "deletion") return el("div", { class: "text muted" }, el("em", {}, t("message.withdrawn")));
  const newest = entry.versions.at(-1);
  if (!newest.text && (entry.files.length || message.template)) return null;
  const open = thread.opened.has(entry.id);
  const quoted = typeof newest.reply_text === "string" && newest.reply_text.trim() !== newest.text.trim();
  const body = open && newest.html
    ? el("iframe", { class: "original", sandbox: "", referrerPolicy: "no-referrer", title: t("message.originalOf"), srcdoc: newest.html })
    : el("div", { class: "text", dir: "auto" }, (quoted && !open ? newest.reply_text : newest.text) || t("message.noText"));
  const parts = [body];
  if (quoted || newest.html) {
    const label = newest.html ? (open ? "message.plain" : "message.original") : (open ? "message.unquoted" : "message.quoted");
    parts.push(el("button", { type: "button", class: "link small", "aria-expanded": String(open), onclick: () => thread.toggle(entry.id) }, t(label)));
  }
  if (entry.versions.length > 1) parts.push(olderOf(entry));
  return el("div", {}, ...parts);
}

function olderOf(entry) {
  return el("details", { class: "older small" }, el("summary", {}, t("message.older")),
    el("ul", {}, ...entry.versions.slice(0, -1).reverse().map((one) => el("li", {}, el("time", { class: "muted", dateTime: one.at }, clockTime(one.at)), " ", one.text))));
}

function filesOf(entry, thread) {
  return el("ul", { class: `files small${entry.files.length > 1 ? " several" : ""}` }, ...entry.files.map(({ message, number, file }) =>
    fileRow(file, thread.shown.get(`${message}/${number}`), () => thread.open(message, number))));
}

function optionsOf(entry) {
  return el("ul", { class: "options small", "aria-label": t("message.options") }, ...entry.message.options.map((option, place) =>
    el("li", { class: entry.tapped.has(place) ? "tapped" : "", title: entry.tapped.has(place) ? t("message.wasTapped") : null },
      option.url ? el("a", { href: option.url, target: "_blank", rel: "noreferrer noopener" }, option.title) : option.title,
      entry.tapped.has(place) ? el("span", { class: "unseen" }, t("message.wasTapped")) : null)));
}

function reactionsOf(entry) {
  const counts = new Map();
  for (const text of entry.reactions.values()) counts.set(text, (counts.get(text) ?? 0) + 1);
  return el("p", { class: "reactions", title: t("message.reacted") }, el("span", { class: "unseen" }, t("message.reacted")),
    ...[...counts].map(([text, count]) => el("span", {}, count > 1 ? `${text} ${count}` : text)));
}

function sendingOf(entry) {
  const { message } = entry;
  const why = entry.instead ? message.error?.replace(/; sent by \w+ instead$/, "") : message.error; // said below in the reader's language
  return el("div", { class: "sending small muted", dataset: { state: message.state } },
    el("span", { class: "tick", "aria-hidden": "true" }, TICKS[message.state] ?? ""),
    el("span", {}, named("sent", message.state)),
    why ? el("span", { class: "error" }, why) : null,
    entry.instead ? el("span", { class: "instead" }, t("message.instead", { channel: named("channel", entry.instead) })) : null,
    message.tried.length ? el("span", {}, t("message.after", { channel: message.tried.map((one) => named("channel", one)).join(", ") })) : null);
}

function quoteButton(entry, thread) {
  const { message } = entry;
  if (!message.external_id || !QUOTING.has(message.channel) || entry.withdrawn || !thread.quote) return null;
  return el("button", { type: "button", class: "plain quote", title: t("message.quote"), "aria-label": t("message.quote"), onclick: () => thread.quote(entry) }, "↩");
}
