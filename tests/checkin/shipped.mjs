// The shipped modules of a tablet, without a screen, in the browser of fake_browser.mjs.
import { pathToFileURL } from "node:url";

import { install, tablets } from "./fake_browser.mjs";

install();
const folder = pathToFileURL(`${process.argv[2]}/`).href;
const listed = JSON.stringify({ found: 30, present: 50, near: 5 });
const words = JSON.stringify({ someone: "?", here: "here", eventClosed: "cancelled", sessionGone: "gone" });
globalThis.document = { getElementById: () => ({ dataset: { listed, words, locale: "id", zone: "Asia/Jakarta" } }) };
const { Door } = await import(`${folder}door.js`);
const { Store } = await import(`${folder}store.js`);
const { Sync } = await import(`${folder}sync.js`);
export const { uuid7 } = await import(`${folder}ask.js`);

/** The tablet's page opens: what open() in tablet.js does. @param {import("./fake_browser.mjs").Browser} browser @param {string} event */
export const open = (browser, event) =>
  tablets.run(browser, async () => {
    const [store, door] = [new Store(event), new Door()];
    const sync = new Sync(event, store, door, await store.load());
    Object.assign(browser, { store, door, sync });
    sync.next(0);
  });
