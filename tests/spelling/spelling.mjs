// Prints what the shipped module makes of names and words: {pairs: [[one, other], …], words: […]} comes in, JSON goes out.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`).href;
const { nearNames, sounds } = await import(`${folder}spelling.js`);
const { Directory } = await import(`${folder}people.js`);
const { nameWords } = await import(`${folder}words.js`);
const { pairs, words, people, queries } = JSON.parse(readFileSync(0, "utf8"));

const directory = new Directory();
directory.set(people.map((n) => ({ id: n, n })));
/** Names that are found, the exact ones first: what search() in door.js does. */
const search = (typed) => [...new Set([...directory.exact(typed), ...directory.sounding(typed)])];

/** What a list finds that was changed person by person, until pieces were divided and others gone, and one built at once. */
function changed() {
  const person = (at, n) => ({ id: String(at), n, b: `Warung ${people[(at * 7) % people.length]}` });
  const list = new Directory();
  const now = new Map();
  for (let at = 0; at < 3000; at++) {
    const one = person((at * 17) % 1300, `${people[(at * 5) % people.length]} ${words[at]}`);
    now.set(one.id, one);
    list.set([one], true);
    if (at % 500 === 0) list.prepare();
  }
  for (let at = 0; at < 600; at++) {
    const one = person(at, `Zainuddin ${words[at]}`); // they all leave the beginning of the list
    now.set(one.id, one);
    list.set([one], true);
  }
  const anew = new Directory();
  anew.set([...now.values()]);
  const typed = ["riz", "ri", "zaenudin", "nuraini", "warung abdul", `Zainudin ${words[5]}`, `Djoko Tjahyono ${words[2950]}`];
  const found = (one) => typed.map((query) => [...one.exact(query), ...one.sounding(query), "near", ...one.near(query)]);
  return { found: found(list), expected: found(anew) };
}

const answer = {
  changed: changed(),
  near: pairs.map(([one, other]) => nearNames(nameWords(one), nameWords(other))),
  sounds: words.map((word) => [sounds(word), sounds(word, false)]),
  found: Object.fromEntries(queries.map((typed) => [typed, search(typed)])),
};
process.stdout.write(JSON.stringify(answer));
