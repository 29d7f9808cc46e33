// The lanes live, a keypad for gloves, and a check digit while it is typed. Without it the page still works, by reloading.
"use strict";

const live = document.querySelector("[data-live]");
if (live) {
  const cut = document.getElementById("cut");
  const stream = new EventSource(live.dataset.live);
  stream.onopen = () => { cut.hidden = true; };
  stream.onerror = () => {
    cut.hidden = false;
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
  };
  stream.addEventListener("ended", () => { stream.close(); location.reload(); });
  stream.onmessage = (message) => {
    const { part, html } = JSON.parse(message.data);
    const place = document.getElementById(part);
    if (!place) { location.reload(); return; }
    const held = document.activeElement && place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    place.innerHTML = html;
    if (held) [...place.querySelectorAll("a")].find((each) => each.getAttribute("href") === held)?.focus();
  };
  window.addEventListener("pagehide", () => stream.close());
}

// Parts of a page that are asked for once a second; what differs is exchanged, so that a picture does not flicker.
const polled = document.querySelector("[data-poll]");
if (polled) {
  const cut = document.getElementById("cut");
  const shown = {};
  const ask = async () => {
    try {
      const answer = await fetch(polled.dataset.poll, { headers: { accept: "application/json" }, redirect: "manual" });
      if (answer.type === "opaqueredirect") { location.reload(); return; }
      const { parts } = await answer.json();
      for (const [part, html] of Object.entries(parts)) {
        const place = document.getElementById(part);
        if (place && shown[part] !== html) { place.innerHTML = html; shown[part] = html; }
      }
      cut.hidden = true;
    } catch { cut.hidden = false; }
    setTimeout(ask, document.hidden ? 5000 : 1000);
  };
  setTimeout(ask, 1000);
}

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

// ISO 6346, 3.1.4 and annex A: letters count 10 to 38 without the multiples of 11, each place twice the one before.
function checkDigit(number) {
  let sum = 0;
  for (let place = 0; place < 10; place += 1) {
    const sign = number.charCodeAt(place);
    let value = sign - 48;
    if (sign >= 65) { value = sign - 55; value += Math.floor((value - 1) / 10); }
    sum += value * 2 ** place;
  }
  return String((sum % 11) % 10);
}

function judge(input) {
  const output = input.form.querySelector(".feedback");
  const number = input.value.toUpperCase().replace(/[^A-Z0-9]/g, "");
  output.className = "feedback";
  output.textContent = "";
  if (!/^[A-Z]{4}[0-9]{6,7}$/.test(number)) return;
  const digit = checkDigit(number);
  const good = number.length === 11 && number[10] === digit;
  output.classList.add(good ? "good" : "bad");
  output.textContent = good ? input.dataset.good : `${input.dataset.bad} ${digit}`;
}

const KEYS = { digits: "123456789⌫0C", container: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789⌫" };
for (const input of document.querySelectorAll("[data-keypad]")) {
  const pad = document.createElement("div");
  pad.className = `keypad ${input.dataset.keypad}`;
  for (const key of KEYS[input.dataset.keypad]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = key;
    button.addEventListener("click", () => {
      if (key === "⌫") input.value = input.value.slice(0, -1);
      else if (key === "C" && input.dataset.keypad === "digits") input.value = "";
      else input.value += key;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    pad.append(button);
  }
  input.closest("label").after(pad);
  if (input.dataset.keypad === "container") {
    input.addEventListener("input", () => judge(input));
    judge(input);
  }
}
