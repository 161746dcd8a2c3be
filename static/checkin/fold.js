// What a log of check-in operations means: the same pure function as halal/checkin/fold.py, rule for rule.

/**
 * @typedef {{id: string, seq: number, kind: string, session: number|null, registration: string|null,
 *   undoes?: string[], into?: string|null, token_hash?: string|null}} Op
 */

/** The list under a key, made when there is none. @template K, V @param {Map<K, V[]>} lists @param {K} key */
export function listOf(lists, key) {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

/** Operations by id, in order: one given twice counts once. @template {Op} T @param {Iterable<T>} ops @returns {T[]} */
const distinct = (ops) => [...new Map(Array.from(ops, (op) => [op.id, op])).values()].sort((a, b) => a.seq - b.seq);

/**
 * Who is present at which session: by "session|person" the live check-ins; the first of them counts, the others repeat it.
 * @template {Op} T @param {Iterable<T>} ops @returns {Map<string, T[]>}
 */
export function fold(ops) {
  const known = distinct(ops);
  const standsFor = persons(known);
  const undone = takenBack(known, standsFor);
  /** @type {Map<string, T[]>} */
  const live = new Map();
  for (const op of known) {
    if ((op.kind !== "checkin" && op.kind !== "walkin") || op.session == null || op.registration == null) continue;
    const who = standsFor.get(op.registration) ?? op.registration;
    if (!undone.has(`${who}|${op.id}`)) listOf(live, `${op.session}|${who}`).push(op);
  }
  return live;
}

/**
 * Scans of codes that nobody has and nobody took back, in their order: of a code that was scanned again at its session the
 * first. A guest who is in and came with the code explains its scans at the same session.
 * @template {Op} T @param {Iterable<T>} ops @returns {T[]}
 */
export function unknownScans(ops) {
  const known = distinct(ops);
  const undone = takenBack(known, new Map());
  const scans = known.filter((op) => op.kind === "unknown_scan" && !undone.has(`|${op.id}`));
  if (!scans.length) return [];
  /** @param {Op} op */
  const codeOf = (op) => `${op.session}|${op.token_hash || op.id}`;
  const came = [...fold(known).values()].flat().filter((op) => op.kind === "walkin" && op.token_hash);
  const seen = new Set(came.map(codeOf));
  return scans.filter((op) => !seen.has(codeOf(op)) && seen.add(codeOf(op)));
}

/** An undo reaches operations of the person it names, and no others. @param {Op[]} ops @param {Map<string, string>} standsFor */
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
  const sources = new Set();
  /** @type {Map<string, string>} */
  const parent = new Map();
  /** @param {string} node @returns {string} */
  const root = (node) => {
    const above = parent.get(node) ?? node;
    return above === node ? node : root(above);
  };
  for (const { kind, registration, into } of ops) {
    if (kind !== "merge" || !registration || !into) continue;
    if (registration !== into) sources.add(registration);
    const kept = root(into);
    parent.set(root(registration), kept).set(kept, kept);
  }
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const node of parent.keys()) listOf(groups, root(node)).push(node);
  const standsFor = new Map();
  for (const group of groups.values()) {
    const kept = group.filter((node) => !sources.has(node));
    const chosen = (kept.length ? kept : group).reduce((a, b) => (a < b ? a : b));
    for (const node of group) standsFor.set(node, chosen);
  }
  return standsFor;
}
