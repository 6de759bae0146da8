/** The statements of a file, found by what they are about: rules ask once a finding, files have thousands. */
import type { Statement } from "../db/script.ts";

/** What a statement is about, in words of a rule: names, mostly. Known by identity, so no function made anew. */
export type Topics = (statement: Statement) => readonly string[];

/** One of these is about a topic. */
export type Watched = readonly [Topics, topic: string];

const none: readonly number[] = [];

export class FileStatements {
  /** By place; what runs instead of a written statement stands between it and the next one. */
  readonly #at = new Map<number, Statement>();
  readonly #places = new Map<Statement, number>();
  /** Places by topic, ascending; made when first asked for. */
  readonly #known = new Map<Topics, Map<string, number[]>>();

  constructor(statements: readonly Statement[]) {
    for (let place = 0; place < statements.length; place += 1) {
      const statement = statements[place];
      if (statement) this.#put(place, statement);
    }
  }

  at(place: number): Statement | undefined {
    return this.#at.get(place);
  }

  /** Puts what runs instead in the place of a written one, the first of which is 0. */
  replace(place: number, pieces: readonly Statement[]): void {
    const written = this.#at.get(place);
    if (written) {
      this.#at.delete(place);
      this.#places.delete(written);
      for (const [topics, known] of this.#known) {
        for (const topic of topics(written)) takeFrom(known.get(topic), place);
      }
    }
    for (const [index, piece] of pieces.entries()) this.#put(place + index / pieces.length, piece);
  }

  /** True where any statement of the file is about the topic. */
  has(topics: Topics, topic: string): boolean {
    return this.#placesOf(topics, topic).length > 0;
  }

  /** True where one behind the statement is. */
  hasBehind(statement: Statement, topics: Topics, topic: string): boolean {
    return (this.#placesOf(topics, topic).at(-1) ?? -1) > this.#placeOf(statement);
  }

  /**
   * Visits the statements before `end`, in order, that are about what `watched` says when their turn
   * comes.
   */
  visitBefore(
    end: Statement,
    watched: () => Iterable<Watched>,
    visit: (statement: Statement) => void,
  ): void {
    this.#visit(-1, this.#placeOf(end), watched, visit);
  }

  /** The same for those behind `start`. */
  visitBehind(
    start: Statement,
    watched: () => Iterable<Watched>,
    visit: (statement: Statement) => void,
  ): void {
    this.#visit(this.#placeOf(start), Number.POSITIVE_INFINITY, watched, visit);
  }

  #visit(
    from: number,
    end: number,
    watched: () => Iterable<Watched>,
    visit: (statement: Statement) => void,
  ): void {
    for (let place = from; ;) {
      let next = end;
      for (const [topics, topic] of watched()) {
        next = Math.min(next, firstBehind(this.#placesOf(topics, topic), place));
      }
      const statement = this.#at.get(next);
      if (next >= end || !statement) return;
      visit(statement);
      place = next;
    }
  }

  #put(place: number, statement: Statement): void {
    this.#at.set(place, statement);
    this.#places.set(statement, place);
    for (const [topics, known] of this.#known) note(known, topics(statement), place);
  }

  #placeOf(statement: Statement): number {
    return this.#places.get(statement) ?? -1;
  }

  #placesOf(topics: Topics, topic: string): readonly number[] {
    let known = this.#known.get(topics);
    if (known === undefined) {
      known = new Map();
      this.#known.set(topics, known);
      // In order but for what has taken the place of another one.
      for (const [place, statement] of this.#at) note(known, topics(statement), place);
    }
    return known.get(topic) ?? none;
  }
}

function note(known: Map<string, number[]>, topics: readonly string[], place: number): void {
  for (const topic of topics) {
    const places = known.get(topic);
    if (places === undefined) known.set(topic, [place]);
    else if ((places.at(-1) ?? -1) < place) places.push(place);
    else {
      const index = indexBehind(places, place);
      if (places[index - 1] !== place) places.splice(index, 0, place);
    }
  }
}

function takeFrom(places: number[] | undefined, place: number): void {
  const index = places === undefined ? 0 : indexBehind(places, place) - 1;
  if (places?.[index] === place) places.splice(index, 1);
}

function firstBehind(places: readonly number[], place: number): number {
  return places[indexBehind(places, place)] ?? Number.POSITIVE_INFINITY;
}

/** Where the first of ascending places is that is behind this one. */
function indexBehind(places: readonly number[], place: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}
