// Which texts of 22 characters a tablet takes for a ticket: node tickets.mjs FOLDER < {"tokens": […], "names": […]}
import { readFileSync } from "node:fs";

const { isToken } = await import(`${process.argv[2]}/keyboard.js`);
const given = JSON.parse(readFileSync(0, "utf8"));
const taken = Object.entries(given).map(([kind, texts]) => [kind, texts.filter(isToken).length]);
console.log(JSON.stringify(Object.fromEntries(taken)));
