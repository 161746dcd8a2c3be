// The paired tablet: opens with or without a network, loads the list, proves that it is ready, checks in by itself.
import { Refused, ask } from "./ask.js";
import { Door } from "./door.js";
import { all, byId, copyOf, say, settings, showNet, words } from "./page.js";
import { makeReader } from "./scanner.js";
import { announce, choose, refresh, showCounters, start, tell } from "./screen.js";
import { Choice } from "./sessions.js";
import { Store, forgetOthers, keptEvents } from "./store.js";
import { Sync } from "./sync.js";

const RETRY = 5000;
const SLICE = 8; // ms of work at a time that no tap notices
const ago = new Intl.RelativeTimeFormat(settings.locale);
/** @type {ServiceWorkerRegistration|undefined} */
let app;
let latestTest = 0; // an earlier self-test that ends later must not have the last word

const LANGUAGE = "checkin:language"; // the one that was chosen on this tablet

/** The page in the language that was chosen here, without a server too. @param {string} language */
const speak = (language) => location.replace(`${location.pathname}?bahasa=${language}`);

for (const button of all("[data-language]")) {
  button.addEventListener("click", () => {
    const { language = "" } = button.dataset;
    localStorage.setItem(LANGUAGE, language);
    if (language !== settings.locale) speak(language);
  });
}

async function open() {
  const chosen = localStorage.getItem(LANGUAGE);
  if (chosen && chosen !== settings.locale && !location.search) return speak(chosen);
  const named = location.pathname.match(/^\/checkin\/tablet\/([a-z0-9-]+)$/)?.[1];
  if (named) localStorage.setItem("checkin:tablet", named);
  const event = named ?? localStorage.getItem("checkin:tablet") ?? (await ownEvent()); // from the home screen: the one opened last
  if (!event || !navigator.locks) return before(event ? words.needsHttps : words.notPaired);
  before(words.opening);
  keepApp().catch(() => undefined);
  // a second window would not see what the first one records: it waits until that one is closed
  const elsewhere = setTimeout(before, 500, words.openElsewhere);
  await new Promise((mine) => navigator.locks.request(`tablet:${event}`, () => new Promise(() => mine(undefined))));
  clearTimeout(elsewhere);
  const store = new Store(event);
  const kept = await store.load().catch(() => null);
  if (!kept) return before(words.noStorage);
  const sync = new Sync(event, store, new Door(), kept);
  await firstRoster(sync);
  const { zone = "", zone_label: zoneLabel = "" } = sync.meta;
  Object.assign(settings, { zone, zoneLabel });
  const choice = choiceOf(sync, kept.session);
  await choice.first(sync.meta.sessions ?? [], (text, ...buttons) => {
    before(text);
    byId("before-choices").replaceChildren(...buttons);
  });
  showPlace(sync, choice);
  byId("before").hidden = true;
  byId("net").hidden = byId("checkin").hidden = false;
  run(sync, choice);
  if (!kept.session) choose("status"); // the first time: ready, and how to come back
  forgetOthers(event).catch(() => undefined);
}

/**
 * The event of a tablet whose browser was cleaned up: as another storage still names it, else as the server says who
 * recognizes the tablet by its cookie; null when it does not. @returns {Promise<string|null>}
 */
async function ownEvent() {
  const kept = await keptEvents().catch(() => []);
  if (kept.length === 1) return kept[0];
  for (;;) {
    try {
      return (await ask("tablet")).event;
    } catch (error) {
      const { foreign, lost } = error instanceof Refused ? error : new Refused(0);
      if (!lost) return null;
      before(foreign ? words.networkLogin : words.noRoster);
      await new Promise((again) => setTimeout(again, RETRY));
    }
  }
}

/** What is said before the screen can be used. @param {string} text @param {number} [done] 0 to 1 of what takes a while */
function before(text, done) {
  byId("before-text").textContent = text;
  byId("before-pair").hidden = text !== words.notPaired;
  Object.assign(byId("before-bar", HTMLProgressElement), { hidden: done === undefined, value: done ?? 0 });
}

/** The list, with progress; again and again until it is there. A tablet that has one opens at once. @param {Sync} sync */
async function firstRoster(sync) {
  while (!sync.meta.version) {
    if (sync.meta.title && sync.meta.standing !== "open") return; // closed: only what it recorded is left to send
    before(words.loading, 0);
    try {
      await sync.loadRoster((done, total) => before(say("loaded", { done, total }), done / total));
    } catch (error) {
      const { status, sentence, foreign } = error instanceof Refused ? error : new Refused(0);
      before(foreign ? words.networkLogin : status === 401 ? words.notPaired : sentence || words.noRoster);
      await new Promise((again) => setTimeout(again, RETRY));
    }
  }
}

