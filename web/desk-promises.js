// What customers were promised until when, and how good the work was: shown beside a conversation, made and judged in a dialog.

import { currentLanguage, el, fullWhen, localise, newId, t, toast } from "./common.js";
import { fieldTime } from "./desk-snooze.js";
import { nameOf, shortUntil } from "./desk-words.js";

const MINUTE = 60_000;
const LONGEST = 365 * 24 * 60 * MINUTE;
const STATES = () => ({ open: t("promise.open"), kept: t("promise.kept"), broken: t("promise.broken"), taken_back: t("promise.takenBack") });
const TONES = { open: "calm", kept: "good", broken: "danger", taken_back: "calm" };
const KINDS = () => ({ csat: t("score.csat"), nps: t("score.nps"), ces: t("score.ces"), quality: t("score.quality") });
const MOST = { csat: 5, nps: 10, ces: 7, quality: 100 };

const waits = (one) => !one.ended_at; // somebody still waits for it, in time or not
const stateOf = (one) => (one.state === "open" && Date.parse(one.until) <= Date.now() ? "broken" : one.state); // the server may not have looked yet
const madeBy = (one, agents) => ({ auto: t("promise.byItself"), policy: t("promise.makesGood"), merge: t("promise.joined") })[one.by] ?? nameOf(one.by, agents);

/** The promise that is due next and nobody has kept: {text, tone}; null where there is none. */
export function promiseWords(conversation, now = Date.now()) {
  const [next] = (conversation.promises ?? []).filter(waits).sort((a, b) => Date.parse(a.until) - Date.parse(b.until));
  if (!next) return null;
  const late = Date.parse(next.until) <= now;
  return { text: t(late ? "promise.late" : "promise.until", { time: shortUntil(next.until) }), tone: late ? "danger" : "calm" };
}

/** The section beside the conversation. `may`: the reader has it, or supervises; `changed(conversation)` hears how it is then. */
export function promiseSection(conversation, { api, agents, failed, may, changed }) {
  const path = `/v1/conversations/${encodeURIComponent(conversation.id)}/promises`;
  const open = !["resolved", "closed"].includes(conversation.state);
  if (!open && !conversation.promises.length) return null;
  const end = (one, how, words) => el("button", { type: "button", class: "small", dataset: { promise: how }, onclick: async (event) => {
    event.currentTarget.disabled = true;
    const done = await api.post(`${path}/${encodeURIComponent(one.id)}/${how}`).catch(failed);
    if (done) changed(done.conversation);
    else event.target.disabled = false;
  } }, words);
  const rows = [...conversation.promises].reverse().map((one) => el("li", {},
    el("span", { class: "line" }, el("strong", { class: "grow" }, el("time", { dateTime: one.until, title: fullWhen(one.until) }, shortUntil(one.until))),
      el("span", { class: "due small", dataset: { tone: TONES[stateOf(one)] } }, STATES()[stateOf(one)])),
    el("span", {}, one.what || t("promise.anAnswer")),
    el("span", { class: "small muted" }, `${madeBy(one, agents)} · ${fullWhen(one.made_at)}`),
    may && open && waits(one) ? el("span", { class: "line" }, end(one, "keep", t("promise.keep")), end(one, "take-back", t("promise.takeBack"))) : null));
  return el("section", { class: "promises" }, el("h2", {}, t("promise.title")),
    rows.length ? el("ul", {}, ...rows) : null,
    may && open ? el("button", { type: "button", class: "small", dataset: { promise: "new" }, onclick: () => askPromise(conversation, { api, failed, done: changed }) }, t("promise.make")) : null);
}

/** Scores as lines; null without any. */
export function scoreSection(scores, agents) {
  if (!scores.length) return null;
  return el("section", { class: "scores" }, el("h2", {}, t("score.title")), el("ul", {}, ...[...scores].reverse().map((one) => el("li", {},
    el("span", { class: "line" }, el("span", { class: "grow" }, KINDS()[one.kind]), el("strong", {}, one.kind === "quality" ? percent(one.score) : `${one.score} / ${MOST[one.kind]}`)),
    el("span", { class: "small muted" }, [one.agent ? nameOf(one.agent, agents) : null, fullWhen(one.at)].filter(Boolean).join(" · "))))));
}

/** What a person answered to surveys, the newest first, with their words; null without any. */
export function answerSection(answers) {
  if (!answers.length) return null;
  return el("section", { class: "scores answers" }, el("h2", {}, t("person.answers")), el("ul", {}, ...answers.map((one) => el("li", {},
    el("span", { class: "line" }, el("span", { class: "grow" }, KINDS()[one.kind]), el("strong", {}, `${one.score} / ${MOST[one.kind]}`)),
    one.comment ? el("span", {}, one.comment) : null,
    el("span", { class: "small muted" }, [one.campaign, fullWhen(one.at)].filter(Boolean).join(" · "))))));
}

function percent(value) { return new Intl.NumberFormat(currentLanguage(), { style: "percent" }).format(value / 100); }

/** Ask until when and what. `done(conversation)` hears how it is then. */
export function askPromise(conversation, { api, failed, done }) {
  const [dialog, form] = opened("promise");
  const now = Date.now();
  form.until.min = fieldTime(new Date(now + MINUTE));
  form.until.max = fieldTime(new Date(now + LONGEST));
  const needed = () => { form.what.required = !form.answer.checked; };
  form.answer.onchange = needed;
  needed();
  submitted(dialog, form, failed, async (key) => {
    const body = { until: new Date(form.until.value).toISOString(), what: form.what.value.trim(), answer: form.answer.checked };
    const made = await api.post(`/v1/conversations/${encodeURIComponent(conversation.id)}/promises`, body, key);
    toast(t("done.promised", { time: shortUntil(body.until) }), "", "good");
    done(made.conversation);
  });
}

/** Ask a supervisor how good the work was. `done()` hears that it was said. */
export function askQuality(conversation, { api, failed, done }) {
  const [dialog, form] = opened("quality");
  submitted(dialog, form, failed, async (key) => {
    const text = form.text.value.trim();
    await api.post(`/v1/conversations/${encodeURIComponent(conversation.id)}/quality`, { score: Number(form.score.value), ...(text ? { text } : {}) }, key);
    toast(t("done.judged"), "", "good");
    done();
  });
}

function opened(id) {
  const dialog = document.getElementById(id);
  const form = dialog.querySelector("form");
  localise(dialog);
  form.reset();
  form.querySelector('[value="cancel"]').onclick = () => dialog.close();
  dialog.showModal();
  return [dialog, form];
}

/** One call a dialog: a repeat under the same key until its fields change. */
function submitted(dialog, form, failed, send) {
  let key = newId();
  form.oninput = () => { key = newId(); };
  form.onsubmit = async (event) => {
    event.preventDefault();
    const submit = form.querySelector('[type="submit"]');
    submit.disabled = true;
    try {
      await send(key);
      dialog.close();
    } catch (problem) {
      failed(problem);
    } finally {
      submit.disabled = false;
    }
  };
}
