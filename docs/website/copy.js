// A button on each block of code: it copies what is typed, and not what comes back.
for (const block of document.querySelectorAll("pre")) {
  const typed = [...block.querySelectorAll(".typed")];
  const text = typed.length ? typed.map((line) => line.textContent).join("\n") : block.textContent;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select and copy by hand";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  const frame = document.createElement("div");
  frame.className = "code";
  block.replaceWith(frame);
  frame.append(block, button);
}
