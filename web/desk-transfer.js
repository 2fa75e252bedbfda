// Handing a conversation on: to a colleague, another queue or whoever has a skill; by a supervisor to anybody at all.

import { el, localise, newId, t, toast } from "./common.js";
import { presenceName } from "./desk-words.js";

const BY_SKILL = "skill:";

/** Ask whom it is for. `done()` when it is theirs. */
export function askTransfer(conversation, { api, me, agents, failed, done }) {
  const dialog = document.getElementById("transfer");
  const form = dialog.querySelector("form");
  const others = [...agents.values()].filter((agent) => agent.name !== conversation.agent);
  form.reset();
  form.to.replaceChildren(
    el("optgroup", { label: t("transfer.agents") }, ...others.map((agent) => agentOption(agent, `agent:${agent.name}`))),
    el("optgroup", { label: t("transfer.queues") }, ...me.queues.filter((queue) => queue !== conversation.queue).map((queue) => el("option", { value: `queue:${queue}` }, queue))),
    el("optgroup", { label: t("transfer.skills") }, el("option", { value: BY_SKILL }, t("transfer.skillOption"))));
  form.querySelector("datalist").replaceChildren(...skillsOf(agents).map((skill) => el("option", { value: skill })));
  localise(dialog);
  const draw = () => {
    const skill = form.to.value === BY_SKILL;
    for (const field of form.querySelectorAll(".by-skill")) field.hidden = !skill;
    form.skill.required = skill;
    form.minutes.required = skill;
  };
  form.to.onchange = () => { draw(); if (form.to.value === BY_SKILL) form.skill.focus(); };
  draw();
  const body = () => {
    const { value } = form.to;
    const [kind, name] = [value.slice(0, value.indexOf(":")), value.slice(value.indexOf(":") + 1)];
    return kind === "skill" ? { skill: skillsWritten(form.skill.value), seconds: Math.round(form.minutes.valueAsNumber * 60) } : { [kind]: name };
  };
  ask({ dialog, form, api, failed, done, path: `/v1/conversations/${encodeURIComponent(conversation.id)}/transfer`, body, said: "done.transferred" });
}

/** Ask a supervisor who gets it, whatever their skills, presence and limits say. */
export function askAssign(conversation, { api, agents, failed, done }) {
  const dialog = document.getElementById("assign");
  const form = dialog.querySelector("form");
  const others = [...agents.values()].filter((agent) => agent.name !== conversation.agent);
  form.reset();
  form.agent.replaceChildren(...others.map((agent) => agentOption(agent, agent.name)));
  localise(dialog);
  ask({ dialog, form, api, failed, done, path: `/v1/conversations/${encodeURIComponent(conversation.id)}/assign`, body: () => ({ agent: form.agent.value }), said: "done.assigned" });
}

function ask({ dialog, form, api, failed, done, path, body, said }) {
  form.querySelector('[value="cancel"]').onclick = () => dialog.close();
  let sent = { words: "", key: "" };
  form.onsubmit = async (event) => {
    event.preventDefault();
    const note = form.note.value.trim();
    const asked = { ...body(), ...(note ? { note } : {}) };
    const words = JSON.stringify(asked);
    if (sent.words !== words) sent = { words, key: newId() }; // the same words again are one intent
    const button = form.querySelector('[type="submit"]');
    button.disabled = true;
    try {
      await api.post(path, asked, sent.key);
      dialog.close();
      toast(t(said), "", "good");
      done();
    } catch (problem) {
      failed(problem);
    } finally {
      button.disabled = false;
    }
  };
  dialog.showModal();
}

function agentOption(agent, value) {
  return el("option", { value }, t("transfer.agent", { name: agent.display_name, presence: presenceName(agent.presence), n: agent.free }));
}

function skillsOf(agents) { return [...new Set([...agents.values()].flatMap((agent) => agent.skills))].sort(); }

/** `billing>=3, en` are both needed; one alone is itself. */
function skillsWritten(text) {
  const skills = text.split(",").map((one) => one.trim()).filter(Boolean);
  return skills.length === 1 ? skills[0] : skills;
}
