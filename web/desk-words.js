// States, clocks and decisions in plain words.

import { duration, t } from "./common.js";

/** A channel's, state's or sending's name; an unknown one as it is. */
export function named(kind, value) {
  const words = t(`${kind}.${value}`);
  return words === `${kind}.${value}` ? value : words;
}

/** A visitor's address is a random id: its start is enough to tell two of them apart. */
export function addressOf({ channel, address }) {
  return channel === "webchat" ? t("detail.visitor", { id: address.slice(0, 6) }) : address;
}

/** The first-response clock as {text, tone}; null when there is none. */
export function clockWords(conversation, now = Date.now()) {
  const clock = conversation.first_response;
  if (!clock) return null;
  const [started, due] = [Date.parse(clock.started_at), Date.parse(clock.due_at)];
  if (clock.met_at) {
    const met = Date.parse(clock.met_at);
    const late = met > due;
    return { text: t(late ? "due.metLate" : "due.met", { time: duration(met - started) }), tone: late ? "warn" : "good" };
  }
  if (["resolved", "closed"].includes(conversation.state)) return null;
  const time = duration(Math.abs(due - now));
  if (now >= due) return { text: t("due.late", { time }), short: t("due.lateShort", { time }), tone: "danger" };
  return { text: t("due.in", { time }), short: time, tone: due - now < (due - started) / 4 ? "warn" : "calm" };
}

/** One line of history as {text, why: [lines]}. `agents` names them by user name. */
export function historyWords(entry, agents) {
  const who = nameOf(entry.who, agents);
  const detail = entry.detail ?? {};
  switch (entry.what) {
    case "decision": return decisionWords(detail, agents);
    case "breach": return { text: t("history.breach"), why: [] };
    case "transfer": return {
      text: t("history.transfer", { who, to: detail.queue ?? nameOf(detail.agent ?? detail.to, agents) }), why: [],
    };
    case "tag": {
      const tags = [...(detail.add ?? []).map((tag) => `+${tag}`), ...(detail.remove ?? []).map((tag) => `−${tag}`)].join(" ");
      return { text: t("history.tag", { who, tags }), why: [] };
    }
    case "category": return { text: detail.to ? t("history.category", { who, to: detail.to }) : t("history.noCategory", { who }), why: [] };
    case "returned": return { text: t("history.returned", { who: nameOf(detail.from, agents) }), why: [] };
    case "merged": case "parted": return { text: t(`history.${entry.what}`, { who: entry.who === "proof" ? t("history.proof") : who }), why: [] };
    case "reply": case "note": case "resolve": case "reopen": case "take": case "spam": case "not_spam": case "block": case "start": case "verification":
      return { text: t(`history.${entry.what}`, { who }), why: [] };
    default: return { text: t("history.other", { who, what: entry.what }), why: [] };
  }
}

function decisionWords(detail, agents) {
  const why = [];
  const fit = detail.fit ?? [];
  const excluded = Object.entries(detail.excluded ?? {});
  const considered = fit.length + excluded.reduce((sum, [, names]) => sum + names.length, 0);
  if (detail.queue) why.push(t("history.decisionWhy", { queue: detail.queue, skill: detail.skill, n: considered }));
  for (const [name, free] of fit) why.push(t("history.fit", { agent: nameOf(name, agents), n: free }));
  for (const [reason, names] of excluded) {
    for (const name of names) why.push(t("history.excluded", { agent: nameOf(name, agents), reason: reasonWords(reason) }));
  }
  const text = detail.agent ? t("history.decision", { agent: nameOf(detail.agent, agents) }) : t("history.decisionNobody");
  return { text, why };
}

/** `presence:away`, `skill:english`, `capacity`, `limit:webchat` as the decision records them. */
function reasonWords(reason) {
  const [kind, what] = reason.split(":");
  if (kind === "presence") return t("reason.presence", { presence: named("presence", what).toLocaleLowerCase() });
  if (kind === "skill") return t("reason.skill", { skill: what });
  if (kind === "limit") return t("reason.limit", { channel: named("channel", what) });
  return kind === "capacity" ? t("reason.capacity") : reason;
}

export function nameOf(name, agents) { return agents.get(name)?.display_name ?? name ?? t("detail.nobody"); }
