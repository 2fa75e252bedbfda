// What every page needs: words in the reader's language, elements without innerHTML, times, ids, and a forgiving store.

import { STRINGS } from "./strings.js";

const REMEMBERED = "santral.language";

/** localStorage that never throws: private windows and full disks just forget. */
export const store = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* forgotten */ } },
  remove(key) { try { localStorage.removeItem(key); } catch { /* was not there */ } },
};

let language = known(store.get(REMEMBERED)) ?? known((navigator.language || "en").slice(0, 2)) ?? "en";
const listeners = new Set();
const dictionaries = [STRINGS];

function known(code) { return Object.hasOwn(STRINGS, code ?? "") ? code : null; }

export function currentLanguage() { return language; }

/** Add a page's own words to the shared ones. */
export function addStrings(strings) { dictionaries.push(strings); }

/** The words for a key, with {placeholders} filled; `{n}` also chooses between key.one and key.other. */
export function t(key, values = {}) {
  let text = look(key);
  if (text === undefined && "n" in values) {
    text = look(`${key}.${new Intl.PluralRules(language).select(values.n)}`) ?? look(`${key}.other`);
  }
  return (text ?? key).replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? formatNumber(value) : String(value);
  });
}

/** The reader's own variant of the language (en-GB writes 17:30), else the language. */
function locale() { return navigator.languages.find((code) => code.split("-")[0] === language) ?? language; }

function look(key) {
  for (const words of dictionaries) {
    const text = words[language]?.[key];
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Put the words into everything marked data-t (text) or data-t-ATTRIBUTE. */
export function localise(root = document) {
  document.documentElement.lang = language;
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const name of ["placeholder", "aria-label", "title"]) {
    for (const node of root.querySelectorAll(`[data-t-${name}]`)) {
      node.setAttribute(name, t(node.getAttribute(`data-t-${name}`)));
    }
  }
  for (const button of root.querySelectorAll(".languages button")) {
    button.setAttribute("aria-pressed", String(button.value === language));
  }
}

/** Wire the language switch; `changed` draws again what the page made itself. */
export function startLanguages(changed = () => {}) {
  listeners.add(changed);
  for (const button of document.querySelectorAll(".languages button")) {
    button.addEventListener("click", () => choose(button.value));
  }
  addEventListener("storage", (event) => {
    if (event.key === REMEMBERED && known(event.newValue)) choose(event.newValue, false);
  });
  localise();
}

function choose(code, remember = true) {
  language = code;
  if (remember) store.set(REMEMBERED, code);
  localise();
  for (const listener of listeners) listener();
}

/** An element: properties (class, dataset, on..., aria-...), then children; text is always text. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name === "class") node.className = value;
    else if (name in node && !name.startsWith("aria")) node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function formatNumber(value) { return new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(value); }

/** A figure of which the first digits count, however small it is. */
export function formatFigure(value) { return new Intl.NumberFormat(locale(), { maximumSignificantDigits: 3 }).format(value); }

/** A size for people, empty when it is not known. */
export function fileSize(bytes) {
  if (bytes === null || bytes === undefined) return "";
  return bytes < 1_000_000 ? t("size.kb", { n: Math.max(1, Math.round(bytes / 1000)) }) : t("size.mb", { n: bytes / 1_000_000 });
}

export function clockTime(value) {
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit" }).format(new Date(value));
}

/** "today", "yesterday", else a date. */
export function dayName(value) {
  const day = new Date(value);
  const days = Math.round((startOfDay(new Date()) - startOfDay(day)) / 86_400_000);
  if (days >= 0 && days <= 1) {
    const text = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-days, "day");
    return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
  }
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "long", year: sameYear(day) ? undefined : "numeric" }).format(day);
}

function startOfDay(date) { return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime(); }
function sameYear(day) { return day.getFullYear() === new Date().getFullYear(); }

/** The time today, else the day. */
export function shortWhen(value) {
  const day = new Date(value);
  if (startOfDay(day) === startOfDay(new Date())) return clockTime(value);
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short" }).format(day);
}

export function fullWhen(value) {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "medium" }).format(new Date(value));
}

/** A date in the reader's way, with the parts that Intl's `options` name. */
export function formatDate(value, options) { return new Intl.DateTimeFormat(locale(), options).format(new Date(value)); }

/** A length of time in its two largest units: 1 h 5 min, 4 min 32 s. */
export function duration(milliseconds) {
  let rest = Math.max(0, Math.round(milliseconds / 1000));
  const parts = [];
  for (const [unit, size] of [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]]) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count || (unit === "second" && !parts.length)) {
      parts.push(new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "short" }).format(count));
    } else if (parts.length) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** Show an error (with kind "good" a success, with "news" what happened) until it is closed; successes go by themselves. */
export function toast(title, detail = "", kind = "") {
  const place = document.querySelector(".toasts") ?? el("div", { class: "toasts", "aria-live": "assertive" });
  const above = document.querySelector("dialog[open]") ?? document.body; // what lies under an open dialog is not to be seen
  if (place.parentNode !== above) above.append(place);
  for (const old of place.children) if (old.dataset.title === title) old.remove();
  const box = el("div", { class: `toast ${kind}`, role: kind ? "status" : "alert", dataset: { title } },
    el("div", { class: "grow" }, el("p", {}, title), detail ? el("p", {}, detail) : null),
    el("button", { class: "plain", type: "button", "aria-label": t("close"), onclick: () => box.remove() }, "×"));
  place.append(box);
  while (place.children.length > 4) place.firstChild.remove();
  if (kind === "good") setTimeout(() => box.remove(), 4000);
}
