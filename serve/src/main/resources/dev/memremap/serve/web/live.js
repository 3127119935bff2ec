// SPDX-License-Identifier: Apache-2.0
// Keeps the page up to date: figures and events at once, the picture as often as it can be drawn.
import { again, say } from "./swap.js";

const EVENTS = 50;
const LEAST_PAUSE = 500;

let isDrawing = false;
let isStale = false;

/** Draws anew, and then pauses for at least as long as that took. */
async function draw() {
  if (isDrawing || document.hidden) {
    isStale = true;
    return;
  }
  isDrawing = true;
  isStale = false;
  const began = performance.now();
  await again();
  const pause = Math.max(LEAST_PAUSE, 2 * (performance.now() - began));
  setTimeout(() => {
    isDrawing = false;
    if (isStale) {
      draw();
    }
  }, pause);
}

function figures(totals) {
  for (const [id, value] of Object.entries(totals)) {
    const place = document.querySelector(`[data-total="${CSS.escape(id)}"]`);
    if (place) {
      place.textContent = value.toLocaleString("en");
    }
  }
}

function events(newest) {
  const list = document.getElementById("event-list");
  if (!list) {
    return;
  }
  for (const event of newest.toReversed()) {
    if (list.querySelector(`[data-number="${event.number}"]`)) {
      continue;
    }
    const item = document.createElement("li");
    const time = document.createElement("time");
    const words = document.createElement("span");
    item.dataset.number = event.number;
    time.dateTime = new Date(event.millis).toISOString();
    time.textContent = event.time;
    words.textContent = event.words;
    item.append(time, words);
    list.prepend(item);
  }
  while (list.children.length > EVENTS) {
    list.lastElementChild.remove();
  }
}

function state(name, words) {
  const status = document.getElementById("status");
  if (status.textContent !== words) {
    say(words);
  }
  status.className = "status " + name;
}

export function live() {
  if (document.body.dataset.live !== "true") {
    return;
  }
  const source = new EventSource("events");
  source.addEventListener("message", (message) => {
    const pulse = JSON.parse(message.data);
    figures(pulse.totals);
    events(pulse.events);
    if (pulse.ended) {
      state("ended", pulse.ended);
      source.close();
    } else if (pulse.trouble) {
      state("trouble", pulse.trouble);
    } else {
      state("live", "live");
    }
    document.body.dataset.told = String(pulse.version);
    if (document.body.dataset.told !== document.body.dataset.version) {
      draw();
    }
  });
  source.addEventListener("error", () => state("ended", "memremap serve does not answer; trying again"));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && isStale) {
      draw();
    }
  });
}
