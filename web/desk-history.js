// What was done to a conversation, and decided of it, as one line each: {text, why}. Values only.

import { clockTime, currentLanguage, duration, formatFigure, t } from "./common.js";
import { deadlineWords } from "./desk-deadlines.js";
import { named, nameOf, presenceName, shortUntil } from "./desk-words.js";

const SIMPLE = new Set([
  "reply", "note", "resolve", "reopen", "spam", "not_spam", "block", "start", "accept", "awake", "left", "resend", "discard", "promise_kept", "promise_taken_back",
]);
const BY_CHANNEL = new Set(["verification", "opted_out", "opted_in"]);

/** An entry of the history. `agents` are by user name. `why` has texts, or {text, conversation} that leads somewhere. */
export function historyWords(entry, agents) {
  const who = nameOf(entry.who, agents);
  const detail = entry.detail ?? {};
  const line = (key, values = {}, why = []) => ({ text: t(key, { who, ...values }), why: why.filter(Boolean) });
  const note = detail.note ? t("history.withNote", { note: detail.note }) : null;
  const before = detail.from && detail.from !== entry.who ? t("history.before", { agent: nameOf(detail.from, agents) }) : null;
  switch (entry.what) {
    case "decision": return decisionWords(detail, agents);
    case "promise": return line("history.promise", { who: entry.who === "auto" ? t("promise.byItself") : who, time: shortUntil(detail.until), what: detail.what || t("promise.anAnswer") });
    case "score": return line("history.gaveScore", {}, [
      detail.score === undefined ? null : `${detail.kind}: ${detail.score}`, detail.agent ? nameOf(detail.agent, agents) : null, detail.text ?? null]);
    case "warning": case "breach": case "reminder": return deadlineWords(entry.what, detail, agents);
    case "take": return line("history.take", {}, byHand(detail.decision));
    case "assign": return line("history.assign", { to: nameOf(detail.agent, agents) }, [...byHand(detail.decision), before, note]);
    case "transfer": return detail.skill
      ? line("history.transferSkill", { skill: skillText(detail.skill) }, [before, note])
      : line("history.transfer", { to: detail.queue ?? nameOf(detail.agent ?? detail.to, agents) }, [...byHand(detail.decision), before, note]);
    case "decline": return line("history.decline", {}, [detail.reason ? t("history.declineReason", { reason: detail.reason }) : null]);
    case "missed": return line("history.missed", { agent: nameOf(detail.agent, agents) }, [
      detail.paused_until ? t("history.paused", { n: detail.in_a_row, time: clockTime(detail.paused_until) }) : null]);
    case "withdrawn": return line("history.withdrawn", { agent: nameOf(detail.agent, agents), state: presenceName(detail.presence) });
    case "snooze": return line("history.snooze", { time: shortUntil(detail.until) });
    case "returned": return line("history.returned", { who: nameOf(detail.from, agents) });
    case "tag": {
      const tags = [...(detail.add ?? []).map((tag) => `+${tag}`), ...(detail.remove ?? []).map((tag) => `−${tag}`)].join(" ");
      return line("history.tag", { tags });
    }
    case "category": return detail.to ? line("history.category", { to: detail.to }) : line("history.noCategory");
    case "merged": case "parted": return line(`history.${entry.what}`, { who: entry.who === "proof" ? t("history.proof") : who });
    default:
      if (SIMPLE.has(entry.what)) return line(`history.${entry.what}`);
      if (BY_CHANNEL.has(entry.what)) return line(`history.${entry.what}`, { channel: named("channel", detail.channel) });
      return line("history.other", { what: entry.what });
  }
}

/** A decision of the matcher's: of today's kind, or of the kind that only knew a queue's skill. */
function decisionWords(detail, agents) {
  const agent = detail.agent ? nameOf(detail.agent, agents) : null;
  const key = agent === null ? "history.decisionNobody" : detail.offer_s ? "history.offered" : "history.decision";
  const text = t(key, { agent, time: duration((detail.offer_s ?? 0) * 1000) });
  return { text, why: (detail.v ? newer(detail, agents) : older(detail, agents)).filter(Boolean) };
}

function newer(detail, agents) {
  const why = [
    detail.rung ? t("history.askedAfter", { needs: needsText(detail.needs), time: duration(detail.rung * 1000) }) : t("history.asked", { needs: needsText(detail.needs) }),
    detail.chosen?.length ? t("history.chosen", { why: detail.chosen.map(chosenWords).join(", ") }) : null,
    fitWords(detail, agents),
    ...Object.entries(detail.excluded ?? {}).map(([reason, members]) => excludedWords(reason, members, agents)),
    scoreWords(detail),
  ];
  const rules = Object.keys(detail.rules?.matched ?? {});
  const failed = Object.keys(detail.rules?.failed ?? {});
  if (rules.length) why.push(t("history.rules", { rules: rules.join(", ") }));
  if (failed.length) why.push(t("history.rulesFailed", { rules: failed.join(", ") }));
  if (detail.others) why.push({ text: t("history.others", { n: detail.others }), conversation: detail.next?.[0]?.[0] ?? null });
  return why;
}

function older(detail, agents) {
  const fit = detail.fit ?? [];
  const excluded = Object.entries(detail.excluded ?? {});
  const considered = [fit, ...excluded.map(([, members]) => members)].reduce((sum, members) => sum + (members.length ?? members), 0);
  return [
    detail.queue ? t("history.decisionWhy", { queue: detail.queue, skill: detail.skill, n: considered }) : null,
    ...Array.isArray(fit) ? fit.map(([name, free]) => t("history.fit", { agent: nameOf(name, agents), n: free })) : [fitWords(detail, agents)],
    ...excluded.map(([reason, members]) => excludedWords(reason, members, agents)),
  ];
}

