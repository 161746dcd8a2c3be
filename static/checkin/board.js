// The board replaces itself while it is watched, but not while somebody answers a question or reads a table in it.
document.addEventListener("htmx:before:request", (event) => {
  const board = event.target;
  if (!(board instanceof HTMLElement) || board.id !== "board") return;
  if (document.hidden || board.querySelector("details[open]")) event.preventDefault();
});
