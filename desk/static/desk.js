// Speed, never function: every page works without this file. One file, no build.
// Texts come from data-t-* on <body>, so both languages share this code.
"use strict";
const T = document.body.dataset;
const $ = (query, root = document) => root.querySelector(query);
const all = (query, root = document) => [...root.querySelectorAll(query)];
const zone = { timeZone: "Asia/Ho_Chi_Minh", hourCycle: "h23" };
let offset = Date.parse(T.now) - Date.now(); // server clock minus this clock, ms
const now = () => Date.now() + offset;
const hm = (ms, second) => new Intl.DateTimeFormat("en-GB", { ...zone, hour: "2-digit", minute: "2-digit", second }).format(ms);
const say = (text) => { $("#say").textContent = text; };
function toast(text, amber) {
  $("#toast").textContent = text;
  $("#toast").classList.toggle("is-amber", Boolean(amber));
}

// --- Countdowns: on server time, because the clocks of laptops are wrong.
function span(ms) {
  const minutes = Math.floor(ms / 60000), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
  if (minutes < 1) return T.tUnder;
  if (hours < 1) return `${minutes} ${T.tMinute}`;
  if (days < 1) return `${hours} ${T.tHour}${minutes % 60 ? " " + (minutes % 60) : ""}`;
  return `${days} ${T.tDay}${hours % 24 ? ` ${hours % 24} ${T.tHour}` : ""}`;
}
function countDown(first) {
  for (const time of all("time[data-due]")) {
    const left = Date.parse(time.dataset.due) - now(), minutes = Math.floor(left / 60000), box = time.closest(".due");
    const text = (left < 0 ? T.tLate : T.tLeft).replace("{}", span(Math.abs(left)));
    const shown = $(".left", box);
    if (shown && shown.textContent !== `(${text})`) shown.textContent = `(${text})`;
    box?.classList.toggle("is-late", left < 0);
    box?.classList.toggle("is-soon", left >= 0 && left < 3600000);
    // Read aloud at four moments only; a voice every second would drown the page.
    const mark = [60, 15, 5, 0].find((m) => m === minutes);
    if (mark !== undefined && time.dataset.said !== String(mark)) {
      time.dataset.said = mark;
      if (!first) say(`${time.dataset.label} ${text}`);
    }
  }
  const clock = $("#now");
  if (clock) clock.textContent = clock.textContent.replace(/^\d\d:\d\d/, hm(now()));
}
setInterval(countDown, 5000, false);

// --- Live: the same address again; only what changed and what nobody is touching is replaced.
const live = { every: Number(T.liveSeconds) * 1000, misses: 0, since: 0, etag: "", timer: 0, html: new Map() };
const remember = (part) => live.html.set(part.id, part.outerHTML);
all("[data-live]").forEach(remember);
function held(part) {
  const selection = document.getSelection();
  const touched = (f) => (f.type === "radio" || f.type === "checkbox" ? f.checked !== f.defaultChecked
    : f.tagName === "SELECT" ? [...f.options].some((o) => o.selected !== o.defaultSelected) : f.value !== f.defaultValue);
  return (part.contains(document.activeElement) || part.matches(":target") || $("dialog[open], details[open][data-touched]", part)
    || (!selection.isCollapsed && selection.containsNode(part, true)) || all("input, textarea, select", part).some(touched));
}
function replace(old, fresh) {
  live.html.set(fresh.id, fresh.outerHTML);
  old.replaceWith(document.importNode(fresh, true));
}
// A list under the pointer or holding focus keeps its order; known rows are renewed in place, new ones wait behind a bar.
function replaceRows(old, fresh) {
  const known = new Set(all("[id]", old).map((row) => row.id));
  const news = [...fresh.children].filter((row) => row.id && !known.has(row.id));
  const bar = $(`[data-news-of="${old.id}"]`);
  if (!old.matches(":hover") && !held(old)) { bar?.remove(); return replace(old, fresh); }
  for (const row of fresh.children) {
    const mine = row.id && document.getElementById(row.id);
    if (mine && !mine.matches(":hover") && !held(mine) && live.html.get(row.id) !== row.outerHTML) replace(mine, row);
  }
  if (!news.length) return bar?.remove();
  const button = bar || Object.assign(document.createElement("button"), { type: "button", className: "news" });
  button.dataset.newsOf = old.id;
  button.textContent = (old.dataset.news || T.tNews).replace("{}", news.length);
  button.onclick = () => { replace(document.getElementById(old.id), fresh); button.remove(); countDown(true); };
  if (!bar) document.body.append(button);
}
function apply(page) {
  for (const fresh of all("[data-live]", page)) {
    const old = document.getElementById(fresh.id);
    if (!old || live.html.get(fresh.id) === fresh.outerHTML) continue;
    if (fresh.dataset.live === "rows") replaceRows(old, fresh);
    else if (!held(old)) replace(old, fresh);
  }
  document.title = page.title;
  countDown(true);
}
const ended = (answer) => answer.status === 401 || (answer.redirected && new URL(answer.url).pathname === "/login");
async function look() {
  const answer = await fetch(location.href, { headers: { "X-Live": "1", ...(live.etag && { "If-None-Match": live.etag }) }, cache: "no-store" });
  if (answer.status >= 500) throw new Error(answer.status);
  if (ended(answer)) return signIn();
  if (answer.headers.get("Date")) offset = Date.parse(answer.headers.get("Date")) - Date.now();
  if (answer.status !== 200 && answer.status !== 304) { live.every = 0; return; } // this address cannot be read again
  if (answer.status === 200) {
    live.etag = answer.headers.get("ETag") || "";
    apply(new DOMParser().parseFromString(await answer.text(), "text/html"));
  }
  $("#updated").textContent = hm(now(), "2-digit");
}
async function beat() {
  clearTimeout(live.timer);
  if (!live.every || document.hidden) return;
  try {
    await look();
    if (live.misses > 1) toast("");
    live.misses = 0;
  } catch {
    if (!live.misses++) live.since = now();
    if (live.misses > 1) toast(T.tLost.replace("{}", hm(live.since)), true);
  }
  clearTimeout(live.timer);
  live.timer = setTimeout(beat, live.misses ? [10, 20, 40, 60][Math.min(live.misses, 4) - 1] * 1000 : live.every);
}
if (live.every) {
  live.timer = setTimeout(beat, live.every);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
}
countDown(true);

