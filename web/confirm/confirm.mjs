// SPDX-License-Identifier: Apache-2.0
// The trusted display in a browser of this machine.  It shows the number as the
// role wrote it, and sends what a person typed; the role decides.
import { thousandths } from "./decimal.mjs";

const POLL_MS = 500;
const LOOK_MS = 800; // a question has to be seen this long before a yes counts

const at = (id) => document.getElementById(id);
let question = null;
let shownAt = 0;
let lapsesAt = 0;

// In a frame somebody else decides what is seen around us: then there is nothing.
if (window.top !== window.self) {
  document.documentElement.replaceChildren();
  throw new Error("not in a frame");
}

function unitOf(ask) {
  if (ask.number === "") {
    return "";
  }
  if (ask.kind === "glucagon") {
    return "mg GLUCAGON";
  }
  return ask.kind === "temporary-basal" || ask.kind === "basal" ? "U/h" : "U";
}

function show(ask) {
  const isNew = question === null || question.ticket !== ask.ticket;

  if (isNew) {
    at("again").value = "";
    at("pin").value = "";
    at("hint").textContent = "";
    at("done").textContent = "";
    shownAt = performance.now();
  }
  question = ask;
  lapsesAt = performance.now() + ask.lapses_s * 1000;
  at("amount").textContent = ask.number;
  at("unit").textContent = unitOf(ask);
  at("words").textContent = ask.text;
  at("why").hidden = !ask.number_again;
  at("why").textContent = ask.button
    ? "Not usual: the pump will want its own button, too."
    : "A large or lasting change: look twice.";
  at("again-label").hidden = !ask.number_again;
  at("pin-label").hidden = !ask.pin;
  at("ask").hidden = false;
  at("idle").hidden = true;
}

function clear() {
  question = null;
  at("again").value = "";
  at("pin").value = "";
  at("amount").textContent = "";
  at("ask").hidden = true;
  at("idle").hidden = false;
}

// What is missing before a yes, in words; "" when nothing is.
function missing(ask) {
  const typed = at("again").value;

  if (ask.number_again) {
    if (typed === "") {
      return "Type the number as it is shown.";
    }
    if (thousandths(typed) === null) {
      return "Digits, and one point or comma with one or two digits behind it.";
    }
    if (thousandths(typed) !== thousandths(ask.number)) {
      return "That is not the number that is shown.";
    }
  }
  if (ask.pin && !/^[0-9]{4,12}$/.test(at("pin").value)) {
    return "Type the PIN, 4 to 12 digits.";
  }
  return "";
}

function refresh() {
  if (question === null) {
    return;
  }

  const left = Math.max(0, Math.ceil((lapsesAt - performance.now()) / 1000));
  const seen = performance.now() - shownAt >= LOOK_MS;

  at("left").textContent = `Lapses in ${left} s.`;
  at("yes").disabled =
    !seen || left === 0 || document.hidden || missing(question) !== "";
  at("hint").textContent =
    at("again").value === "" ? at("hint").textContent : missing(question);
}

async function say(line) {
  const answer = await fetch("act", {
    method: "POST",
    headers: { "Content-Type": "text/plain" },
    body: line,
  });
  const told = await answer.json();

  at("pin").value = "";
  if (told.done === undefined) {
    at("hint").textContent =
      told.error + (told.wait_s > 0 ? ` (${told.wait_s} s)` : "");
  } else {
    at("done").textContent = line.startsWith("approve")
      ? "Approved. The pump does it now, or asks for its button."
      : "Not done.";
    clear();
  }
}

// Only a click: a submit that a script brings about counts as a person's.
at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
});

at("yes").addEventListener("click", (event) => {
  refresh();
  if (event.isTrusted && question !== null && !at("yes").disabled) {
    const number = question.number_again ? at("again").value : "-";
    const pin = question.pin ? ` ${at("pin").value}` : "";

    void say(`approve ${question.ticket} ${number}${pin}`);
  }
});

at("no").addEventListener("click", (event) => {
  if (event.isTrusted && question !== null) {
    void say(`decline ${question.ticket}`);
  }
});

// Whatever lies over us for a moment starts the look anew.
document.addEventListener("visibilitychange", () => {
  shownAt = performance.now();
});
window.addEventListener("blur", () => {
  shownAt = performance.now();
});

async function look() {
  try {
    const answer = await fetch("state");
    const ask = await answer.json();

    if (!answer.ok) {
      clear();
      at("idle").textContent = ask.error;
    } else if (ask.show === "ask") {
      show(ask);
    } else {
      clear();
      at("idle").textContent =
        ask.show === "limits"
          ? "Limits would change: see dosegate limits in a terminal."
          : "Nothing waits for you.";
    }
  } catch {
    clear();
    at("idle").textContent = "The phone's domain does not answer.";
  }
}

setInterval(() => void look(), POLL_MS);
setInterval(refresh, 100);
at("again").addEventListener("input", refresh);
at("pin").addEventListener("input", refresh);
void look();
