// The check-in screen: scan or search, one tap, next. Nothing is green before it is kept: by the server (online.js), or
// on the disk of a paired tablet (door.js), which answer alike.
import { Refused, codeOf, uuid7 } from "./ask.js";
import { show } from "./feedback.js";
import { listenToKeyboardScanner } from "./keyboard.js";
import { all, byId, copyOf, listed, number, part, say, settings, words } from "./page.js";
import { startCamera, stopCamera } from "./scanner.js";

/**
 * @typedef {{id: string, name: string, business: string, region: string, nib5: string}} Person
 * @typedef {Person & {status?: string, at: string|null, live?: string[], where?: string}} Entry a row of a list
 * @typedef {{id: string, kind: string, client_at: string, session?: number, registration?: string, token?: string, token_hash?: string,
 *   ops?: string[], name?: string, contact?: string, via?: string, admitted?: boolean, dev_seq?: number}} Said one operation
 * @typedef {{id: string, status: string, at?: string, where?: string, live?: string[], person?: Person, title?: string,
 *   message?: string}} Result what became of it
 * @typedef {{seq: number, registered: number, sessions: Record<string, number>, walk_ins: number, unknown: number}} Counters
 * @typedef {{session: number, record(said: Said): Promise<{result: Result, counters: Counters}>, present(): Promise<Entry[]>,
 *   search(typed: string, signal: AbortSignal): Promise<Entry[]>, near(name: string): Promise<Entry[]>}} Backend what decides and keeps
 */

const query = byId("query", HTMLInputElement);
/** @type {Backend} */
let backend;
/** @type {Intl.DateTimeFormat} */
let clock;
let mode = "scan";
let shownSeq = -1;
/** @type {Promise<void>|null} the operation that is being kept */
let busy = null;
/** @type {string[]} what was scanned and waits for its turn, the one whose turn it is first */
const scanned = [];
/** @type {Partial<Said>} the unknown code that the guest came with whose name is being typed */
let codeOfGuest = {};
let asking = new AbortController();
/** @type {Map<string, string>} when an unknown code was scanned here first, by session and code */
const unknownAt = new Map();

/** @param {string|null} [iso] */
const time = (iso) => `${clock.format(new Date(iso ?? 0))} ${settings.zoneLabel}`;
/** @param {Person} person */
const describe = ({ business, region, nib5 }) =>
  [business, region, nib5 && say("nib", { digits: nib5 })].filter(Boolean).join(" · ");
/** When somebody came in, and where. @param {string|null} [at] @param {string} [where] */
const since = (at, where) => (where ? say("where", { time: time(at), where }) : say("since", { time: time(at) }));

/** Why something could not be done, as a sentence. @param {unknown} error */
export function why(error) {
  if (!(error instanceof Refused)) throw error;
  if (error.foreign) return words.networkLogin;
  if (error.status === 401) return words.loggedOut;
  return error.lost ? words.noAnswer : error.sentence || words.refused;
}

/** Every scan is answered, in its turn; the answer before it need not be read first. @param {string} text of a code */
async function onCode(text) {
  if (scanned.push(text) > 1) return;
  for (; scanned.length; scanned.shift()) {
    const code = await codeOf(scanned[0]);
    while (busy) await busy;
    await checkIn({ ...code, via: "scan" }).catch(reportError); // the next one is answered all the same
  }
}

/** @param {Partial<Said>} who registration, token_hash or token @param {string} [name] to show if it fails */
function checkIn(who, name = "") {
  return record("checkin", { session: backend.session, ...who }, name, (result) => answer(result, who));
}

/** @param {Person} person @param {string[]} [live] the check-ins to take back */
function undo(person, live = []) {
  record("undo", { registration: person.id, ops: live }, person.name, ({ status }) => {
    if (status !== "undone") return show("error", { name: person.name, detail: words.notUndone });
    const again = { registration: person.id, via: "search", admitted: true };
    tell(say("undone", { name: person.name }), () => checkIn(again, person.name), words.redo);
    refresh();
  });
}

/**
 * One operation, one at a time. What is red can be tried again: the same operation with the same id, so never twice.
 * @param {string} kind @param {Partial<Said>} more @param {string} name @param {(result: Result) => void} then
 */