// --- An ended session: the sign-in form in a dialog, over the page whose text stays.
function renewToken(page) {
  const token = $('meta[name="csrf-token"]', page)?.content;
  if (!token) return;
  $('meta[name="csrf-token"]').content = token;
  all('input[name="csrf_token"]').forEach((field) => { field.value = token; });
}
async function signIn() {
  const dialog = $("#signin");
  if (!dialog || dialog.open) return;
  showLogin(await fetch("/login", { cache: "no-store" }));
  dialog.showModal();
}
async function showLogin(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const form = $("main form", page), dialog = $("#signin");
  renewToken(page);
  if (!form || new URL(answer.url).pathname !== "/login") { dialog.close(); return beat(); }
  const note = Object.assign(document.createElement("p"), { textContent: T.tSignin });
  $("div", dialog).replaceChildren(note, ...all("#errors", page), form);
  form.onsubmit = async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    try { showLogin(await fetch("/login", { method: "POST", body: fields })); } catch { toast(T.tSlow, true); }
  };
  $("input:not([type=hidden])", form)?.focus();
}

// --- Drafts: kept by the server, nothing in browser storage.
const dirty = new Set();
const written = (form, skip) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token"
  && $(`[name="${CSS.escape(name)}"]`, form)?.type !== "password" && !(skip && !value));
async function keepDraft(form) {
  if (!dirty.delete(form) || form.dataset.sending) return;
  const state = $("[data-draft-state]", form) || $("#say");
  try {
    const headers = { "X-CSRFToken": $('meta[name="csrf-token"]').content, "X-Live": "1" };
    const answer = await fetch(`/drafts/${form.dataset.draft}`, { method: "POST", headers, body: new URLSearchParams(written(form)), keepalive: true });
    if (ended(answer)) signIn();
    if (!answer.ok || ended(answer)) throw new Error(answer.status);
    state.textContent = T.tDraft.replace("{}", hm(now(), "2-digit"));
  } catch {
    dirty.add(form);
    state.textContent = T.tNoDraft;
  }
}
const keepAll = () => dirty.forEach(keepDraft);
setInterval(keepAll, 3000);
document.addEventListener("focusout", keepAll);
document.addEventListener("visibilitychange", () => { if (document.hidden) keepAll(); });

// --- Who will be told: shown before saving. Values are cut at 300 characters, for they travel in an address.
const waiting = new WeakMap();
function preview(form) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(async () => {
    const query = new URLSearchParams(written(form, true).filter(([name]) => name.match(form.dataset.previewOnly || "")).map(([name, value]) => [name, value.slice(0, 300)]));
    try {
      const answer = await fetch(`${form.dataset.previewUrl}?${query}`, { headers: { "X-Live": "1" }, cache: "no-store" });
      if (!answer.ok || ended(answer)) return;
      const part = new DOMParser().parseFromString(await answer.text(), "text/html");
      $("#preview").replaceChildren(...part.body.childNodes);
    } catch { /* the last answer stays */ }
  }, 600));
}
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.dataset.draft) dirty.add(form);
  if (form?.dataset.previewUrl) preview(form);
});

