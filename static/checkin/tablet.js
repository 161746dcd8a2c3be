// The paired tablet: opens with or without a network, loads the list, proves that it is ready, checks in by itself.
import { uuid7 } from "./api.js";
import { Door } from "./door.js";
import { makeReader } from "./scanner.js";
import { byId, number, refresh, root, say, showCounters, start, tell, words } from "./screen.js";
import { Store, forgetOthers } from "./store.js";
import { Sync } from "./sync.js";

const RETRY = 5000;
const ZONES = { "Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT" };
const ago = new Intl.RelativeTimeFormat(root.dataset.locale, { numeric: "auto" });

/** The event of this tablet: what its address says, else the one opened last. */
function eventOfTablet() {
  const named = location.pathname.match(/^\/checkin\/tablet\/([a-z0-9-]+)$/)?.[1];
  if (named) localStorage.setItem("checkin:tablet", named);
  return named ?? localStorage.getItem("checkin:tablet");
}

/** What is said before the screen can be used. @param {string} text @param {boolean} [busy] */
function before(text, busy = false) {
  byId("before-text").textContent = text;
  byId("before-bar").hidden = !busy;
}

async function open() {
  const event = eventOfTablet();
  if (!event) return before(words.notPaired);
  before(words.opening);
  navigator.serviceWorker?.register("/checkin/sw.js", { scope: "/checkin/tablet" }).then(watchForUpdates, () => undefined);
  // a second window would not see what the first one records
  await new Promise((mine) => {
    navigator.locks.request(`tablet:${event}`, { ifAvailable: true }, (lock) => {
      if (lock) return new Promise(() => mine(undefined)); // kept until the window is closed
      before(words.openElsewhere);
      return navigator.locks.request(`tablet:${event}`, () => location.reload());
    });
  });
  const store = new Store(event, uuid7);
  let known;
  try {
    known = await store.load();
  } catch {
    return before(words.noStorage);
  }
  const door = new Door(store, words);
  door.load(known);
  door.session = known.session;
  const sync = new Sync(event, store, door, known);
  await firstRoster(sync);
  byId("event-title").textContent = sync.meta.title;
  root.dataset.zone = sync.meta.zone;
  root.dataset.zoneLabel = ZONES[sync.meta.zone] ?? sync.meta.zone;
  await chooseSession(store, door, sync);
  byId("before").hidden = true;
  byId("settings").hidden = sync.meta.sessions.length < 2;
  byId("net").hidden = root.hidden = false;
  run(store, door, sync);
  forgetOthers(event).catch(() => undefined);
}

/** The list, with progress; again and again until it is there. A tablet that has one opens at once. @param {Sync} sync */
async function firstRoster(sync) {
  while (!sync.meta.version) {
    if (sync.meta.title && sync.meta.standing !== "open") return; // closed: only what it recorded is left to send
    before(words.loading, true);
    try {
      await sync.loadRoster((done) => before(say("loaded", { done: number.format(done) }), true));
    } catch (error) {
      before(error.body?.error || (error.status === 401 ? words.notPaired : words.noRoster));
      await new Promise((again) => setTimeout(again, RETRY));
    }
  }
}

/** @param {Store} store @param {Door} door @param {Sync} sync */
async function chooseSession(store, door, sync) {
  const sessions = sync.meta.sessions ?? [];
  const take = (session) => {
    door.session = session.id;
    byId("session-title").textContent = session.title;
    for (const button of document.querySelectorAll("[data-session]")) button.setAttribute("aria-pressed", String(button.dataset.session === String(session.id)));
    return store.saveSession(session.id).catch(() => undefined);
  };
  const buttons = (then) =>
    sessions.map((session) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button--secondary";
      button.dataset.session = String(session.id);
      button.textContent = session.title;
      button.addEventListener("click", () => take(session).then(then));
      return button;
    });
  byId("sessions").replaceChildren(
    ...buttons(() => {
      byId("settings").open = false;
      showCounters({ ...door.counters(), seq: ++door.version });
      refresh();
    }),
  );
  const chosen = sessions.find((session) => session.id === door.session) ?? (sessions.length === 1 ? sessions[0] : undefined);
  if (chosen) return take(chosen);
  before(words.whichSession);
  await new Promise((done) => byId("before-choices").replaceChildren(...buttons(done)));
}

