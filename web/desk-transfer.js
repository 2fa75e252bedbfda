// Handing a conversation on: to a colleague or to another queue, with a note for whoever comes next.

import { el, localise, newId, t, toast } from "./common.js";

/** Ask whom it is for. `done()` when it is theirs. */
export function askTransfer(conversation, { api, me, agents, failed, done }) {
  const dialog = document.getElementById("transfer");
  const form = dialog.querySelector("form");
  const others = [...agents.values()].filter((agent) => agent.name !== conversation.agent);
  form.to.replaceChildren(
    el("optgroup", { label: t("transfer.agents") }, ...others.map((agent) => el("option", { value: `agent:${agent.name}` }, `${agent.display_name} (${t(`presence.${agent.presence}`)})`))),
    el("optgroup", { label: t("transfer.queues") }, ...me.queues.filter((queue) => queue !== conversation.queue).map((queue) => el("option", { value: `queue:${queue}` }, queue))));
  localise(dialog);
  form.note.value = "";
  form.querySelector('[value="cancel"]').onclick = () => dialog.close();
  const key = newId();
  form.onsubmit = async (event) => {
    event.preventDefault();
    const [kind, name] = form.to.value.split(":");
    const note = form.note.value.trim();
    const button = form.querySelector('[type="submit"]');
    button.disabled = true;
    try {
      await api.post(`/v1/conversations/${encodeURIComponent(conversation.id)}/transfer`, { [kind]: name, ...(note ? { note } : {}) }, key);
      dialog.close();
      toast(t("done.transferred"), "", "good");
      done();
    } catch (problem) {
      failed(problem);
    } finally {
      button.disabled = false;
    }
  };
  dialog.showModal();
}