// --- Saving: a plain form post that cannot be pressed twice and says that it is under way.
document.addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sending) return event.preventDefault();
  form.dataset.sending = "1";
  button?.setAttribute("aria-disabled", "true");
  setTimeout(() => { if (button && form.dataset.sending) { button.dataset.was = button.textContent; button.textContent = T.tSaving; } }, 150);
  setTimeout(() => { if (form.dataset.sending) toast(T.tSlow, true); }, 4000);
});
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// --- Pictures: pasted or dropped into the form go where a chosen file goes.
function addFiles(input, files) {
  const pictures = [...files].filter((file) => file.type.startsWith("image/"));
  if (!pictures.length) return false;
  const box = new DataTransfer();
  [...(input.multiple ? input.files : []), ...pictures].forEach((file) => box.items.add(file));
  input.files = box.files;
  showThumbs(input);
  return true;
}
async function showThumbs(input) {
  const thumbs = input.form && $(".thumbs", input.form);
  if (!thumbs) return;
  thumbs.replaceChildren();
  for (const file of input.files) {
    try { // drawn small: a telephone's photo as a data address would be too much for an old telephone
      const bitmap = await createImageBitmap(file, { resizeHeight: 96 });
      const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", file.name);
      canvas.getContext("2d").drawImage(bitmap, 0, 0);
      thumbs.append(canvas);
    } catch { thumbs.append(file.name); }
  }
}
const target = (event) => $("input[type=file][data-paste]", event.target.closest?.("form") || document);
document.addEventListener("change", (event) => { if (event.target.matches("input[type=file][data-paste]")) showThumbs(event.target); });
document.addEventListener("paste", (event) => { const input = target(event); if (input && addFiles(input, event.clipboardData.files)) event.preventDefault(); });
document.addEventListener("dragover", (event) => { if (moved || target(event)) event.preventDefault(); });
document.addEventListener("drop", (event) => { const input = target(event); if (input && addFiles(input, event.dataTransfer.files)) event.preventDefault(); });

// --- A dragged step posts what its arrows post.
let moved;
document.addEventListener("dragstart", (event) => { moved = event.target.closest?.("[data-move]"); });
document.addEventListener("drop", (event) => {
  const over = moved && event.target.closest("[data-move]"), form = over?.closest("form");
  if (!form) return;
  form.step.value = moved.dataset.move;
  form.to.value = over.dataset.to;
  form.requestSubmit();
});

// --- Keys: an element names its key in data-key; a field is focused, everything else is pressed.
let before = "";
const moveRow = (by) => {
  const rows = all("a[data-row]"), at = rows.findIndex((link) => link.closest("tr, li")?.contains(document.activeElement));
  rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
};
function press(key) {
  const row = document.activeElement.closest("tr, li");
  const it = (row && $(`[data-key="${CSS.escape(key)}"]`, row)) || $(`[data-key="${CSS.escape(key)}"]`);
  if (!it) return false;
  if (it.matches("textarea, select, input:not([type=submit], [type=button])")) it.focus(); else it.click();
  return true;
}
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const field = event.target.closest("input, textarea, select, [contenteditable]"), form = event.target.form;
  if (event.ctrlKey && event.key === "Enter" && form?.method === "post") { event.preventDefault(); return form.requestSubmit($(".btn-primary", form)); }
  if (T.keys === "off" || event.ctrlKey || event.metaKey) return;
  const level = event.altKey && /^Digit[1-4]$/.test(event.code) && $(`input[name=severity][value="${event.code[5]}"]`);
  if (level) { event.preventDefault(); level.click(); return level.focus(); }
  if (event.key === "Escape" && field) return field.blur();
  if (event.key === "Escape") {
    all("details.menu[open]").forEach((menu) => { menu.open = false; });
    if (location.hash === "#rail") location.hash = "#main";
  }
  if (field || event.altKey || $("dialog[open]") || event.key.length > 1) return;
  if (event.key === "j" || event.key === "k") return moveRow(event.key === "j" ? 1 : -1);
  const chord = before === "g" ? `g ${event.key}` : event.key;
  before = event.key;
  if (press(chord)) event.preventDefault();
});
document.addEventListener("click", (event) => {
  event.target.closest("summary")?.parentElement.setAttribute("data-touched", "");
  const link = event.target.closest('a[href^="#"]'), goal = link && document.getElementById(link.hash.slice(1));
  if (link?.closest("dialog[open]")) { event.preventDefault(); link.closest("dialog").close(); }
  else if (goal?.tagName === "DIALOG") { event.preventDefault(); goal.showModal(); }
  else if (goal?.matches("input")) { event.preventDefault(); goal.focus(); }
  all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
