// What the theme leaves out for those who read by keyboard or by ear.
document.addEventListener("DOMContentLoaded", () => {
  for (const scrolls of document.querySelectorAll("pre, .table-wrapper, .equation")) scrolls.tabIndex = 0;
  for (const caption of document.querySelectorAll("p.caption[role=heading]")) caption.ariaLevel = 2;
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "Documents");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
  for (const empty of document.querySelectorAll("th:empty")) empty.replaceWith(document.createElement("td"));
});
