// How each queue stands now, for supervisors: who waits, who is there, how the day has gone. Read again while it is looked at.

import { currentLanguage, el, localise, t } from "./common.js";

const EVERY = 10_000;
const COLUMNS = ["waiting", "longest", "held", "snoozed", "overdue", "agents", "level", "answer", "begun", "resolved"];

/** Show it until it is closed. */
export function showFloor({ api, failed }) {
  const dialog = document.getElementById("floor");
  localise(dialog);
  dialog.querySelector('[value="cancel"]').onclick = () => dialog.close();
  if (dialog.open) return null;
  dialog.querySelector(".floor").replaceChildren(el("p", { class: "muted" }, t("floor.busy")));
  dialog.querySelector(".said").textContent = "";
  dialog.showModal();
  const look = () => read(dialog, api).catch((problem) => { failed(problem, dialog.querySelector("table") !== null); });
  const timer = setInterval(() => { if (document.visibilityState === "visible") look(); }, EVERY);
  dialog.addEventListener("close", () => clearInterval(timer), { once: true });
  return look();
}

async function read(dialog, api) {
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  const told = await api.get("/v1/measures/now", { since: midnight.toISOString() });
  if (!dialog.open) return;
  dialog.querySelector(".floor").replaceChildren(table(told.queues));
  const clock = new Date(told.at).toLocaleTimeString(currentLanguage(), { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  dialog.querySelector(".said").textContent = [t("floor.at", { at: clock }), told.whole ? "" : t("floor.partial")].filter(Boolean).join(" ");
}

function table(queues) {
  return el("table", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("floor.queue")), ...COLUMNS.map((name) => el("th", { scope: "col" }, t(`floor.column.${name}`))))),
    el("tbody", {}, ...queues.map(row)));
}

function row(queue) {
  const values = {
    waiting: count(queue.waiting), longest: queue.waiting ? length(queue.longest_wait_seconds) : "–", held: count(queue.held),
    snoozed: count(queue.snoozed), overdue: count(queue.overdue), agents: t("floor.room", { room: queue.room, n: queue.agents }),
    level: queue.service_level === null ? "–" : share(queue.service_level), answer: queue.answer_seconds === null ? "–" : length(queue.answer_seconds),
    begun: count(queue.begun), resolved: count(queue.resolved),
  };
  const wrong = { overdue: queue.overdue > 0, agents: queue.waiting > 0 && queue.agents === 0 };
  return el("tr", {}, el("th", { scope: "row" }, queue.queue), ...COLUMNS.map((name) => el("td", { class: wrong[name] ? "bad" : "" }, values[name])));
}

const count = (n) => n.toLocaleString(currentLanguage());
const share = (part) => part.toLocaleString(currentLanguage(), { style: "percent", maximumFractionDigits: 0 });

/** 45 s, 12:05, 3:04:09. */
function length(seconds) {
  const whole = Math.floor(seconds);
  if (whole < 60) return t("floor.seconds", { n: whole });
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return (parts[0] ? parts : parts.slice(1)).map((part, place) => (place ? String(part).padStart(2, "0") : part)).join(":");
}
