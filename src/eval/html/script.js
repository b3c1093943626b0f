"use strict";
const places = () => [...document.querySelectorAll("mark.wrong:not(.hidden)")];
const status = document.getElementById("status");
function go(step) {
  const all = places();
  if (!all.length) { status.textContent = "0 / 0"; return; }
  const here = all.indexOf(document.activeElement);
  let next;
  if (here >= 0) {
    next = (here + step + all.length) % all.length;
  } else {
    // From where the page is scrolled to.
    const below = all.findIndex(mark => mark.getBoundingClientRect().top > 0);
    next = step > 0 ? Math.max(below, 0) : ((below < 0 ? all.length : below) - 1 + all.length) % all.length;
  }
  all[next].focus({ preventScroll: true });
  all[next].scrollIntoView({ block: "center" });
  status.textContent = `${next + 1} / ${all.length}`;
}
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea")) return;
  if (event.key === "n" || event.key === "j") go(1);
  else if (event.key === "p" || event.key === "k") go(-1);
});
document.getElementById("next")?.addEventListener("click", () => go(1));
document.getElementById("previous")?.addEventListener("click", () => go(-1));
for (const box of document.querySelectorAll("nav.bar input")) {
  box.addEventListener("change", () => {
    for (const mark of document.querySelectorAll(`mark[data-label="${CSS.escape(box.value)}"]`)) {
      mark.classList.toggle("hidden", !box.checked);
      if (mark.hasAttribute("data-kind")) mark.tabIndex = box.checked ? 0 : -1;
    }
  });
}
