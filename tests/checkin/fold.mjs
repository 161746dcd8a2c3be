// Folds one log a line, as JSON, with the fold that tablets run.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { fold, persons, unknownScans } = await import(pathToFileURL(process.argv[2]).href);

for await (const line of createInterface({ input: process.stdin })) {
  const ops = JSON.parse(line);
  const present = Object.fromEntries([...fold(ops)].map(([key, live]) => [key, live.map((op) => op.id)]));
  const unknown = unknownScans(ops).map((op) => op.id);
  process.stdout.write(`${JSON.stringify({ present, unknown, persons: Object.fromEntries(persons(ops)) })}\n`);
}
