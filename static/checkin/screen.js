// The check-in screen: scan or search, one tap, next. Nothing is green before it is kept: by the server (api.js), or on
// the disk of a paired tablet (door.js), which answer alike.
import { NotSaved, codeOf, uuid7 } from "./api.js";
import { Feedback } from "./feedback.js";
import { Scanner, listenToKeyboardScanner } from "./scanner.js";

/** @typedef {import("./api.js").Result} Result */
/** @typedef {import("./api.js").Person & {status: string, at: string|null, live?: string[], where?: string}} Entry */

const POLL = 5000;
const TYPING = 150;
export const root = document.getElementById("checkin");
export const words = JSON.parse(root.dataset.words);
const feedback = new Feedback(document.getElementById("overlay"));
const scanner = new Scanner(document.getElementById("scanner"), root.dataset, words, onCode);
export const number = new Intl.NumberFormat(root.dataset.locale);
/** @type {import("./api.js").Api | import("./door.js").Door} */
let api;
/** @type {Intl.DateTimeFormat} */
let clock;
let mode = "scan";
let shownSeq = -1;
let busy = false;

/** @param {string} id */
export const byId = (id) => document.getElementById(id);
/** @param {string} word @param {Record<string, string>} values */
export const say = (word, values) => words[word].replace(/\{(\w+)\}/g, (_whole, key) => values[key] ?? "");
/** @param {string} iso */
export const time = (iso) => `${clock.format(new Date(iso))} ${root.dataset.zoneLabel}`;
/** @param {import("./api.js").Person} person */
const describe = (person) =>
  [person.business, person.region, person.nib5 && say("nib", { digits: person.nib5 }).replace(" ", "\u00a0")].filter(Boolean).join(" · ");

// -- recording ---------------------------------------------------------------------------------------------------

/** @param {string} text of a QR code */
async function onCode(text) {
  if (busy || feedback.mustBeRead) return;
  checkIn({ ...(await codeOf(text)), via: "scan" });
}

/** @param {object} who registration, token_hash or token @param {string} [name] to show if it fails */
function checkIn(who, name = "") {
  return record(api.operation("checkin", { session: api.session, ...who }), name, (result) => answer(result, who));
}

/**
 * One operation to the server, one at a time. What is red can be sent again: the same operation, so never twice.
 * @param {object} op @param {string} name @param {(result: Result) => void} then
 */
async function record(op, name, then) {
  if (busy) return;
  busy = true;
  try {
    const { results, counters } = await api.record([op]);
    showCounters(counters);
    then(results[0]);
  } catch (error) {
    if (!(error instanceof NotSaved)) throw error;
    const detail = { network: words.noAnswer, login: words.loggedOut, refused: error.sentence || words.refused }[error.kind];
    feedback.show("error", { name, detail, actions: { retry: () => record(op, name, then) } });
  } finally {
    busy = false;
  }
}

/** What a check-in became, in full view. @param {Result} result @param {object} who */
function answer(result, who) {
  const name = result.person?.name ?? result.title ?? "";
  const admit = () => checkIn({ ...who, admitted: true }, name);
  switch (result.status) {
    case "ok":
      remember(result);
      feedback.show("ok", { name, detail: describe(result.person), actions: { undo: () => undo(result.person, result.live) }, onClose: refresh });
      break;
    case "duplicate":
      feedback.show("duplicate", {
        name,
        detail: result.where ? say("where", { time: time(result.at), where: result.where }) : say("since", { time: time(result.at) }),
        onClose: refresh,
      });
      break;
    case "unknown":
      feedback.show("unknown", { actions: { walkin: () => choose("walkin") } });
      break;
    case "other_event":
    case "cancelled":
    case "waiting":
      feedback.show(result.status, { name, detail: result.person ? describe(result.person) : "", actions: { admit } });
      break;
    default:
      feedback.show("error", { name, detail: result.message ?? words.refused });
  }
}

/** @param {import("./api.js").Person} person @param {string[]} live the check-ins to take back */
function undo(person, live) {
  return record(api.operation("undo", { registration: person.id, ops: live }), person.name, (result) => {
    if (result.status !== "undone") return feedback.show("error", { name: person.name, detail: words.notUndone });
    tell(say("undone", { name: person.name }));
    refresh();
  });
}

/** The latest check-in stays in sight, with its undo. @param {Result} result */
function remember(result) {
  tell(`${result.person.name} · ${time(result.at)}`, () => undo(result.person, result.live));
}

/** @param {string} text @param {() => void} [onUndo] */
export function tell(text, onUndo) {
  const bar = byId("last");
  const button = bar.querySelector("button");
  bar.hidden = false;
  bar.querySelector("span").textContent = text;
  button.hidden = !onUndo;
  button.onclick = onUndo ?? null;
}

// -- looking -----------------------------------------------------------------------------------------------------

let searching = new AbortController();
let typing = 0;

