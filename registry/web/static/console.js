// Keys, copying, and rows that open: nothing here is needed to work, all of it makes work faster.
"use strict";

const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;
const rows = () => [...document.querySelectorAll(".rows a.open")];

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function press(name) {
  const target = document.querySelector(`[data-key="${name}"]`);
  if (!target || target.disabled) return false;
  if (target.matches("input, select, textarea")) {
    target.focus();
    if (target.select) target.select();
  } else {
    target.click();
  }
  return true;
}

const BOXES = ":is(input:not([type=hidden]), select, textarea)";

function enter(field) {
  if (!field) return false;
  field.focus();
  if (field.select) field.select();
  return true;
}

// To what is missing; then to what somebody has to look at; else to the first box.
const complete = () => enter(document.querySelector(`.field.lacks .value ${BOXES}:not(.pair select)`) ||
  document.querySelector("button[name=vouch]") || document.querySelector(".findings li.error button[name=acknowledge]") ||
  document.querySelector(`#fields ${BOXES}`));

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.metaKey) return;
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (event.ctrlKey) {
    if (event.key === "Enter" && event.target.form) { event.target.form.requestSubmit(); event.preventDefault(); }
    return;
  }
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const actions = {
    j: () => (step(1), true), ArrowDown: () => rows().length && (step(1), true),
    k: () => (step(-1), true), ArrowUp: () => rows().length && (step(-1), true),
    e: complete, r: () => press("review"), s: () => press("send"), x: () => press("export"), n: () => press("next"), c: () => press("correct"),
    b: () => press("inbox"), "/": () => press("search"),
    "?": () => { const help = document.getElementById("help"); if (help) help.showModal(); return Boolean(help); },
  };
  if (actions[event.key] && actions[event.key]()) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const done = () => {
      copy.classList.add("copied");
      copy.dataset.words ??= copy.textContent;
      copy.textContent = copy.dataset.done || "✓";
      setTimeout(() => { copy.textContent = copy.dataset.words; }, 1500);
      const tick = copy.closest(".field")?.querySelector(".tick input");
      if (tick && !tick.checked) tick.click();
    };
    if (navigator.clipboard) navigator.clipboard.writeText(copy.dataset.copy).then(done, () => copySelection(copy.dataset.copy, done));
    else copySelection(copy.dataset.copy, done);
    return;
  }
  const row = event.target.closest(".rows tbody tr");
  if (row && !event.target.closest("a, button, input, select")) row.querySelector("a.open")?.click();
});

function copySelection(text, done) {
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  if (document.execCommand("copy")) done();
  area.remove();
}

document.addEventListener("change", (event) => {
  if (event.target.matches(".tick input")) event.target.closest(".field").classList.toggle("done", event.target.checked);
  const auto = event.target.closest("[data-submit]");
  if (auto) auto.form.requestSubmit();
});

// A form that was changed is not left by mistake.
let changed = Boolean(document.querySelector("#fields:is([data-kept], [data-unsaved])"));
document.addEventListener("input", (event) => { if (event.target.closest("#fields")) changed = true; });
document.addEventListener("submit", (event) => { if (event.target.id === "fields") changed = false; });
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

// Rows that have come since the last look stand out for a moment.
let known = null;
function mark() {
  const ids = new Set(rows().map((each) => each.id));
  if (known) rows().forEach((each) => { if (!known.has(each.id)) each.closest("tr").classList.add("fresh"); });
  if (document.querySelector(".rows")) known = ids;
}
document.addEventListener("DOMContentLoaded", () => {
  mark();
  document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  enter(document.querySelector(`form[data-kept] ${BOXES}`));
  enter(document.querySelector(`.field:has(> .note.error) ${BOXES}:not(.pair select), #fields [aria-invalid="true"]`));
});
document.addEventListener("htmx:afterSettle", mark);
