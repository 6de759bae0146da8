/** The digests of one row, each computed once and shared by the masks that draw from it. */
import { ident } from "../db/identifier.ts";
import type { Digest } from "./draw.ts";
import { Draw } from "./draw.ts";
import type { KeySettings } from "./settings.ts";

/**
 * Bytes of a value's digest that its own mask may use; the rest is for what follows the value, like
 * the days by which the dates of a person are shifted.
 */
const maskBytes = 28;

/** What the digest of a row's key is made from. */
export interface KeyDigest {
  readonly domain: string;
  /** SQL of the key as text. */
  readonly text: string;
  /** No mask of the key draws from that digest, in any table: its first bytes are the row's own. */
  readonly isFree: boolean;
}

interface Source {
  readonly keys: KeySettings;
  /** The name of the key that the row's own digests are taken with. */
  readonly label: string;
  /** SQL of a text that tells rows apart. */
  readonly identity: string;
  /** A value whose digest the row's own is made from, because masks need it anyway. */
  readonly key?: KeyDigest | undefined;
  /** Alias of the subquery with the digests; another for each level of nesting. */
  readonly alias?: string;
}

interface DigestColumn {
  readonly name: string;
  readonly sql: string;
  /** It is made from another one, and so in a subquery of its own after the first. */
  readonly isSecond: boolean;
}

/** Collects the digests that masks need, as columns of one LATERAL subquery or two. */
export class RowDigests {
  readonly #source: Source;
  readonly #alias: string;
  readonly #columns: DigestColumn[] = [];
  readonly #joins: string[] = [];
  readonly #shared: Draw;
  #blocks = 0;
  #inside = 0;

  constructor(source: Source) {
    this.#source = source;
    this.#alias = source.alias ?? "d";
    const { keys, label } = source;
    this.#shared = new Draw(
      () => this.#block(),
      () => keys.roundKey(label),
    );
  }

  /** Bits that every row has for itself. */
  ofRow(): Draw {
    return this.#shared;
  }

  /** Bits that equal values of a domain have in common; `text` is SQL of the value as text. */
  ofValue(domain: string, text: string): Draw {
    return this.#single(domain, text, 0, maskBytes);
  }

  /** Further bits of the same digest, for what follows a value and is not its mask. */
  besideValue(domain: string, text: string): Draw {
    return this.#single(domain, text, maskBytes, 32);
  }

  /** Digests of their own for the members of a list, which `place` (SQL of a number) tells apart. */
  inside(place: string): RowDigests {
    this.#inside += 1;
    const { label, identity } = this.#source;
    return new RowDigests({
      ...this.#source,
      label: label.endsWith(" inside") ? label : `${label} inside`,
      identity: `(${identity} || '/' || ${place}::text)`,
      key: undefined,
      alias: `${this.#alias}_${this.#inside}`,
    });
  }

  /** A FROM item beside the row; its alias is given to `sql`. */
  join(sql: (alias: string) => string): string {
    const alias = `j${this.#joins.length}`;
    this.#joins.push(sql(alias));
    return alias;
  }

  /** SQL after the row's own FROM item: nothing, or the subquery that computes the digests. */
  get from(): string {
    return this.#joins.join("") + this.#lateral(this.#columns);
  }

  /** SQL of a subquery around an expression, with those digests that it refers to. */
  wrap(expression: string): string {
    const refers = (sql: string) => (column: DigestColumn) =>
      new RegExp(`\\b${this.#reference(column).replace(".", "[.]")}\\b`).test(sql);
    const second = this.#columns.filter(({ isSecond }) => isSecond).filter(refers(expression));
    const all = [expression, ...second.map(({ sql }) => sql)].join(" ");
    const used = [
      ...this.#columns.filter(({ isSecond }) => !isSecond).filter(refers(all)),
      ...second,
    ];
    return used.length === 0
      ? expression
      : `(select ${expression} from (select) one${this.#lateral(used)})`;
  }

  #lateral(columns: readonly DigestColumn[]): string {
    return [false, true]
      .map((isSecond) => {
        const own = columns.filter((column) => column.isSecond === isSecond);
        if (own.length === 0) return "";
        const list = own.map(({ name, sql }) => `${sql} as ${ident(name)}`);
        // OFFSET 0 keeps the planner from copying each digest into every place that refers to it.
        return ` cross join lateral (select ${list.join(", ")} offset 0) ${this.#aliasOf(isSecond)}`;
      })
      .join("");
  }

  #aliasOf(isSecond: boolean): string {
    return isSecond ? `${this.#alias}s` : this.#alias;
  }

  #reference({ name, isSecond }: Pick<DigestColumn, "name" | "isSecond">): string {
    return `${this.#aliasOf(isSecond)}.${name}`;
  }

  /** SQL of a JSONB array of words. */
  words(words: readonly string[]): string {
    return this.#source.keys.words(words);
  }

  /** SQL of a varbit of drawn letters. */
  letters(): string {
    return this.#source.keys.letters();
  }

  /** HMAC over further text of the row, under the row's key. */
  keyed(text: string): string {
    return this.#source.keys.hmac(`${this.#source.label} order`, text);
  }

  /** SQL of the text that tells rows apart. */
  get identity(): string {
    return this.#source.identity;
  }

  #block(): Digest {
    const { keys, label, identity, key } = this.#source;
    this.#blocks += 1;
    const name = this.#blocks === 1 ? label : `${label} ${this.#blocks}`;
    if (!key) return { sql: this.#add(keys.hmac(name, identity)), from: 0, to: 32 };
    const digest = this.#add(keys.hmac(domainLabel(key.domain), key.text));
    if (key.isFree && this.#blocks === 1) return { sql: digest, from: 0, to: maskBytes };
    return { sql: this.#add(keys.expanded(name, digest), true), from: 0, to: 32 };
  }

  #single(domain: string, text: string, from: number, to: number): Draw {
    const label = domainLabel(domain);
    const { keys } = this.#source;
    let isTaken = false;
    return new Draw(
      () => {
        if (isTaken) return undefined;
        isTaken = true;
        return { sql: this.#add(keys.hmac(label, text)), from, to };
      },
      () => keys.roundKey(label),
    );
  }

  #add(sql: string, isSecond = false): string {
    let column = this.#columns.find((one) => one.sql === sql);
    if (!column) {
      column = { name: `h${this.#columns.length}`, sql, isSecond };
      this.#columns.push(column);
    }
    return this.#reference(column);
  }
}

function domainLabel(domain: string): string {
  return `domain ${domain}`;
}
