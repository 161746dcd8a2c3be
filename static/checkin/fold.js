// What a log of check-in operations means: the same pure function as halal/checkin/fold.py, rule for rule.

/**
 * @typedef {{id: string, seq: number, kind: string, session: number|null, registration: string|null,
 *   undoes?: string[], into?: string|null}} Op
 */

/** The key of somebody's presence at a session. @param {number} session @param {string} person */
export const keyOf = (session, person) => `${session}|${person}`;

/** Operations by id: one given twice counts once. @template {Op} T @param {Iterable<T>} ops @returns {T[]} */
const distinct = (ops) => [...new Map(Array.from(ops, (op) => [op.id, op])).values()];

/**
 * Who is present at which session: by keyOf, the live check-ins; the first of them counts, the others repeat it.
 * @template {Op} T @param {Iterable<T>} ops @returns {Map<string, T[]>}
 */
export function fold(ops) {
  const known = distinct(ops);
  const standsFor = persons(known);
  const undone = takenBack(known, standsFor);
  const live = new Map();
  for (const op of known.sort((a, b) => a.seq - b.seq)) {
    if ((op.kind !== "checkin" && op.kind !== "walkin") || op.session == null || op.registration == null) continue;
    const who = standsFor.get(op.registration) ?? op.registration;
    if (undone.has(`${who}|${op.id}`)) continue;
    const key = keyOf(op.session, who);
    if (live.has(key)) live.get(key).push(op);
    else live.set(key, [op]);
  }
  return live;
}

/**
 * Scans of codes that nobody has, as far as they were not taken back; in order of arrival.
 * @template {Op} T @param {Iterable<T>} ops @returns {T[]}
 */
export function unknownScans(ops) {
  const known = distinct(ops);
  const undone = takenBack(known, new Map());
  return known.filter((op) => op.kind === "unknown_scan" && !undone.has(`|${op.id}`)).sort((a, b) => a.seq - b.seq);
}

/** What is undone: an undo reaches operations of the person it names, and no others. @param {Op[]} ops @param {Map<string, string>} standsFor */
function takenBack(ops, standsFor) {
  const undone = new Set();
  for (const op of ops) {
    if (op.kind !== "undo") continue;
    const who = op.registration == null ? "" : (standsFor.get(op.registration) ?? op.registration);
    for (const target of op.undoes ?? []) undone.add(`${who}|${target}`);
  }
  return undone;
}

/**
 * Which registration stands for which, after all merges. The one that stands for a group was itself never merged into
 * another; of several, or of a circle, the oldest id.
 * @param {Iterable<Op>} ops @returns {Map<string, string>}
 */
export function persons(ops) {
  const merges = distinct(ops).filter((op) => op.kind === "merge" && op.registration && op.into);
  const parent = new Map();
  const root = (node) => {
    if (!parent.has(node)) parent.set(node, node);
    while (parent.get(node) !== node) node = parent.get(node);
    return node;
  };
  for (const { registration, into } of merges) parent.set(root(registration), root(into));
  const groups = new Map();
  for (const node of parent.keys()) groups.set(root(node), [...(groups.get(root(node)) ?? []), node]);
  const sources = new Set(merges.filter((op) => op.registration !== op.into).map((op) => op.registration));
  const standsFor = new Map();
  for (const group of groups.values()) {
    const kept = group.filter((node) => !sources.has(node));
    const chosen = (kept.length ? kept : group).reduce((a, b) => (a < b ? a : b));
    for (const node of group) standsFor.set(node, chosen);
  }
  return standsFor;
}
