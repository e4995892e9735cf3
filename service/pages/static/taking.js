// Taking along what is shown: the link, a plot as SVG or PNG, the page on paper. Nothing leaves the browser.
const SHARP = 3;

export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return `Copied ${text.length < 40 ? text : "it"}.`;
  } catch {
    return "Copying is not allowed here: select the text and copy it by hand.";
  }
}

export async function take(button) {
  const what = button.dataset.takes;
  if (what === "link") return copied(location.href);
  if (what === "print") return print();
  const section = button.closest("section");
  const svg = await alone(section.querySelector("svg"));
  const name = section.id.replace(/-plot$/, "");
  save(`${name}.${what}`, what === "svg" ? source(svg) : await picture(svg));
  return `Saved ${name}.${what}.`;
}

// A plot that stands by itself: with the rules that it is drawn by, and the colours of now written out.
async function alone(svg) {
  const made = svg.cloneNode(true);
  const sheet = [...document.styleSheets].find((each) => each.href?.endsWith("style.css"));
  const rules = [...sheet.cssRules].filter((rule) => rule.selectorText?.includes(".chart")).map((rule) => rule.cssText);
  const colours = [...sheet.cssRules].find((rule) => rule.selectorText === ":root").style;
  const probe = document.body.appendChild(document.createElement("span"));
  const values = [...colours].filter((name) => name.startsWith("--")).map((name) => {
    probe.style.color = `var(${name})`;
    return `${name}: ${getComputedStyle(probe).color};`;
  });
  probe.remove();
  const [, , width, height] = svg.getAttribute("viewBox").split(" ");
  made.setAttribute("xmlns", "http:" + "//www.w3.org/2000/svg");
  made.setAttribute("width", width * 1.5);
  made.setAttribute("height", height * 1.5);
  const style = document.createElementNS(made.namespaceURI, "style");
  style.textContent = `.chart { ${values.join(" ")} background: var(--paper); } ${rules.join("\n")}`;
  made.prepend(style);
  return made;
}

const source = (svg) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;

async function picture(svg) {
  const image = new Image();
  image.src = source(svg);
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), {
    width: (svg.getAttribute("width") / 1.5) * SHARP,
    height: (svg.getAttribute("height") / 1.5) * SHARP,
  });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

function save(name, address) {
  const link = document.body.appendChild(Object.assign(document.createElement("a"), { download: name, href: address }));
  link.click();
  link.remove();
}
