/** The order of the dump: by stage, schema and name, as far as dependencies allow. */
import type { Key, SchemaObject, Stage } from "./object.ts";
import { stages } from "./object.ts";

/** An object in its place. Its stage may have moved back to where it is possible. */
export interface Placed {
  readonly object: SchemaObject;
  readonly stage: Stage;
}

export interface Order {
  readonly placed: readonly Placed[];
  /** Objects in a cycle, or behind one, that no order can satisfy. Empty when all is well. */
  readonly stuck: readonly SchemaObject[];
}

/** What each object needs before it, as objects. */
export type Needs = (object: SchemaObject) => ReadonlySet<SchemaObject>;

interface Candidate extends Placed {
  readonly key: Key;
}

/**
 * Sorts topologically; among the objects that are ready, one of the current block comes first,
 * then the smallest by stage, section and key. Never by oid, so creation history has no say.
 */
export function sortObjects(objects: readonly SchemaObject[], needs: Needs): Order {
  const waiting = new Map<SchemaObject, number>();
  const needers = new Map<SchemaObject, SchemaObject[]>();
  const ready: Candidate[] = [];
  for (const object of objects) {
    const needed = needs(object);
    waiting.set(object, needed.size);
    for (const other of needed) {
      const list = needers.get(other);
      if (list) list.push(object);
      else needers.set(other, [object]);
    }
    if (needed.size === 0) ready.push(candidate(object, object.stage));
  }
  ready.sort(compareCandidates);
  const placed: Placed[] = [];
  let block: Candidate[] = [];
  let blockName: string | undefined;
  for (;;) {
    if (block.length === 0) {
      const first = ready[0];
      if (!first) break;
      blockName = blockOf(first);
      let count = 1;
      while (ready[count] && blockOf(ready[count] as Candidate) === blockName) count += 1;
      block = ready.splice(0, count);
    }
    const next = block.shift() as Candidate;
    placed.push(next);
    for (const object of needers.get(next.object) ?? []) {
      const left = (waiting.get(object) ?? 0) - 1;
      waiting.set(object, left);
      if (left > 0) continue;
      const released = candidate(object, stageAfter(object, next));
      insert(blockOf(released) === blockName ? block : ready, released);
    }
  }
  const done = new Set(placed.map((entry) => entry.object));
  return { placed, stuck: objects.filter((object) => !done.has(object)) };
}

/** The objects among `stuck` that are in a cycle or between two, not merely behind one. */
export function inCycles(stuck: readonly SchemaObject[], needs: Needs): Set<SchemaObject> {
  const left = new Set(stuck);
  for (let size = -1; size !== left.size;) {
    size = left.size;
    const needed = new Set([...left].flatMap((object) => [...needs(object)]));
    for (const object of left) if (!needed.has(object)) left.delete(object);
  }
  return left;
}

/**
 * A function that had to wait for a table stands with the views; an index or policy that had to
 * wait for something outside its table's block stands at the end, or it would split another block.
 */
function stageAfter(object: SchemaObject, last: Placed): Stage {
  if (object.stage === stages.definitions && last.stage >= stages.tables) return stages.views;
  if (object.isPart === true && object.stage < stages.postponed) {
    if (last.object.block !== object.block || last.stage > object.stage) return stages.postponed;
  }
  return object.stage;
}

function candidate(object: SchemaObject, stage: Stage): Candidate {
  return { object, stage, key: [stage, object.section, ...object.key] };
}

function blockOf({ object, stage }: Placed): string {
  return `${stage} ${object.block}`;
}

function insert(list: Candidate[], entry: Candidate): void {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareCandidates(list[middle] as Candidate, entry) <= 0) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, entry);
}

function compareCandidates(a: Candidate, b: Candidate): number {
  return compareKeys(a.key, b.key);
}

/** Element by element; numbers before strings, strings by code unit, the shorter key first. */
export function compareKeys(a: Key, b: Key): number {
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    const left = a[i] as string | number;
    const right = b[i] as string | number;
    if (left === right) continue;
    if (typeof left !== typeof right) return typeof left === "number" ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}
