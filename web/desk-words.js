// States, times and names in plain words.

import { clockTime, currentLanguage, dayName, formatDate, t } from "./common.js";

/** A channel's, state's or sending's name; an unknown one as it is. */
export function named(kind, value) {
  const words = t(`${kind}.${value}`);
  return words === `${kind}.${value}` ? value : words;
}

/** A visitor's address is a random id: its start is enough to tell two of them apart. */
export function addressOf({ channel, address }) {
  return channel === "webchat" ? t("detail.visitor", { id: address.slice(0, 6) }) : address;
}

export function nameOf(name, agents) { return agents.get(name)?.display_name ?? name ?? t("detail.nobody"); }

let labels = {}; // of the configuration's own presences, by language

/** What the configuration calls its presences: {name: {language: words}}. */
export function learnPresences(told) { labels = told; }

/** A presence in the reader's language, else in any that the configuration has. */
export function presenceName(presence) {
  const told = labels[presence];
  return told ? told[currentLanguage()] ?? Object.values(told)[0] : named("presence", presence);
}

/** A time that is to come, or was, as short as it stays clear: 18:00, tomorrow with its day, else the date too. */
export function shortUntil(value) {
  const time = clockTime(value);
  return new Date(value).toDateString() === new Date().toDateString() ? time : `${dayAhead(value)} ${time}`;
}

function dayAhead(value) {
  const days = Math.round((midnight(value) - midnight(Date.now())) / 86_400_000);
  if (days < 0) return dayName(value);
  return formatDate(value, days < 7 ? { weekday: "long" } : { day: "numeric", month: "long" });
}

function midnight(value) { return new Date(value).setHours(0, 0, 0, 0); }
