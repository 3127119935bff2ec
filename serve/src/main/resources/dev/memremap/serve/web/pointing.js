// SPDX-License-Identifier: Apache-2.0
// Points at the map: a click chooses a box, drawing over several chooses their range, a double click or Enter zooms in.
// The bytes that are chosen stand in the form that asks about them.
import { show } from "./swap.js";

let first = null;
let chosen = null;

const boxes = () => [...document.querySelectorAll(".picture .box[data-start]")];
const start = (box) => BigInt(box.dataset.start);
const end = (box) => BigInt(box.dataset.end);
const hex = (number) => "0x" + number.toString(16);

function boxAt(event) {
  return event.target.closest?.(".picture .box[data-start]");
}

/** The least range that has both boxes. */
function range(one, other) {
  const low = start(one) < start(other) ? start(one) : start(other);
  const high = end(one) > end(other) ? end(one) : end(other);
  return { low, high };
}

function choose({ low, high }) {
  chosen = { low, high };
  for (const box of boxes()) {
    const isIn = start(box) >= low && end(box) <= high;
    box.classList.toggle("selected", isIn);
  }
  const where = document.getElementById("where");
  if (where) {
    where.value = hex(low) + "-" + hex(high);
  }
}

function zoom({ low, high }) {
  const address = new URL(location.href);
  address.searchParams.set("at", hex(low) + "-" + hex(high));
  address.searchParams.delete("find");
  chosen = null;
  show(address.href);
}

/** One box can be reached by Tab, and the arrows go to the others. */
function rove(box, focus) {
  for (const each of document.querySelectorAll(".picture .box[tabindex='0']")) {
    each.setAttribute("tabindex", "-1");
  }
  box.setAttribute("tabindex", "0");
  if (focus) {
    box.focus();
  }
}

function prepare() {
  const all = boxes();
  all.forEach((box) => box.setAttribute("tabindex", "-1"));
  if (all.length > 0) {
    rove(all.find((box) => box.classList.contains("selected")) || all[0], false);
  }
}

function key(event) {
  const box = event.target.closest?.(".picture .box[data-start]");
  if (!box) {
    return;
  }
  const all = boxes();
  const at = all.indexOf(box);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (next !== undefined) {
    event.preventDefault();
    const to = all[Math.max(0, Math.min(all.length - 1, next))];
    rove(to, true);
    if (event.shiftKey && chosen) {
      choose(range(to, box));
    }
  } else if (event.key === " ") {
    event.preventDefault();
    choose(range(box, box));
  } else if (event.key === "Enter") {
    event.preventDefault();
    zoom(range(box, box));
  }
}

export function point() {
  document.addEventListener("pointerdown", (event) => {
    first = event.button === 0 ? boxAt(event) : null;
    if (first && event.pointerType === "mouse") {
      event.preventDefault();
      rove(first, true);
    }
  });
  document.addEventListener("pointermove", (event) => {
    const box = first && event.buttons === 1 && boxAt(event);
    if (box && box !== first) {
      choose(range(first, box));
    }
  });
  document.addEventListener("pointerup", (event) => {
    const box = first && boxAt(event);
    if (box) {
      choose(range(first, box));
    }
    first = null;
  });
  document.addEventListener("dblclick", (event) => {
    const box = boxAt(event);
    if (box) {
      zoom(range(box, box));
    }
  });
  document.addEventListener("wheel", (event) => {
    const box = event.ctrlKey && boxAt(event);
    if (!box) {
      return;
    }
    event.preventDefault();
    if (event.deltaY < 0) {
      zoom(range(box, box));
    } else {
      document.getElementById("zoom-out")?.click();
    }
  }, { passive: false });
  document.addEventListener("keydown", key);
  document.addEventListener("shown", prepare);
  prepare();
}
