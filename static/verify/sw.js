// Lets a QR code be checked where no server answers. It keeps a page without anybody's data in each language, what it is
// made of, and the offices' public keys; SHELL = {version, pages, keys, files} stands above this when it is served.
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const CACHE = `verify-${SHELL.version}`;
const PATIENCE = 8000; // milliseconds: a server that is silent for so long is as good as none

worker.addEventListener("install", (event) => {
  const load = async () => {
    const cache = await caches.open(CACHE);
    const files = [...Object.values(SHELL.pages), SHELL.keys, ...SHELL.files];
    await cache.addAll(files.map((file) => new Request(file, { cache: "reload", credentials: "omit" })));
    await worker.skipWaiting(); // nobody's work is in the page
  };
  event.waitUntil(load());
});

worker.addEventListener("activate", (event) => {
  const takeOver = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("verify-") && name !== CACHE).map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(takeOver());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === SHELL.keys) event.respondWith(freshKeys(request));
  else if (request.mode === "navigate") event.respondWith(pageOrShell(request));
  else if (SHELL.files.includes(url.pathname + url.search)) event.respondWith(kept(request).then((found) => found ?? fetch(request)));
});

/** The page as the server has it; without a server the page that is kept. @param {Request} request @returns {Promise<Response>} */
async function pageOrShell(request) {
  try {
    const answer = await answered(request);
    if (![502, 503, 504].includes(answer.status)) return answer; // these come from a proxy whose server is gone
  } catch {
    // no network
  }
  const language = await (await caches.match("/v/bahasa"))?.text(); // page.js writes it down
  return (await kept(SHELL.pages[language ?? ""] ?? SHELL.pages.id)) ?? Response.error();
}

/** The newest keys; without a server those that came last. @param {Request} request @returns {Promise<Response>} */
async function freshKeys(request) {
  try {
    const answer = await answered(request);
    if (answer.ok) {
      await (await caches.open(CACHE)).put(SHELL.keys, answer.clone());
      return answer;
    }
  } catch {
    // no network
  }
  return (await kept(SHELL.keys)) ?? Response.error();
}

/** @param {Request} request @returns {Promise<Response>} */
function answered(request) {
  /** @type {Promise<never>} */
  const late = new Promise((_done, failed) => setTimeout(() => failed(new Error("late")), PATIENCE));
  return Promise.race([fetch(request), late]);
}

/** @param {RequestInfo} request */
async function kept(request) {
  return (await caches.open(CACHE)).match(request, { ignoreVary: true });
}
