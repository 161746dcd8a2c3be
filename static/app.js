// Small comforts on top of pages that work without them. No state lives here.
(() => {
  "use strict";

  // Menus and confirmations: Escape, a click elsewhere or a Cancel button closes them.
  const close = (details) => {
    details.open = false;
    details.querySelector("summary")?.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.menu[open], details.confirm[open]");
    if (open) close(open);
  });
  // The button that opened a confirmation is hidden now: the focus moves on to "Cancel", the safe answer.
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.matches?.("details.confirm[open]")) event.target.querySelector("[data-close-details]")?.focus();
    },
    true, // toggle does not bubble
  );

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const target = event.target.closest?.("[data-close-details], [data-copy], [data-print], #toast button");
    if (!target) return;
    if ("closeDetails" in target.dataset) close(target.closest("details"));
    else if ("copy" in target.dataset) copy(target);
    else if ("print" in target.dataset) window.print();
    else document.getElementById("toast").hidden = true;
  });

  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return; // the text beside the button selects itself on a tap
    }
    const words = button.querySelector("span") ?? button;
    const before = words.textContent;
    words.textContent = button.dataset.copied;
    setTimeout(() => (words.textContent = before), 2000);
  }

  // <select data-autosubmit> or a form's checkbox: send the form when it changes.
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-autosubmit]")) event.target.form?.requestSubmit();
    const all = event.target.closest?.("[data-check-all]");
    if (all) {
      for (const box of document.querySelectorAll(`input[type="checkbox"][name="${all.dataset.checkAll}"]`)) box.checked = all.checked;
    }
  });

  // What was typed into a form of the desk and not sent: leaving the page asks first, and so does sending another form,
  // for the page that comes then shows nothing of it. An article's editor looks after itself; boxes that only choose rows
  // hold nothing typed.
  const typed = new Set();
  let leaving = false;
  const note = ({ target: { form } }) => {
    if (form?.method === "post" && document.body.matches(".staff") && !form.matches("[data-editor], #bulk")) typed.add(form);
  };
  document.addEventListener("input", note);
  document.addEventListener("change", note);
  const unsent = (but) => [...typed].some((form) => form !== but && form.isConnected);
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const stays = form.matches("[hx-post]") || event.submitter?.matches("[hx-post]"); // a fragment: the page stays
      if (form.method !== "post") return;
      if (!stays && unsent(form) && !window.confirm(document.getElementById("toast").dataset.unsent)) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      if (stays) typed.delete(form);
      else leaving = true;
      setTimeout(() => (leaving = false), 8000); // the answer may be a download, which leaves the page in place
    },
    true, // before those who send it
  );
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && unsent()) event.preventDefault();
  });

  // A second tap on a slow network must not register twice. htmx forms look after themselves.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-disabled", "true");
    setTimeout(release, 8000, form); // the answer may be a download, which leaves the page in place
  });
  const release = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  };
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

  // After a failed attempt the error summary takes the focus.
  const focusSummary = (root) => root.querySelector?.("[data-focus]")?.focus();
  focusSummary(document);
  document.addEventListener("htmx:after:swap", () => focusSummary(document));

  // On a phone the tab of this page may lie outside the strip.
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // A whole page in answer to a fragment's request (log in again, send it again) brings its own style sheets.
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    if (ctx.hx?.retarget !== "body") return;
    const page = new DOMParser().parseFromString(ctx.text, "text/html");
    const known = new Set([...document.querySelectorAll("link[rel=stylesheet]")].map((link) => link.href));
    for (const link of page.querySelectorAll("link[rel=stylesheet]")) {
      const href = new URL(link.getAttribute("href"), location.href).href;
      if (!known.has(href)) document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
    }
    document.body.className = page.body.className;
  });

  // htmx does not swap answers that are no fragment (see noSwap in base.html): say in words what happened.
  const toast = (kind) => {
    const box = document.getElementById("toast");
    if (!box) return;
    box.querySelector("span").textContent = box.dataset[kind];
    box.hidden = false;
  };
  const kinds = { 403: "denied", 404: "missing", 405: "server", 413: "large", 429: "many" };
  const polls = (event) => event.target.closest?.("[hx-trigger*='every']");
  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail.ctx.response.status;
    if (polls(event)) return;
    if (kinds[status]) toast(kinds[status]);
    else if (status >= 500) toast("server");
  });
  document.addEventListener("htmx:error", (event) => {
    if (!polls(event) && event.detail.error?.name !== "AbortError") toast("network");
  });
})();
