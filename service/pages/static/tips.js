// What stands at a place of a plot, told beside the pointer or the finger, and by arrow keys.
const tip = document.createElement("div");
tip.className = "tip";
tip.setAttribute("role", "status");
tip.hidden = true;

// The place nearest to (x, y), in shares of the plot: near across counts most.
function nearest(places, x, y, { width, height }) {
  const distance = ([px, py]) => Math.hypot((px - x) * width, (py - y) * height * 0.6);
  return places.reduce((best, place) => (distance(place) < distance(best) ? place : best));
}

function show(plot, place) {
  const box = plot.getBoundingClientRect();
  tip.replaceChildren(...place[2].split("\n").map((line) => Object.assign(document.createElement("span"), { textContent: line })));
  plot.append(tip);
  tip.hidden = false;
  const left = place[0] * box.width;
  tip.style.left = `${Math.min(Math.max(left - tip.offsetWidth / 2, 0), box.width - tip.offsetWidth)}px`;
  const above = place[1] * box.height - tip.offsetHeight - 14;
  tip.style.top = `${above > -30 ? above : place[1] * box.height + 16}px`;
  const ring = plot.querySelector(".ring") ?? plot.appendChild(Object.assign(document.createElement("i"), { className: "ring" }));
  ring.style.left = `${left}px`;
  ring.style.top = `${place[1] * box.height}px`;
}

function hide() {
  tip.hidden = true;
  for (const ring of document.querySelectorAll(".ring")) ring.remove();
}

export function tell() {
  const at = (event) => {
    const plot = event.target.closest?.(".plot");
    if (!plot) return hide();
    const box = plot.getBoundingClientRect();
    const places = JSON.parse(plot.dataset.tips);
    if (places.length) show(plot, nearest(places, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, box));
  };
  document.addEventListener("pointermove", at);
  document.addEventListener("pointerdown", at);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return hide();
    const plot = event.target.closest?.(".plot");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!plot || !step) return;
    event.preventDefault();
    const places = JSON.parse(plot.dataset.tips);
    const next = Number(plot.dataset.at ?? (step > 0 ? -1 : 0)) + step;
    plot.dataset.at = (next + places.length) % places.length;
    show(plot, places[plot.dataset.at]);
  });
}
