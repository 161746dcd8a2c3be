// Lets a paired tablet open where no server answers. It keeps one page without a person's data, and what that page is
// made of; SHELL = {version, pages, files} stands above this when it is served. The API never passes through here.
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const CACHE = `checkin-tablet-${SHELL.version}`;

worker.addEventListener("install", (event) => {
  const fresh = SHELL.files.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
});

worker.addEventListener("activate", (event) => {
  const takeOver = async () => {
    const others = (await caches.keys()).filter((name) => name.startsWith("checkin-tablet-") && name !== CACHE);
    await Promise.all(others.map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(takeOver());
});

// A newer version waits until somebody taps: never in the middle of a queue.
worker.addEventListener("message", (event) => {
  if (event.data === "take over") worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/checkin/api/")) return;
  const shell = request.mode === "navigate" && /^\/checkin\/tablet(\/[a-z0-9-]+)?$/.test(url.pathname);
  if (!shell && !SHELL.files.includes(url.pathname + url.search)) return;
  const answer = async () => {
    const page = SHELL.pages[url.searchParams.get("bahasa") ?? ""] ?? SHELL.files[0];
    const kept = await (await caches.open(CACHE)).match(shell ? page : request, { ignoreVary: true });
    return kept ?? fetch(request);
  };
  event.respondWith(answer());
});
