// Deadlines in a conversation's history: what came near, passed or was still missed, and what the SLA policy had done then. Values only.

import { clockTime, t } from "./common.js";
import { nameOf } from "./desk-words.js";

const TARGETS = new Set(["accept", "first_response", "next_response", "resolution", "promise"]);

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