async function search() {
  searching.abort();
  searching = new AbortController();
  const typed = byId("query").value.trim();
  const note = byId("search-note");
  if (typed.length < 2) {
    byId("found").replaceChildren();
    note.textContent = words.typeMore;
    return;
  }
  try {
    const { people } = await api.search(typed, searching.signal);
    byId("found").replaceChildren(...people.map(foundRow));
    note.textContent = people.length ? "" : words.nobodyFound;
  } catch (error) {
    if (!(error instanceof NotSaved)) return; // a later keystroke took over
    note.textContent = error.kind === "login" ? words.loggedOut : error.sentence || words.noAnswer;
  }
}

/** @param {string} template @param {Entry} person @param {string} state */
function row(template, person, state) {
  const item = /** @type {HTMLTemplateElement} */ (byId(template)).content.firstElementChild.cloneNode(true);
  item.querySelector(".person__name").textContent = person.name;
  item.querySelector(".person__detail").textContent = describe(person);
  item.querySelector(".person__state").textContent = state;
  return /** @type {HTMLElement} */ (item);
}

/** @param {Entry} person */
function foundRow(person) {
  const since = person.at && say("since", { time: time(person.at) });
  const item = row("person-row", person, since || words[person.status] || words.notYet);
  const button = item.querySelector("button");
  button.classList.toggle("person--in", Boolean(person.at));
  button.addEventListener("click", () => {
    if (!person.at) return checkIn({ registration: person.id, via: "search" }, person.name);
    feedback.show("present", { name: person.name, detail: since, actions: { undo: () => undo(person, person.live) } });
  });
  return item;
}

async function showPresent() {
  try {
    const { people } = await api.present();
    byId("present-note").textContent = people.length ? "" : words.nobodyIn;
    byId("present").replaceChildren(
      ...people.map((person) => {
        const at = time(person.at);
        const item = row("present-row", person, person.where ? say("where", { time: at, where: person.where }) : at);
        item.querySelector("button").addEventListener("click", () => undo(person, person.live));
        return item;
      }),
    );
  } catch (error) {
    byId("present-note").textContent = error.kind === "login" ? words.loggedOut : words.noAnswer;
  }
}

/** After a change: what is on the screen is true again, and ready for the next person. */
export function refresh() {
  if (mode === "search") search();
  if (mode === "present") showPresent();
}

// -- numbers and connection ----------------------------------------------------------------------------------------

/** @param {import("./api.js").Counters} counters */
export function showCounters(counters) {
  if (counters.seq < shownSeq) return; // another server process counted earlier
  shownSeq = counters.seq;
  const values = { here: counters.sessions[api.session] ?? 0, registered: counters.registered, "walk-ins": counters.walk_ins, unknown: counters.unknown };
  for (const [name, value] of Object.entries(values)) byId(`count-${name}`).textContent = number.format(value);
  byId("count-unknown").parentElement.hidden = !counters.unknown;
}

async function poll() {
  if (!document.hidden) {
    try {
      const state = await api.state();
      if (state) {
        showCounters(state.counters);
        if (mode === "present") showPresent();
      }
    } catch {
      // api.js says that there is no connection; the next question comes soon
    }
  }
  setTimeout(poll, POLL);
}

// -- the screen ------------------------------------------------------------------------------------------------------

/** @param {string} chosen scan, search, walkin or present */
function choose(chosen) {
  mode = chosen;
  for (const button of document.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  for (const panel of document.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== mode;
  if (mode === "scan") scanner.start();
  else scanner.stop();
  if (mode === "search") byId("query").focus();
  if (mode === "walkin") byId("walk-in-name").focus();
  if (mode === "present") showPresent();
}

for (const button of document.querySelectorAll("[data-mode]")) button.addEventListener("click", () => choose(button.dataset.mode));

byId("query").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(search, TYPING);
});
byId("query").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !/\/t\/[A-Za-z0-9_-]{16,}/.test(event.target.value)) return;
  onCode(event.target.value); // a USB scanner typed a ticket into the search field
  event.target.value = "";
});

byId("walk-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const name = form.elements.namedItem("name").value.trim();
  const error = byId("walk-in-error");
  error.hidden = /\p{L}/u.test(name);
  if (!error.hidden) return form.elements.namedItem("name").focus();
  const contact = form.elements.namedItem("contact").value.trim();
  const op = api.operation("walkin", { session: api.session, registration: uuid7(), name, contact });
  record(op, name, (result) => {
    if (result.status === "ok") form.reset();
    answer(result, {});
  });
});

// The screen of a tablet at the door stays on; the browser lets go of that whenever the page is hidden.
async function stayAwake() {
  await navigator.wakeLock?.request("screen").catch(() => undefined);
}

/** Begin to check people in. @param {import("./api.js").Api | import("./door.js").Door} backend what decides and keeps */
export function start(backend) {
  api = backend;
  clock = new Intl.DateTimeFormat(root.dataset.locale, { timeZone: root.dataset.zone, hour: "2-digit", minute: "2-digit", hour12: false });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return scanner.release();
    stayAwake();
    if (mode === "scan") scanner.start();
  });
  listenToKeyboardScanner(onCode);
  stayAwake();
  choose("scan");
  setTimeout(poll, POLL);
}
