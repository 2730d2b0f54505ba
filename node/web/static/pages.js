// What the pages do on top of what works without any of this.
"use strict";

// --- passkeys: the browser's answer goes into the form, and the form is sent as any other
const canUsePasskeys = Boolean(window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON);

async function askPasskey(form) {
  const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
  const options = await answer.json();
  const credential = form.dataset.passkey === "create"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  form.elements.answer.value = JSON.stringify(credential.toJSON());
  form.submit();
}

if (canUsePasskeys) {
  for (const part of document.querySelectorAll(".with-passkey")) part.hidden = false;
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.passkey || form.elements.answer.value) return;
  event.preventDefault();
  form.querySelector("[data-fault]").hidden = true;
  askPasskey(form).catch(() => { form.querySelector("[data-fault]").hidden = false; });
});

// --- what is wrong with a form is read out and seen first
const faults = document.getElementById("faults");
if (faults) faults.focus();

// --- a second click sends nothing
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// --- what is typed is kept: a moment after the last key
let keeping = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-keep]");
  if (form) keepSoon(form, 1500);
});
function keepSoon(form, ms) {
  clearTimeout(keeping);
  keeping = setTimeout(() => {
    const fields = new FormData(form);
    for (const [name, value] of [...fields]) if (typeof value !== "string") fields.delete(name);
    fields.set("kept_page", location.pathname);
    // Where the node does not answer just now, it may a moment later.
    fetch("/drafts", { method: "POST", body: new URLSearchParams(fields) }).catch(() => keepSoon(form, 5000));
  }, ms);
}

// --- hide the screen: Shift three times, or Escape to come back to where one was
const cover = document.getElementById("cover");
let shifts = 0;
let before = null;
function hide(isHidden) {
  if (isHidden === !cover.hidden) return;
  if (isHidden) before = document.activeElement;
  cover.hidden = !isHidden;
  // What is covered is neither reached nor read out.
  for (const each of document.body.children) if (each !== cover) each.inert = isHidden;
  (isHidden ? cover : before).focus();
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide(false);
  shifts = event.key === "Shift" && !event.repeat ? shifts + 1 : 0;
  if (shifts === 3) { shifts = 0; hide(true); }
});

// --- print, and show a picture that is blurred
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// --- something urgent has come: the title counts, and a tone sounds where the browser allows
document.addEventListener("htmx:after:swap", () => noticeUrgent());
let urgentBefore = null;
function noticeUrgent() {
  const counted = document.querySelector("[data-urgent]");
  if (!counted) return;
  const count = Number(counted.dataset.urgent);
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = count ? `(${count}) ${title}` : title;
  if (urgentBefore !== null && count > urgentBefore) sound();
  urgentBefore = count;
}
function sound() {
  try {
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    tone.frequency.value = 660;
    tone.connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.4);
  } catch { /* the browser does not allow it before somebody has clicked */ }
}
noticeUrgent();

// --- a tick for a whole group: all of it but what is sensitive
function partsOf(whole) {
  return [...whole.closest("fieldset").querySelectorAll("input[type=checkbox]:not([data-all])")];
}
function showWhole(whole) {
  const parts = partsOf(whole).filter((each) => !("sensitive" in each.dataset));
  const ticked = parts.filter((each) => each.checked).length;
  whole.disabled = !parts.length;
  whole.checked = parts.length > 0 && ticked === parts.length;
  whole.indeterminate = ticked > 0 && ticked < parts.length;
}
for (const whole of document.querySelectorAll("input[data-all]")) {
  whole.closest("label").hidden = false;
  showWhole(whole);
}
document.addEventListener("change", (event) => {
  const fieldset = event.target.closest("fieldset.ticks");
  const whole = fieldset && fieldset.querySelector("input[data-all]");
  if (!whole) return;
  if (event.target === whole) {
    for (const each of partsOf(whole)) if (!("sensitive" in each.dataset) || !whole.checked) each.checked = whole.checked;
  }
  showWhole(whole);
}, true);

// --- a screen that nobody touches locks itself, as the node does; what was typed is kept already
const LOCK_AFTER_MS = 15 * 60 * 1000;
const lockForm = document.getElementById("lock");
const tabs = new BroadcastChannel("homeward");
let touchedAt = Date.now();
let toldAt = 0;
function touched() {
  touchedAt = Date.now();
  if (touchedAt - toldAt < 5000) return;
  toldAt = touchedAt;
  tabs.postMessage("touched");
}
for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) document.addEventListener(kind, touched, { capture: true, passive: true });
tabs.addEventListener("message", (event) => {
  if (event.data === "touched") touchedAt = Date.now();
  // Somebody has left in another tab: this one shows nothing either.
  else setTimeout(() => location.replace(`/unlock?next=${encodeURIComponent(location.pathname)}`), 1000);
});
if (lockForm) {
  const watch = setInterval(() => {
    if (Date.now() - touchedAt < LOCK_AFTER_MS) return;
    clearInterval(watch);
    tabs.postMessage("left");
    lockForm.submit();
  }, 10_000);
  document.addEventListener("submit", (event) => {
    if (["/lock", "/sign-out"].includes(new URL(event.target.action).pathname)) tabs.postMessage("left");
  });
}
