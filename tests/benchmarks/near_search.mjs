// Times what a paired tablet does while somebody types, in the shipped modules: {people, queries, rounds} comes in as
// JSON, {kind: {median, slowest}} in milliseconds goes out. Kinds: see near_search.py.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import "../checkin/shipped.mjs";

const FOUND = 30;
const folder = pathToFileURL(`${process.argv[2]}/`).href;
const { Door } = await import(`${folder}door.js`);
const { Directory } = await import(`${folder}people.js`);
const { people, queries, rounds } = JSON.parse(readFileSync(0, "utf8"));

const roster = people.map(([n, b], at) => ({ id: String(at), h: String(at).padStart(16, "0"), n, b, r: "", k: "", s: "confirmed", u: 1 }));
const times = {};

async function timed(kind, work) {
  const begun = performance.now();
  await work();
  if (kind) (times[kind] ??= []).push(performance.now() - begun);
}

const plain = new Directory();
plain.set(roster);
/** The exact words alone, as many as the screen shows. */
function exact(typed) {
  let count = 0;
  for (const _id of plain.exact(typed)) if (++count === FOUND) return;
}

const door = new Door();
await timed("opening", () => door.setRoster(roster));
await timed("preparing", () => door.prepare(Infinity));
for (let round = -2; round < rounds; round++) {
  const [measured, typed] = [round >= 0, queries[(round + queries.length) % queries.length]];
  for (const query of queries) {
    await timed(measured && "exact", () => exact(query));
    await timed(measured && "search", () => door.search(query));
    await timed(measured && "walk_in", () => door.near(query));
  }
  // somebody registers late, and the first who is looked for after that is somebody else
  for (const [kind, ask] of [["first_search", () => door.search(typed)], ["first_walk_in", () => door.near(typed)]]) {
    const late = { ...roster[round + 2], u: round, n: `${typed} ${kind}` };
    await timed(measured && "change", () => door.setRoster([late], true));
    await timed(measured && kind, ask);
  }
}
const of = (all, share) => all.sort((a, b) => a - b)[Math.floor(all.length * share)];
const found = Object.entries(times).map(([kind, all]) => [kind, { median: of(all, 0.5), slowest: of(all, 0.99) }]);
writeFileSync(1, JSON.stringify(Object.fromEntries(found)));
process.exit(0);
