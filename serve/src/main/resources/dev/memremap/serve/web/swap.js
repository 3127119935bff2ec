// SPDX-License-Identifier: Apache-2.0
// Follows links and forms without loading the page anew: the next page is fetched, and takes the place of this one.

let latest = 0;

/** A page, or what the server said in its place. */
async function page(address) {
  const reply = await fetch(address, { headers: { Accept: "text/html" } });
  const text = await reply.text();
  if (!reply.ok) {
    throw new Error(text.trim());
  }
  return new DOMParser().parseFromString(text, "text/html");
}

function replace(id, next) {
  const now = document.getElementById(id);
  const then = next.getElementById(id);
  if (now && then) {
    now.replaceWith(document.adoptNode(then));
  }
}

/** What a reader had opened, chosen and typed outlives an exchange. */
function keep() {
  const focused = document.activeElement;
  const picture = document.querySelector(".picture");
  return {
    id: focused && focused.id,
    list: document.getElementById("list")?.open,
    where: document.getElementById("where")?.value,
    choice: document.getElementById("as")?.value,
    selected: [...document.querySelectorAll(".selected")].map((box) => box.id),
    left: picture?.scrollLeft,
    events: document.getElementById("event-list"),
  };
}

function restore(kept, isSame) {
  const list = document.getElementById("list");
  if (list && kept.list) {
    list.open = true;
  }
  if (isSame) {
    const where = document.getElementById("where");
    if (where && kept.where) {
      where.value = kept.where;
    }
    const choice = document.getElementById("as");
    if (choice && kept.choice) {
      choice.value = kept.choice;
    }
    kept.selected.forEach((id) => document.getElementById(id)?.classList.add("selected"));
  }
  if (kept.events) {
    document.getElementById("event-list")?.replaceWith(kept.events);
  }
  const picture = document.querySelector(".picture");
  if (picture && kept.left) {
    picture.scrollLeft = kept.left;
  }
  const focused = kept.id && document.getElementById(kept.id);
  if (focused && focused !== document.activeElement) {
    focused.focus({ preventScroll: true });
  }
}

/** Shows the page at an address. */
export async function show(address, { push = true, same = false } = {}) {
  const mine = ++latest;
  document.getElementById("main").setAttribute("aria-busy", "true");
  try {
    const next = await page(address);
    if (mine !== latest) {
      return;
    }
    const kept = keep();
    document.title = next.title;
    document.body.dataset.version = next.body.dataset.version;
    replace("main", next);
    const find = document.getElementById("find");
    if (!same && find) {
      find.form.replaceWith(document.adoptNode(next.getElementById("find").form));
    }
    if (push) {
      history.pushState(null, "", address);
    }
    restore(kept, same);
    document.dispatchEvent(new Event("shown"));
  } catch (problem) {
    if (mine === latest && !same) {
      say(problem.message);
    }
  } finally {
    document.getElementById("main").removeAttribute("aria-busy");
  }
}

/** Shows this page again, as it is now. */
export function again() {
  return show(location.href, { push: false, same: true });
}

/** Says a sentence where the state of the page stands. */
export function say(words) {
  const status = document.getElementById("status");
  status.textContent = words;
}

function isOurs(link) {
  return link.origin === location.origin && link.pathname === location.pathname && !link.hash;
}

export function follow() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && isOurs(link) && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      show(link.href);
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const words = new URLSearchParams(new FormData(form));
    event.preventDefault();
    show(location.pathname + "?" + words);
  });
  window.addEventListener("popstate", () => show(location.href, { push: false }));
}
