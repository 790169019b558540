// Optional: the page works without it. Leaves empty fields out of the URL, and lets "/" move to the search field, which
// the user can switch off (WCAG 2.1.4).
"use strict";
for (const form of document.forms) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  });
}
// The browser may show the page from its memory when the user goes back.
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("input:disabled")) field.disabled = false;
});
const KEY = "treff-no-shortcut";
const texts = {
  nb: "Tasten / går til søkefeltet",
  nn: "Tasten / går til søkjefeltet",
  en: "The / key moves to the search field",
};
const stored = () => {
  try { return localStorage.getItem(KEY); } catch { return null; }
};
const box = document.createElement("input");
box.type = "checkbox";
box.checked = !stored();
box.addEventListener("change", () => {
  try { box.checked ? localStorage.removeItem(KEY) : localStorage.setItem(KEY, "1"); } catch { /* not kept */ }
});
const label = document.createElement("label");
label.append(box, " ", texts[document.documentElement.lang] || texts.nb);
document.querySelector("footer").append(label);
addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping || !box.checked) return;
  event.preventDefault();
  const field = document.getElementById("q");
  field.focus();
  field.select();
});
