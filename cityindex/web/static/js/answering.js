/* Saves each answer by itself, keeps on the device what could not be sent, and sends it when the line is back.
   Without this script the same forms are sent as pages. Nothing is decided here: the server says what is saved,
   which questions apply, and where two answers met. */
(function () {
  "use strict";

  const box = document.querySelector("[data-answering]");
  if (!box || !window.fetch || !window.FormData || !window.URLSearchParams) return;
  const words = JSON.parse(box.dataset.words);
  const PREFIX = "cityindex-draft:";
  const KEY = PREFIX + box.dataset.account + ":" + box.dataset.assessment + ":";
  const writes = box.hasAttribute("data-writes");
  const TYPING = 1500, PATIENCE = 20000, FIRST_WAIT = 2000, LONGEST_WAIT = 60000;

  /* Drafts, in the order in which they were written: {question, name, url, fields: [[name, value]], seen, held, tried}.
     Each has an entry of its own, so that two open pages do not write over each other's. `held` says why one is not
     sent by itself: it waits for a choice or another answer. `tried` are earlier fields of the same question whose
     fate is unknown: the line broke before the reply came. */
  let drafts = load();
  let keeps = true, stuck = false, sending = null, timer = null, wait = FIRST_WAIT, token = null;
  const typing = new Map();

  function load() {
    try {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(KEY));
      return keys.map((key) => JSON.parse(localStorage.getItem(key))).sort((a, b) => a.at - b.at);
    } catch (_) { return []; }
  }

  function store(draft) {
    try { localStorage.setItem(KEY + draft.question, JSON.stringify(draft)); keeps = true; } catch (_) { keeps = false; }
  }

  function drop(draft) {
    drafts = drafts.filter((one) => one !== draft);
    try { localStorage.removeItem(KEY + draft.question); } catch (_) { /* nothing was kept */ }
  }

  function find(question) { return drafts.find((draft) => draft.question === question); }
  function card(question) { return document.getElementById("q-" + question); }
  function formOf(question) { const found = card(question); return found && found.querySelector("form.answer-form"); }
  function fill(text, values) { return text.replace(/\{(\w+)\}/g, (_, name) => values[name]); }

  function fieldsOf(form, button) {
    const fields = [];
    new FormData(form).forEach((value, name) => {
      if (["value", "note", "later"].includes(name)) fields.push([name, value]);
    });
    if (button && ["still_true", "clear"].includes(button.name)) fields.push([button.name, button.value]);
    return fields;
  }

  function put(form, fields) {
    const all = (name) => fields.filter((pair) => pair[0] === name).map((pair) => pair[1]);
    form.querySelectorAll("[name=value], [name=note], [name=later]").forEach((field) => {
      const values = all(field.name);
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
      else if (field.name === "value") field.value = values.find((one) => !isChoice(form, one)) || "";
      else field.value = values[0] || "";
    });
  }

  function isChoice(form, value) {
    return [...form.querySelectorAll("[type=radio][name=value]")].some((field) => field.value === value);
  }

  /* What stands beside a question, in words; read out where it changes. */
  function say(question, kind, text, link) {
    const found = card(question);
    if (!found) return;
    const place = found.querySelector("[data-save-state]");
    place.dataset.kind = kind;
    place.textContent = text;
    if (link) place.append(" ", link);
  }

  function anchor(href, text) {
    const link = document.createElement("a");
    link.href = href; link.textContent = text; link.target = "_blank"; link.rel = "opener";
    return link;
  }

  function signIn() { return anchor(box.dataset.login, words.sign_in); }

  /* What waits on this device: everything while nothing goes out, otherwise what asks for a choice or stands on other
     pages. An answer on its way is no news. */
  function count() {
    const place = box.querySelector("[data-waiting]");
    const waiting = drafts.filter((draft) => stuck || draft.held || !card(draft.question));
    place.hidden = waiting.length === 0;
    place.textContent = waiting.length ? fill(words.waiting, { count: waiting.length }) : "";
    waiting.filter((draft) => draft.held || !card(draft.question)).forEach((draft) => {
      const link = document.createElement("a");
      link.href = card(draft.question) && !box.classList.contains("alone") ? "#q-" + draft.question : draft.url;
      link.textContent = draft.name;
      place.append(" · ", link);
    });
  }

  /* Something was written: keep it first, then send it. */
  function written(form, button) {
    const question = form.closest("[data-question]").dataset.question;
    clearTimeout(typing.get(form));
    typing.delete(form);
    const draft = find(question) || { question: question, url: form.getAttribute("action"), at: Date.now(), tried: [] };
    draft.name = card(question).querySelector("h2").textContent.replace(/\s+/g, " ").trim();
    draft.seen = form.elements.seen.value;
    draft.fields = fieldsOf(form, button);
    draft.held = "";
    if (!drafts.includes(draft)) drafts.push(draft);
    store(draft);
    hideBox(question);
    say(question, "saving", words.saving);
    count();
    wait = FIRST_WAIT;
    return send();
  }

  function next() { return drafts.find((draft) => !draft.held); }

  /* One at a time; who asks while something is on its way waits for the same end. */
  function send() {
    if (!sending) sending = sendAll().finally(() => { sending = null; count(); });
    return sending;
  }

  async function sendAll() {
    clearTimeout(timer);
    for (let draft = next(); draft; draft = next()) {
      if (!(await sendOne(draft))) return later();
      wait = FIRST_WAIT;
    }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  /* Whether the way is free for the next one. */
  async function sendOne(draft, again) {
    const form = formOf(draft.question), sent = JSON.stringify(draft.fields);
    const body = new URLSearchParams(draft.fields.concat([["seen", draft.seen]]));
    let reply;
    try {
      reply = await request(draft.url, { method: "POST", body: body, headers: { "X-CSRFToken": currentToken(), Accept: "application/json" } });
    } catch (_) {
      return lost(draft, sent);
    }
    if (reply.status === 401) return stay(words.signed_out, true);
    if (reply.status === 400 && !again) {
      const renewed = await renew();
      return renewed === true ? sendOne(draft, true) : stay(renewed || words.offline, renewed === words.signed_out);
    }
    if (reply.status >= 500 || reply.status === 429) return stay(words.busy);
    const said = read(reply.text);
    if (reply.ok && !said.state) return lost(draft, sent);  // somebody between here and the server has answered
    stuck = false;
    if (said.state === "saved") return saved(draft, form, said, sent);
    if (said.state === "conflict") return met(draft, form, said.theirs);
    draft.held = said.state === "wrong" ? said.words : words.refused + " " + (said.words || "");
    store(draft);
    if (form) explain(draft, form);
    return true;
  }

  function read(text) {
    try { return JSON.parse(text) || {}; } catch (_) { return {}; }
  }

  /* The line broke before the reply was whole: whether the answer arrived is not known, so it is sent again. */
  function lost(draft, sent) {
    if (!draft.tried.includes(sent)) draft.tried.push(sent);
    store(draft);
    return stay(words.offline);
  }

  /* The whole reply, or nothing: a reply whose end does not come is given up as well. */
  async function request(url, options) {
    const control = new AbortController();
    const alarm = setTimeout(() => control.abort(), PATIENCE);
    try {
      const reply = await fetch(url, Object.assign({ signal: control.signal, credentials: "same-origin" }, options));
      return { ok: reply.ok, status: reply.status, text: await reply.text() };
    } finally { clearTimeout(alarm); }
  }

  function currentToken() {
    const field = document.querySelector("input[name=csrf_token]");
    return token || (field ? field.value : "");
  }

  /* The token of a page is of the session that made it. After signing in again the page itself gives a new one, if it
     is still the same person. True, or words that say why not. */
  async function renew() {
    let reply;
    try { reply = await request(location.pathname, { headers: { Accept: "text/html" } }); } catch (_) { return words.offline; }
    const page = new DOMParser().parseFromString(reply.text, "text/html");
    const there = page.querySelector("[data-answering]"), field = page.querySelector("input[name=csrf_token]");
    if (!there) return words.signed_out;
    if (there.dataset.account !== box.dataset.account) return words.other_account;
    token = field ? field.value : null;
    document.querySelectorAll("input[name=csrf_token]").forEach((one) => { one.value = token; });
    return true;
  }

  /* Nothing goes out now: everything that waits says so. */
  function stay(text, asks) {
    stuck = true;
    const waiting = drafts.filter((draft) => !draft.held);
    waiting.forEach((draft) => say(draft.question, "offline", keeps ? text : words.not_kept, asks ? signIn() : null));
    return false;
  }

  function saved(draft, form, said, sent) {
    const same = JSON.stringify(draft.fields) === sent;
    if (form) {
      form.elements.seen.value = said.revision;
      const old = card(draft.question).querySelector(".carried");
      if (old) old.hidden = true;
      hideBox(draft.question);
      if (same && draft.fields.some((pair) => pair[0] === "clear")) put(form, draft.fields.filter((pair) => pair[0] !== "value"));
    }
    if (same) drop(draft); else { draft.seen = String(said.revision); draft.tried = []; store(draft); }
    say(draft.question, same ? "saved" : "saving", same ? said.at : words.saving);
    show(said, draft.question);
    return true;
  }

  /* Which questions apply now, and how far the whole has come. */
  function show(said, question) {
    const applies = new Set(said.applies);
    if (!box.classList.contains("alone")) {
      document.querySelectorAll("[data-question]").forEach((one) => { one.hidden = !applies.has(one.dataset.question); });
    }
    box.querySelectorAll("[data-jump]").forEach((one) => { one.hidden = !applies.has(one.dataset.jump); });
    const state = box.querySelector('[data-jump="' + question + '"] [data-jump-state]');
    if (state) state.textContent = said.status;
    const far = box.querySelector("[data-how-far]"), found = card(question);
    if (far && found) far.textContent = said.how_far[found.dataset.section];
  }

  /* Two answers met. What this page itself sent before the line broke is no stranger's: the newer words follow it. */
  function met(draft, form, theirs) {
    const stored = JSON.stringify(asFields(theirs));
    if (draft.tried.some((one) => one === stored)) {
      draft.seen = String(theirs.revision);
      draft.tried = [];
      if (form) form.elements.seen.value = theirs.revision;
      store(draft);
      return true;
    }
    draft.held = words.conflict;
    draft.theirs = theirs;
    store(draft);
    if (form) explain(draft, form);
    return true;
  }

  function asFields(answer) {
    const fields = answer.value.map((one) => ["value", one]).concat([["note", answer.note]]);
    return answer.later ? fields.concat([["later", "1"]]) : fields;
  }

  /* Why a draft is not sent, what stands in it, and the ways out. */
  function explain(draft, form) {
    const place = form.querySelector("[data-unsent]"), row = document.createElement("p");
    row.className = "steps-row";
    const lines = [draft.held, fill(words.yours, { answer: inWords(form, draft.fields) })];
    if (draft.theirs) {
      const theirs = draft.theirs, answer = [theirs.said || words.nothing, theirs.note].filter(Boolean).join(" — ");
      lines.splice(1, 0, fill(words.theirs, { who: theirs.who, answer: answer }));
      row.append(button(words.take_mine, () => takeMine(draft, form)), " ", button(words.take_theirs, () => takeTheirs(draft, form)));
    } else {
      row.append(button(words.discard, () => { drop(draft); location.reload(); }));
    }
    place.replaceChildren(...lines.map((text) => { const one = document.createElement("p"); one.textContent = text; return one; }), row);
    place.hidden = false;
    say(draft.question, "conflict", words.not_saved);
  }

  function takeMine(draft, form) {
    form.elements.seen.value = draft.theirs.revision;
    delete draft.theirs;
    written(form);
  }

  function takeTheirs(draft, form) {
    const theirs = draft.theirs;
    put(form, asFields(theirs));
    form.elements.seen.value = theirs.revision;
    drop(draft);
    hideBox(draft.question);
    say(draft.question, "saved", theirs.at + " · " + theirs.who);
    count();
  }

  function button(text, act) {
    const one = document.createElement("button");
    one.type = "button"; one.className = "plain"; one.textContent = text;
    one.addEventListener("click", act);
    return one;
  }

  function hideBox(question) {
    const form = formOf(question), place = form && form.querySelector("[data-unsent]");
    if (place) { place.hidden = true; place.replaceChildren(); }
  }

  /* The fields of an answer as a reader would say it. */
  function inWords(form, fields) {
    const labels = new Map();
    form.querySelectorAll("[type=radio], [type=checkbox]").forEach((field) => {
      if (field.name === "value") labels.set(field.value, field.labels[0].textContent.replace(/\s+/g, " ").trim());
    });
    const all = (name) => fields.filter((pair) => pair[0] === name && pair[1]).map((pair) => pair[1]);
    const said = all("value").map((value) => labels.get(value) || value).join(", ") || words.nothing;
    return [said, ...all("note")].join(" — ");
  }

  /* The next or previous question that applies now, without asking the server where it is on this page. */
  function go(from, rel) {
    const cards = [...document.querySelectorAll("[data-question]")].filter((one) => !one.hidden || one === from);
    const there = cards[cards.indexOf(from) + (rel === "next" ? 1 : -1)], link = from.querySelector("[rel=" + rel + "]");
    if (there) location.hash = there.id; else if (link) location.href = link.href;
  }

  function listen(form) {
    form.addEventListener("change", () => written(form));
    form.addEventListener("input", (event) => {
      if (event.target.type === "radio" || event.target.type === "checkbox") return;
      say(form.closest("[data-question]").dataset.question, "saving", words.saving);
      clearTimeout(typing.get(form));
      typing.set(form, setTimeout(() => written(form), TYPING));
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const pressed = event.submitter || document.activeElement;
      written(form, pressed).then(() => { if (pressed && pressed.name === "then") go(form.closest("[data-question]"), "next"); });
    });
    const changed = form.querySelector("[data-changed]");
    if (changed) changed.addEventListener("click", (event) => { event.preventDefault(); form.querySelector("fieldset").focus(); });
  }

  /* A number and "we do not know" exclude each other. */
  function exclude(form) {
    const typed = form.querySelector("input[name=value]:not([type=radio]):not([type=checkbox])");
    if (!typed) return;
    const choices = form.querySelectorAll("[type=radio][name=value]");
    typed.addEventListener("input", () => { if (typed.value) choices.forEach((one) => { one.checked = false; }); });
    choices.forEach((one) => one.addEventListener("change", () => { if (one.checked) typed.value = ""; }));
  }

  function restore(draft) {
    const form = formOf(draft.question);
    if (!form) return;
    if (writes) {
      put(form, draft.fields);
      form.elements.seen.value = draft.seen;
    } else if (!draft.held) {
      draft.held = words.refused;
    }
    if (draft.held) explain(draft, form); else say(draft.question, "saving", words.saving);
  }

  drafts.forEach(restore);
  document.querySelectorAll(".way a[rel]").forEach((link) => {
    link.addEventListener("click", (event) => {
      if (box.classList.contains("alone")) return;
      event.preventDefault();
      go(link.closest("[data-question]"), link.rel);
    });
  });
  if (writes) {
    document.querySelectorAll("form.answer-form").forEach((form) => { exclude(form); listen(form); });
    const hurry = () => { wait = FIRST_WAIT; send(); };
    window.addEventListener("online", hurry);
    window.addEventListener("focus", hurry);
    window.addEventListener("offline", () => { if (drafts.length) { stay(words.offline); count(); } });
    window.addEventListener("pagehide", () => [...typing.keys()].forEach((form) => written(form)));
    document.addEventListener("visibilitychange", () => { if (!document.hidden) hurry(); });
    send();
  }
  count();
})();
