// Put a conversation aside: until one of a few times that people mean, or one they choose.

import { el, localise, newId, t, toast } from "./common.js";
import { shortUntil } from "./desk-words.js";

const HOUR = 3_600_000;
const EVENING = 18;
const MORNING = 9;
const MONDAY = 1;
const LONGEST_DAYS = 365;

/** The times to choose from: [{key, at}]. This evening only while it is well ahead, Monday only if it is not tomorrow. */
export function snoozeChoices(now = new Date()) {
  const clock = (days, hour) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
  const toMonday = (MONDAY - now.getDay() + 7) % 7 || 7;
  return [
    { key: "snooze.hour", at: new Date(now.getTime() + HOUR) },
    clock(0, EVENING) - now > HOUR / 2 ? { key: "snooze.evening", at: clock(0, EVENING) } : null,
    { key: "snooze.tomorrow", at: clock(1, MORNING) },
    toMonday > 1 ? { key: "snooze.monday", at: clock(toMonday, MORNING) } : null,
  ].filter(Boolean);
}

/** Ask until when. `done(conversation)` hears how it is then. */
export function askSnooze(conversation, { api, failed, done }) {
  const dialog = document.getElementById("snooze");
  const form = dialog.querySelector("form");
  const now = new Date();
  localise(dialog);
  const key = newId();
  const until = async (at) => {
    const controls = [...form.querySelectorAll("button")];
    for (const one of controls) one.disabled = true;
    try {
      const made = await api.post(`/v1/conversations/${encodeURIComponent(conversation.id)}/snooze`, { until: at.toISOString() }, `${key}.${at.getTime()}`);
      dialog.close();
      toast(t("done.snoozed", { time: shortUntil(at) }), "", "good");
      done(made.conversation);
    } catch (problem) {
      failed(problem);
    } finally {
      for (const one of controls) one.disabled = false;
    }
  };
  form.querySelector(".times").replaceChildren(...snoozeChoices(now).map(({ key: words, at }) => el("li", {},
    el("button", { type: "button", onclick: () => until(at) }, el("span", { class: "grow" }, t(words)), el("span", { class: "muted" }, shortUntil(at))))));
  form.at.min = fieldTime(new Date(now.getTime() + 60_000));
  form.at.max = fieldTime(new Date(now.getTime() + LONGEST_DAYS * 24 * HOUR - HOUR));
  form.at.value = "";
  form.querySelector('[value="cancel"]').onclick = () => dialog.close();
  form.onsubmit = (event) => {
    event.preventDefault();
    until(new Date(form.at.value));
  };
  dialog.showModal();
}

/** As a field for date and time wants it: the reader's own zone, to the minute. */
export function fieldTime(date) {
  const two = (value) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
