// Speed, not function: without this file every form posts and the page reloads.
"use strict";
(() => {
  const page = document.body.dataset;
  const error = document.getElementById("error");
  const scroll = document.getElementById("scroll");
  const composer = document.getElementById("composer");
  const FOCUSABLE = "a, button, summary, textarea, input, select";
  const drawn = new WeakMap(); // element → the HTML it was drawn from; an opened <details> does not count as a change
  const UPLOAD_MAX = 25 * 1024 * 1024;
  let etag = "";
  let misses = 0;
  let timer = 0;

  const remember = (region) => { for (const child of region.children) drawn.set(child, child.outerHTML); };
  const regions = [...document.querySelectorAll("[data-region]")];
  regions.forEach(remember);

  const isBusy = (element) =>
    element.querySelector("details[open]") !== null || element.contains(document.activeElement?.closest("textarea"));

  function replace(old, fresh) {
    const at = [...old.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
    old.replaceWith(fresh);
    if (at < 0) return;
    const next = fresh.querySelectorAll(FOCUSABLE)[at];
    if (next) { next.focus({ preventScroll: true }); return; }
    fresh.tabIndex = -1;
    fresh.focus({ preventScroll: true });
  }

  function sync(region, html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = [...template.content.children];
    const wanted = new Set(fresh.map((one) => one.id));
    for (const child of [...region.children]) if (!wanted.has(child.id)) child.remove();
    fresh.forEach((one, at) => {
      const source = one.outerHTML;
      let old = [...region.children].find((child) => child.id === one.id);
      if (!old) {
        region.insertBefore(one, region.children[at] ?? null);
        drawn.set(one, source);
      } else if (drawn.get(old) !== source && !isBusy(old)) {
        replace(old, one);
        drawn.set(one, source);
      }
    });
  }

  const isAtEnd = () => !scroll || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const toEnd = () => { if (scroll) scroll.scrollTop = scroll.scrollHeight; };

  function say(sentence) { if (error) error.textContent = sentence; }

  async function look() {
    clearTimeout(timer);
    try {
      const answer = await fetch(page.live, { headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store" });
      if (answer.status === 200) {
        etag = answer.headers.get("ETag") ?? "";
        const parts = await answer.json();
        const stay = isAtEnd();
        regions.forEach((region) => sync(region, parts[region.id]));
        if (stay) toEnd();
      }
      if (misses > 1) say("");
      misses = 0;
    } catch {
      misses += 1;
      if (misses === 2) say(page.lost);
    }
    if (!document.hidden) timer = setTimeout(look, Math.min(1000 * 2 ** misses, 10000));
  }

  function mayUpload(form) {
    const file = form.querySelector("input[type=file]")?.files[0];
    if (file && file.size > UPLOAD_MAX) { say(page.big); return false; }
    return true;
  }

  async function post(form, button) {
    if (!mayUpload(form)) return;
    const body = new FormData(form, button);
    if (button) button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const said = answer.ok ? {} : await answer.json().catch(() => ({ error: page.unsent }));
      say(said.error ?? "");
      if (answer.ok && form === composer) { form.reset(); toEnd(); }
      if (answer.ok) form.closest("details.edit")?.removeAttribute("open");
    } catch {
      say(page.unsent);
    }
    if (button) button.disabled = false;
    if (button && document.activeElement === document.body) button.focus({ preventScroll: true });
    await look();
    if (form === composer) toEnd();
  }

  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    event.preventDefault();
    post(event.target, event.submitter);
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "text" || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    if (matchMedia("(pointer: coarse)").matches) return; // a thumb needs Enter for a new line
    event.preventDefault();
    composer.requestSubmit(composer.querySelector(".primary"));
  });

  document.addEventListener("input", (event) => {
    if (event.target.id === "ms") document.querySelector("output[for=ms]").value = event.target.value;
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "ms") event.target.form.requestSubmit();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });

  toEnd();
  look();
})();