function record(kind, more, name, then) {
  const said = { id: uuid7(), kind, client_at: new Date().toISOString(), ...more };
  const about = more.token_hash ?? more.token ?? said.id;
  const attempt = async () => {
    try {
      const { result, counters } = await backend.record(said);
      then(result);
      showCounters(counters);
    } catch (error) {
      show("error", { name, detail: why(error), about, actions: { retry: begin } });
    } finally {
      busy = null;
    }
  };
  const begin = () => (busy ??= attempt());
  return begin();
}

/** What a check-in became, in full view. @param {Result} result @param {Partial<Said>} who */
function answer({ status, person, at, where, live, title, message }, who) {
  const name = person?.name ?? title ?? "";
  const detail = person ? describe(person) : "";
  const about = who.token_hash ?? who.token ?? person?.id;
  if (status === "ok" && person) {
    const takeBack = () => undo(person, live);
    tell(`${name} · ${time(at)}`, takeBack); // stays in sight when green is gone
    show("ok", { name, detail, about, actions: { undo: takeBack }, then: refresh });
  } else if (status === "duplicate") {
    show("duplicate", { name, detail: since(at, where), about, then: refresh });
  } else if (status === "unknown") {
    const asGuest = () => {
      choose("walkin");
      codeOfGuest = { token: who.token, token_hash: who.token_hash };
    };
    const key = `${backend.session}|${about}`;
    const before = at ?? unknownAt.get(key);
    unknownAt.set(key, before ?? new Date().toISOString());
    show("unknown", { detail: before ? say("scannedBefore", { time: time(before) }) : "", about, actions: { walkin: asGuest } });
  } else if (status === "kept") {
    show("kept", { name, detail: message, about, then: refresh });
  } else if (["other_event", "cancelled", "waiting"].includes(status)) {
    show(status, { name, detail, about, actions: { admit: () => checkIn({ ...who, admitted: true }, name) } });
  } else show("error", { name, detail: message ?? words.refused, about });
}

/**
 * The latest check-in or what was taken back, in sight until the next. @param {string} text
 * @param {() => void} [onTap] what the button does @param {string} [label] and what it says
 */
export function tell(text, onTap, label = words.undo) {
  const bar = byId("last");
  const button = part(bar, "button");
  bar.hidden = false;
  part(bar, "span").textContent = text;
  button.hidden = !onTap;
  button.textContent = label;
  button.onclick = onTap ?? null;
}

/** News of the network: beside the latest check-in, which can still be taken back. @param {string} text */
export function announce(text) {
  const bar = byId("last");
  if (bar.hidden) tell("");
  part(bar, "small").textContent = text;
}

/**
 * @param {string} list @param {(signal: AbortSignal) => Promise<Entry[]>} question who is in it
 * @param {(person: Entry) => HTMLElement} toRow @param {string} nobody what an empty list says
 */
async function fill(list, question, toRow, nobody) {
  asking.abort(); // a later keystroke takes over
  const { signal } = (asking = new AbortController());
  const note = byId(`${list}-note`);
  try {
    const people = await question(signal);
    if (signal.aborted) return;
    byId(list).replaceChildren(...people.map(toRow));
    note.textContent = people.length === listed[list] ? words[`${list}Full`] : people.length ? "" : nobody;
  } catch (error) {
    if (!signal.aborted) note.textContent = why(error);
  }
}

function search() {
  const typed = query.value.trim();
  if (typed.replace(/[^\p{L}\p{N}]/gu, "").length < 2) fill("found", async () => [], (person) => foundRow(person), words.typeMore);
  else fill("found", (signal) => backend.search(typed, signal), (person) => foundRow(person), words.nobodyFound);
}

/** @param {string} template @param {Entry} person @param {string} state @param {() => void} onTap */
function row(template, person, state, onTap) {
  const item = copyOf(template, { ".person__name": person.name, ".person__detail": describe(person), ".person__state": state });
  part(item, "button").addEventListener("click", onTap);
  return item;
}

