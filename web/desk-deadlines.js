// Deadlines: what is due next and how soon, and in the history what came near, passed or was still missed, and what the SLA policy had
// done then. Values only.

import { clockTime, duration, t } from "./common.js";
import { nameOf } from "./desk-words.js";

const TARGETS = new Set(["accept", "first_response", "next_response", "resolution", "promise"]);

/** The clocks that run, the one that is due first before the others; those that stand still last. */
export function runningClocks(conversation) {
  const due = (clock) => (clock.due_at ? Date.parse(clock.due_at) : Infinity);
  return conversation.clocks.filter((clock) => !clock.ended_at).sort((a, b) => (due(a) === due(b) ? 0 : due(a) - due(b)));
}

/** When something is due next, in milliseconds; Infinity where nothing is. */
export function nextDue(conversation) {
  const [next] = runningClocks(conversation);
  return next?.due_at ? Date.parse(next.due_at) : Infinity;
}

/** What is due next as {text, short, tone}; null where nothing is, or all of it stands still. */
export function clockWords(conversation, now = Date.now()) {
  const [next] = runningClocks(conversation);
  if (!next?.due_at) return null;
  const [started, due] = [Date.parse(next.started_at), Date.parse(next.due_at)];
  const time = duration(Math.abs(due - now));
  const words = { accept: [t("due.take", { time }), t("due.takeLate", { time })], resolution: [t("due.resolve", { time }), t("due.resolveLate", { time })] };
  const [inTime, late] = words[next.target] ?? [t("due.in", { time }), t("due.late", { time })];
  if (now >= due) return { text: late, short: t("due.lateShort", { time }), tone: "danger" };
  return { text: inTime, short: time, tone: due - now < (due - started) / 4 ? "warn" : "calm" };
}

/** What a clock counts, as a label: "Next answer due". */
export function clockLabel(clock) {
  const labels = { accept: t("detail.acceptDue"), next_response: t("detail.nextResponseDue"), resolution: t("detail.resolutionDue") };
  return labels[clock.target] ?? t("detail.firstResponseDue");
}

/** A warning, a breach or a reminder as {text, why}. */
export function deadlineWords(what, detail, agents) {
  const target = TARGETS.has(detail.target) ? detail.target : "first_response";
  const text = t(`history.${what}`, { what: t(`history.target.${target}`), share: detail.share ?? "" });
  return { text, why: (detail.actions ?? []).flatMap((action) => done(action, agents)).filter(Boolean) };
}

function done(action, agents) {
  const names = (list) => list.map((name) => nameOf(name, agents)).join(", ");
  return [
    action.priority && t("history.did.priority", { from: action.priority[0], to: action.priority[1] }),
    action.queue && t("history.did.queue", { queue: action.queue[1] }),
    action.relaxed && t("history.did.relaxed"),
    action.watchers && t("history.did.watchers", { agents: names(action.watchers) }),
    action.told && t("history.did.told"),
    action.told === null && t("history.did.untold"),
    action.voucher && t("history.did.voucher", { code: action.voucher }),
    action.call && t("history.did.call", { time: clockTime(action.call.due_at) }),
    action.desk && t("history.did.desk"),
    action.mailed && t("history.did.mailed", { to: action.mailed.join(", ") }),
    action.webhooks && t("history.did.webhooks", { names: action.webhooks.join(", ") }),
  ];
}
