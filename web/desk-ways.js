// Where an answer goes: the way chosen, else preferred, else where the customer wrote last; until when it is open, what it shows.

import { el, fullWhen, shortWhen, t } from "./common.js";
import { named } from "./desk-words.js";

const NEVER = Date.parse("2000-01-01T00:00:00Z"); // a customer heard before never wrote
const SOON = 2 * 3_600_000; // a window that closes so soon is said louder

/** The way an answer takes; null when there is none. As router/answers.py chooses. */
export function wayOf(conversation, preferred, chosen) {
  const { ways } = conversation;
  if (chosen) return ways.find((way) => way.inbox === chosen) ?? ways[0] ?? null;
  return ways.find((way) => way.channel === preferred) ?? ways[0] ?? null;
}

export function closed(way, now = Date.now()) { return Boolean(way?.open_until) && Date.parse(way.open_until) <= now; }

/** Until when free answers are taken, as {text, tone}; null when there is no such limit. */
export function windowWords(conversation, way, now = Date.now()) {
  if (!way?.open_until) return null;
  const channel = named("channel", way.channel);
  const until = Date.parse(way.open_until);
  if (until > now) {
    return { text: t("way.open", { channel, time: when(way.open_until) }), tone: until - now < SOON ? "warn" : "calm" };
  }
  const other = conversation.ways.find((one) => one !== way && !closed(one, now));
  const how = [way.templates ? t("way.byTemplate") : "", other ? t("way.byOther", { channel: named("channel", other.channel) }) : ""].filter(Boolean);
  const said = Date.parse(way.heard_at) < NEVER ? t("way.never", { channel }) : t("way.closed", { channel, time: when(way.open_until) });
  return { text: `${said} ${how.length ? t("way.instead", { how: how.join(` ${t("way.or")} `) }) : ""}`.trim(), tone: "danger", other };
}

function when(time) { return new Date(time).toDateString() === new Date().toDateString() ? shortWhen(time) : fullWhen(time).replace(/:\d\d$/, ""); }

/** What the customer sees of some choices: "buttons", "list" or "numbered". As router/parts.py decides. */
export function shownAs(way, titles) {
  const within = (most, length) => titles.length <= most && titles.every((title) => title.length <= length);
  if (new Set(titles).size < titles.length) return "numbered";
  if (within(way?.buttons ?? 0, way?.button_title ?? 0)) return "buttons";
  return within(way?.menu ?? 0, way?.menu_title ?? 0) ? "list" : "numbered";
}

/** The choice among several ways; nothing to choose from one. */
export function waySelect(conversation, way, preferred, choose) {
  if (conversation.ways.length < 2) return null;
  const usual = wayOf(conversation, preferred, null);
  const names = conversation.ways.map((one) => {
    const twice = conversation.ways.filter((other) => other.channel === one.channel).length > 1;
    const words = [named("channel", one.channel), twice ? one.address : "", one === usual ? t("way.usual") : "", closed(one) ? t("way.isClosed") : ""];
    return el("option", { value: one.inbox, selected: one === way }, words.filter(Boolean).join(" · "));
  });
  return el("label", { class: "via small" }, el("span", { class: "muted" }, t("way.via")),
    el("select", { "aria-label": t("way.label"), onchange: (event) => choose(event.target.value === usual.inbox ? null : event.target.value) }, ...names));
}