/** @param {Entry} person @param {() => void} [onTap] */
function foundRow(person, onTap = () => {}) {
  const { id, name, at, status = "", where, live } = person;
  const item = row("person-row", person, at ? since(at) : words[status] || words.notYet, () => {
    onTap();
    if (!at) return checkIn({ registration: id, via: "search" }, name);
    show("present", { name, detail: since(at, where), actions: { undo: () => undo(person, live) } });
  });
  part(item, "button").classList.toggle("person--in", Boolean(at));
  return item;
}

/** @param {Entry} person */
const presentRow = (person) => row("present-row", person, since(person.at, person.where), () => undo(person, person.live));

/** After a change: the list on the screen is true again. @param {string} [only] the list that changed, if not both */
export function refresh(only = mode) {
  if (only !== mode) return;
  if (mode === "search") search();
  if (mode === "present") fill("present", () => backend.present(), presentRow, words.nobodyIn);
}

/** @param {Counters} counters */
export function showCounters({ seq, sessions, registered, walk_ins: walkIns, unknown }) {
  if (seq < shownSeq) return; // another server process counted earlier
  shownSeq = seq;
  const values = { here: sessions[backend.session] ?? 0, registered, "walk-ins": walkIns, unknown };
  for (const [name, value] of Object.entries(values)) byId(`count-${name}`).textContent = number.format(value);
  byId("counter-unknown").hidden = !unknown;
}

/** @param {string} chosen scan, search, walkin, present or status */
export function choose(chosen) {
  mode = chosen;
  codeOfGuest = {};
  for (const button of all("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  for (const panel of all("[data-panel]")) panel.hidden = panel.dataset.panel !== mode;
  if (mode === "scan") startCamera(onCode);
  else stopCamera();
  if (mode === "search") query.focus();
  if (mode === "walkin") byId("walk-in-name").focus();
  refresh("present");
}

query.addEventListener("input", search);
byId("walk-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const fields = [byId("walk-in-name", HTMLInputElement), byId("walk-in-contact", HTMLInputElement)];
  const [name, contact] = fields.map((field) => field.value.trim());
  const named = /\p{L}/u.test(name) && !name.includes("://"); // an address of another code is nobody's name
  byId("walk-in-error").hidden = named;
  if (!named) return fields[0].focus();
  if (event.submitter?.id !== "walk-in-other" && (await askWhether(name))) return;
  record("walkin", { session: backend.session, registration: uuid7(), name, contact, ...codeOfGuest }, name, (result) => {
    if (["ok", "duplicate", "kept"].includes(result.status)) clearGuest();
    answer(result, {});
  });
});

/** Show who may be this guest, registered already. @param {string} name @returns {Promise<boolean>} whether there is anybody */
async function askWhether(name) {
  const people = await backend.near(name).catch(() => []); // no answer must not hold up the door
  const rows = people.map((person) => foundRow(person, clearGuest));
  showNear(rows);
  return rows.length > 0;
}

/** @param {HTMLElement[]} rows */
function showNear(rows) {
  byId("near").replaceChildren(...rows);
  byId("walk-in-near").hidden = byId("walk-in-other").hidden = !rows.length;
  byId("walk-in-new").hidden = rows.length > 0;
}

/** The guest is taken, as a new one or as somebody registered. */
function clearGuest() {
  codeOfGuest = {};
  for (const id of ["walk-in-name", "walk-in-contact"]) byId(id, HTMLInputElement).value = "";
  showNear([]);
}

byId("walk-in-name").addEventListener("input", () => showNear([]));

/** Begin to check people in. @param {Backend} chosen */
export function start(chosen) {
  backend = chosen;
  clock = new Intl.DateTimeFormat(settings.locale, { timeZone: settings.zone, hour: "2-digit", minute: "2-digit", hour12: false });
  for (const button of all("[data-mode]")) button.addEventListener("click", () => choose(button.dataset.mode ?? ""));
  // the screen stays on; the browser lets go of that whenever the page is hidden
  const stayAwake = () => navigator.wakeLock?.request("screen").catch(() => undefined);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return stopCamera(true);
    stayAwake();
    if (mode === "scan") startCamera(onCode);
  });
  listenToKeyboardScanner(onCode);
  stayAwake();
  choose("scan");
}