/** Who else could have; a text is a mask whose version is gone, and says nothing to people. */
function fitWords(detail, agents) {
  const { fit } = detail;
  if (typeof fit === "number") return fit > (detail.agent ? 1 : 0) ? t("history.alsoCount", { n: fit - (detail.agent ? 1 : 0) }) : null;
  if (!Array.isArray(fit)) return null;
  const others = fit.filter((name) => name !== detail.agent).map((name) => nameOf(name, agents));
  return others.length ? t("history.also", { agents: others.join(", ") }) : null;
}

function excludedWords(reason, members, agents) {
  const why = reasonWords(reason);
  if (typeof members === "number") return t("history.excludedCount", { n: members, reason: why });
  return t("history.excluded", { agent: Array.isArray(members) ? members.map((name) => nameOf(name, agents)).join(", ") : "…", reason: why });
}

function scoreWords(detail) {
  const waited = duration(detail.waited_ms ?? 0);
  if (!Array.isArray(detail.score)) return t("history.waited", { time: waited });
  const [guard, score] = detail.score;
  return t(guard ? "history.scoreGuard" : "history.score", { policy: detail.policy, score: formatFigure(score), time: waited });
}

/** What a claim by hand kept: how long it had waited, what it asked for, what was overruled. */
function byHand(decision) {
  if (!decision || typeof decision !== "object") return [];
  return [
    decision.waited_ms === undefined ? null : t("history.waited", { time: duration(decision.waited_ms) }),
    decision.needs ? t("history.asked", { needs: needsText(decision.needs) }) : null,
    decision.overruled ? t("history.overruled", { reason: reasonWords(decision.overruled) }) : null,
  ];
}

/** `only`, `last agent`, `primary skill, level 4`, `fullest that fits, 3 units free`, `longest idle` as the records say them. */
function chosenWords(step) {
  const n = Number(/\d+/.exec(step)?.[0]);
  if (step === "only") return t("chosen.only");
  if (step === "last agent") return t("chosen.last");
  if (step.startsWith("primary")) return t("chosen.primary", { level: n });
  if (step.startsWith("secondary")) return t("chosen.secondary", { level: n });
  if (step.startsWith("fullest")) return t("chosen.fullest", { free: n });
  return step === "longest idle" ? t("chosen.idle") : step;
}

/** The first reason that kept an agent from it: `presence:away`, `skill:billing>=3`, `hours`... as the records say them. */
export function reasonWords(reason) {
  const [kind, ...rest] = reason.split(":");
  const what = rest.join(":");
  switch (kind) {
    case "presence": return t("reason.presence", { presence: lowered(presenceName(what)) });
    case "skill": return skillReason(what.replaceAll("not not ", ""));
    case "limit": return t("reason.limit", { channel: named("channel", what) });
    case "permission": return t("reason.permission", { brand: what });
    case "capacity": return t("reason.capacity");
    case "hours": return t("reason.hours");
    case "paused": return t("reason.paused");
    case "wrap-up": return t("reason.wrap");
    case "declined": return t("reason.declined");
    case "configuration": return t("reason.pool");
    default: return reason;
  }
}

/** Lacks a skill, or has what is ruled out, where all of it is: `not b or a` is neither. */
function skillReason(what) {
  const [, barred] = /^not (\S+|\((?:[^()]|\([^()]*\))*\))$/.exec(what) ?? [];
  return barred ? t("reason.not", { skill: needsText(barred) }) : t("reason.skill", { skill: needsText(what) });
}

function lowered(words) { return words.toLocaleLowerCase(currentLanguage()); }

/** What is asked of an agent, as the records say it: `billing>=3 and (tr or en)`. */
export function needsText(needs) {
  if (!needs) return t("needs.anybody");
  const word = { and: t("needs.and"), or: t("needs.or"), anybody: t("needs.anybody"), nobody: t("needs.nobody") };
  const groups = []; // what stood in parentheses, the innermost first; #n# stands for it
  const told = (text) => text
    .replace(/(?<![\w-])not (#\d+#|[\w-]+(?: ≥ \d)?)/g, (_, skill) => t("needs.not", { skill }))
    .replace(/(?<![\w-])(and|or|anybody|nobody)(?![\w-])/g, (whole) => word[whole]);
  const whole = (text) => text.replace(/#(\d+)#/g, (_, n) => `(${whole(groups[n])})`);
  let [left, before] = [needs.replaceAll("not not ", "").replace(/>=/g, " ≥ "), null];
  while (left !== before) [before, left] = [left, left.replace(/\(([^()]*)\)/g, (_, inner) => `#${groups.push(told(inner)) - 1}#`)];
  return whole(told(left));
}

/** A requirement as somebody wrote it: a skill, a list, or {any: [...]}. */
function skillText(skill) {
  if (typeof skill === "string") return needsText(skill);
  if (Array.isArray(skill)) return skill.map(skillText).join(` ${t("needs.and")} `);
  const [[word, parts]] = Object.entries(skill);
  const joined = parts.map(skillText).join(` ${t(word === "any" ? "needs.or" : "needs.and")} `);
  return word === "none" ? t("needs.not", { skill: `(${joined})` }) : joined;
}
