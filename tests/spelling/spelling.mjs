// Prints what the shipped module makes of names and words: {pairs: [[one, other], …], words: […]} comes in, JSON goes out.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`).href;
const { nearNames, sounds } = await import(`${folder}spelling.js`);
const { Finder, beginnings, indexed, merged, nameWords, soundsLike, soundsOf } = await import(`${folder}words.js`);
const { pairs, words, people, queries } = JSON.parse(readFileSync(0, "utf8"));

/** Names that are found, the exact ones first: what search() in door.js does. */
function search(typed) {
  const exact = new Finder(people.map((name) => indexed(name))).find(beginnings(typed).map((word) => [word]), 99);
  const sounding = new Finder(people.map((name) => soundsOf(name)));
  const near = merged(soundsLike(typed).map((parts) => sounding.find(parts, 99)));
  return [...new Set([...exact, ...near])].map((place) => people[place]);
}

const answer = {
  near: pairs.map(([one, other]) => nearNames(nameWords(one), nameWords(other))),
  sounds: words.map((word) => [sounds(word), sounds(word, false)]),
  found: Object.fromEntries(queries.map((typed) => [typed, search(typed)])),
};
process.stdout.write(JSON.stringify(answer));
