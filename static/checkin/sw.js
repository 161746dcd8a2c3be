// Lets a paired tablet open where no server answers. It keeps one page without a person's data, and what that page is
// made of; SHELL = {version, files} stands above this when it is served. The API never passes through here.
const CACHE = `checkin-tablet-${SHELL.version}`;

self.addEventListener("install", (event) => {
  const load = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(SHELL.files.map((file) => new Request(file, { cache: "reload" })));
  };
  event.waitUntil(load());
});

self.addEventListener("activate", (event) => {
  const takeOver = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("checkin-tablet-") && name !== CACHE).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(takeOver());
});

// A newer version waits until somebody taps: never in the middle of a queue.
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || url.pathname.startsWith("/checkin/api/")) return;
  const shell = request.mode === "navigate" && /^\/checkin\/tablet(\/[a-z0-9-]+)?$/.test(url.pathname);
  if (!shell && !SHELL.files.includes(url.pathname + url.search)) return;
  const answer = async () => {
    const kept = await (await caches.open(CACHE)).match(shell ? SHELL.files[0] : request, { ignoreVary: true });
    return kept ?? fetch(request);
  };
  event.respondWith(answer());
});
