// SPDX-License-Identifier: Apache-2.0
// Keys: left and right go through the steps of a run, Escape zooms out, / goes to the search.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea")) {
    return;
  }
  const links = { ArrowLeft: "previous", ArrowRight: "next", Escape: "zoom-out" };
  const link = document.getElementById(links[event.key] || "");
  const find = document.getElementById("find");
  if (link) {
    event.preventDefault();
    link.click();
  } else if (event.key === "/" && find) {
    event.preventDefault();
    find.focus();
  }
});
