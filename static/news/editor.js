// Comforts of the article editor: buttons that set text, a picture that is too large said at once, and a question
// before unsaved words are left. Everything works without them.

const MARKS = {
  bold: ["**", "**"],
  italic: ["*", "*"],
  link: ["[", "](https://)"],
};
const LINES = { heading: "## ", list: "- ", numbers: "1. ", quote: "> " };

/** Put text in place of the selection so that the browser can undo it. */
function type(area, from, to, text) {
  area.focus();
  area.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function surround(area, [before, after], fallback) {
  const { selectionStart: from, selectionEnd: to } = area;
  const words = area.value.slice(from, to) || fallback;
  type(area, from, to, before + words + after);
  const start = from + before.length;
  area.setSelectionRange(start, start + words.length);
}

function begin(area, sign) {
  const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const next = area.value.indexOf("\n", area.selectionEnd);
  const to = next < 0 ? area.value.length : next;
  const lines = area.value.slice(from, to).split("\n");
  const marked = lines.every((line) => line.startsWith(sign));
  const changed = lines.map((line) => (marked ? line.slice(sign.length) : sign + line)).join("\n");
  type(area, from, to, changed);
}

document.addEventListener("click", (event) => {
  const tool = event.target.closest?.("[data-mark]");
  const area = document.getElementById("body");
  if (!tool || !area) return;
  const { mark, text } = tool.dataset;
  if (MARKS[mark]) surround(area, MARKS[mark], text ?? "");
  else begin(area, LINES[mark]);
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("[data-max-bytes]")) return;
  const large = target.files[0]?.size > Number(target.dataset.maxBytes);
  target.setCustomValidity(large ? target.dataset.tooLarge : "");
  if (large) {
    target.reportValidity();
    target.value = "";
  }
});

let unsaved = false;
document.addEventListener("input", ({ target }) => {
  if (target.closest?.("[data-editor]")) unsaved = true;
});
document.addEventListener("submit", ({ target }) => {
  if (target.matches?.("[data-editor]") || target.closest?.(".confirm")) unsaved = false;
});
for (const failed of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(failed, () => (unsaved = document.querySelector("[data-editor]") !== null));
}
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