/** @param {Store} store @param {Door} door @param {Sync} sync */
function run(store, door, sync) {
  let wasBehind = false;
  const show = () => {
    showCounters(door.counters());
    showState(sync);
    if (sync.unsent && sync.failures) wasBehind = true;
    if (wasBehind && !sync.unsent) {
      wasBehind = false;
      tell(words.allSent);
    }
  };
  const reviewed = async () => {
    const { ops } = await store.load();
    byId("review").replaceChildren(...ops.filter((own) => own.problem || own.twice).map((own) => reviewRow(own, door)));
    byId("review-title").hidden = !byId("review").childElementCount;
  };
  sync.onChange = show;
  sync.onSettled = reviewed;
  start(door);
  reviewed().catch(() => undefined);
  show();
  setInterval(() => showState(sync), 10_000); // "3 minutes ago" grows by itself
  sync.start();
  const test = () => selfTest(store, sync);
  byId("recheck").addEventListener("click", test);
  navigator.serviceWorker?.addEventListener("controllerchange", test);
  test();
}

/** What waits and how old the rest is: always in sight. @param {Sync} sync */
function showState(sync) {
  const minutes = sync.meta.synced_at ? Math.round((Date.now() - sync.meta.synced_at) / 60_000) : null;
  const age = minutes === null ? words.never : minutes >= 120 ? ago.format(-Math.round(minutes / 60), "hour") : minutes ? ago.format(-minutes, "minute") : words.justNow;
  const unsent = say("unsent", { count: number.format(sync.unsent) });
  const pill = byId("net");
  pill.className = `net net--always ${sync.problem ? "net--offline" : sync.unsent ? "net--queue" : "net--online"}`;
  pill.querySelector("span").textContent = `${unsent} · ${say("age", { age })}`;
  const closed = sync.meta.standing && sync.meta.standing !== "open";
  const sentence = closed ? words.closed : sync.problem === "pair" ? words.pairAgain : sync.problem === "refused" ? sync.sentence || words.refused : sync.problem ? words.offline : words.online;
  byId("state-text").textContent = sentence;
  byId("state-people").textContent = say("people", { count: number.format(sync.door.roster.length) });
  byId("notice").hidden = !(closed || sync.problem === "pair" || sync.problem === "refused");
  byId("notice-text").textContent = sentence;
  byId("update").hidden = !waiting || sync.unsent > 0;
}

/** @param {import("./store.js").Own} own @param {Door} door */
function reviewRow(own, door) {
  const item = document.createElement("li");
  const who = own.said.name || (own.said.registration && door.person(own.said.registration).name) || words.someone;
  item.textContent = own.twice ? say("twice", { name: who, where: own.twice }) : say("kept", { name: who });
  return item;
}

// -- ready without a network? ----------------------------------------------------------------------------------------

/** Which run of the self-test is the latest: an earlier one that ends later must not have the last word. */
let latestTest = 0;

/** Try everything that the door needs when no server answers; again by itself until all passes. @param {Store} store @param {Sync} sync */
async function selfTest(store, sync) {
  const mine = ++latestTest;
  navigator.storage?.persist?.().catch(() => false);
  const tests = {
    app: async () => Boolean(navigator.serviceWorker?.controller) && (await isCached()),
    list: async () => Boolean(sync.meta.version) && (await store.load()).roster.length === sync.door.roster.length,
    disk: async () => (await store.saveSession(sync.door.session), (await store.load()).session === sync.door.session),
    reader: async () => Boolean(await makeReader(root.dataset)),
  };
  let ready = true;
  for (const [name, test] of Object.entries(tests)) {
    const passed = await test().catch(() => false);
    if (mine !== latestTest) return;
    ready &&= passed;
    byId(`test-${name}`).dataset.passed = String(passed);
  }
  byId("ready").textContent = ready ? words.ready : words.notReady;
  byId("ready").dataset.passed = String(ready);
  if (!ready) setTimeout(() => mine === latestTest && selfTest(store, sync), 5_000);
}

/** Whether all that this page is made of can be had without a server. */
async function isCached() {
  const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=preload], script[src]")].map((part) => part.href || part.src);
  const found = await Promise.all(["/checkin/tablet", ...parts, root.dataset.wasm, root.dataset.zxing].map((part) => caches.match(part, { ignoreVary: true })));
  return found.every(Boolean);
}

/** @type {ServiceWorker|null} a newer version of this page, which waits for a tap and an empty queue */
let waiting = null;

/** @param {ServiceWorkerRegistration} registration */
function watchForUpdates(registration) {
  const look = () => {
    waiting = registration.waiting;
  };
  look();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
  byId("update").addEventListener("click", () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    waiting?.postMessage("take over");
  });
}

open();