/** @param {Sync} sync @param {number} chosen the session before, if there was one */
function choiceOf(sync, chosen) {
  /** @param {number} id */
  const take = (id) => {
    sync.door.session = id;
    sync.store.save({ session: id }).catch(() => undefined);
    sync.onChange();
    refresh();
  };
  return new Choice(sync.event, { chosen, now: () => Date.now() + sync.door.offset, take });
}

/** The event, its session and the tablet, as they are called by now. @param {Sync} sync @param {Choice} choice */
function showPlace({ meta }, choice) {
  byId("tablet-title").textContent = meta.device?.name ?? "";
  choice.show(meta.sessions ?? [], meta);
}

/** @param {Sync} sync @param {Choice} choice */
function run(sync, choice) {
  let [wasBehind, wasClosed] = [false, false];
  start(sync.door);
  let preparing = 0;
  const prepare = () => {
    preparing = sync.door.prepare(SLICE) ? 0 : setTimeout(prepare, 0);
  };
  sync.onChange = () => {
    preparing ||= setTimeout(prepare, 0);
    showPlace(sync, choice);
    showCounters(sync.door.counters());
    const closed = showState(sync);
    refresh(closed ? undefined : "present"); // no name stays in a list
    if (closed && !wasClosed) tell(words.closed);
    else if (wasBehind && !sync.queue.length) announce(closed ? words.closed : words.allSent);
    wasClosed = closed;
    wasBehind = sync.queue.length > 0 && (wasBehind || sync.failures > 0);
  };
  sync.onChange();
  const tick = () => {
    showState(sync); // "3 minutes ago" grows by itself
    showPlace(sync, choice);
  };
  setInterval(tick, 10_000);
  document.addEventListener("visibilitychange", tick); // the lid was shut overnight
  sync.next(0);
  const test = () => selfTest(sync);
  byId("recheck").addEventListener("click", test);
  navigator.serviceWorker?.addEventListener("controllerchange", test);
  test();
}

/** What waits, how old the rest is, what somebody has to look at: always in sight. Whether it is closed. @param {Sync} sync */
function showState({ meta, queue, review, failure, door }) {
  const unsent = say("unsent", { count: queue.length });
  showNet(failure ? "offline" : queue.length ? "queue" : "online", `${unsent} · ${say("age", { age: age(meta.synced_at) })}`);
  const closed = Boolean(meta.standing && meta.standing !== "open");
  const trouble = failure?.foreign ? words.networkLogin : failure?.lost ? words.offline : failure?.status === 401 ? words.pairAgain : failure?.sentence || words.refused;
  const event = door.trouble === "eventClosed" ? words.eventClosed : "";
  byId("state-text").textContent = byId("notice-text").textContent = closed ? words.closed : event || (failure ? trouble : words.online);
  byId("notice").hidden = !closed && !event && (!failure || (failure.lost && !failure.foreign));
  byId("state-people").textContent = say("people", { count: door.people.size });
  byId("update").hidden = !app?.waiting || queue.length > 0;
  const rows = [...review.values()].map(({ said: { name, registration = "" }, twice, open }) => {
    const who = { name: name || door.person(registration).name, where: twice ?? "" };
    return copyOf("review-row", { span: say(twice ? "twice" : open ? "stuck" : "kept", who) });
  });
  byId("review").replaceChildren(...rows);
  byId("review-title").hidden = !rows.length;
  return closed;
}

/** @param {number} [moment] ms */
function age(moment) {
  const minutes = Math.round((Date.now() - (moment ?? 0)) / 60_000);
  if (minutes < -1) return words.clockChanged; // it was set back since
  if (!moment || minutes < 1) return moment ? words.justNow : words.never;
  return minutes < 120 ? ago.format(-minutes, "minute") : ago.format(-Math.round(minutes / 60), "hour");
}

/** Try everything that the door needs when no server answers; again by itself until all passes. @param {Sync} sync */
async function selfTest({ store, door, meta }) {
  const mine = ++latestTest;
  navigator.storage?.persist?.().catch(() => false);
  const kept = await store.save({ session: door.session }).then(() => store.load(true)).catch(() => null);
  const tests = {
    app: async () => Boolean(navigator.serviceWorker.controller && (await caches.match("/checkin/tablet", { ignoreVary: true }))),
    list: async () => Boolean(meta.version) && kept?.meta.version === meta.version,
    disk: async () => kept?.session === door.session,
    reader: async () => Boolean(await makeReader()),
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
  if (!ready) setTimeout(() => mine === latestTest && byId("recheck").click(), RETRY);
}

/** The service worker lets the page open without a server. A newer version waits for a tap, and for an empty queue. */
async function keepApp() {
  byId("update").addEventListener("click", () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    app?.waiting?.postMessage("take over");
  });
  addEventListener("beforeinstallprompt", (event) => {
    byId("install").hidden = false;
    byId("install").onclick = () => event.prompt();
  });
  app = await navigator.serviceWorker.register("/checkin/sw.js", { scope: "/checkin/tablet" });
}

open();
