/** The digests of one row, each computed once and shared by the masks that draw from it. */
import { ident } from "../db/identifier.ts";
import { Draw } from "./draw.ts";
import type { KeySettings } from "./settings.ts";

/**
 * Bytes of a value's digest that its own mask may use; the rest is for what follows the value, like
 * the days by which the dates of a person are shifted.
 */
const maskBytes = 24;

interface Source {
  readonly keys: KeySettings;
  /** The name of the key that the row's own digests are taken with. */
  readonly label: string;
  /** SQL of a text that tells rows apart. */
  readonly identity: string;
  /** Alias of the subquery with the digests; another for each level of nesting. */
  readonly alias?: string;
}

/** Collects the digests that masks need, as columns of one LATERAL subquery. */
export class RowDigests {
  readonly #source: Source;
  readonly #alias: string;
  readonly #columns: { name: string; sql: string }[] = [];
  readonly #joins: string[] = [];
  readonly #shared: Draw;
  #blocks = 0;
  #inside = 0;

  constructor(source: Source) {
    this.#source = source;
    this.#alias = source.alias ?? "d";
    const { keys, label } = source;
    this.#shared = new Draw(
      () => ({ sql: this.#block(), from: 0, to: 32 }),
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
    const used = this.#columns.filter(({ name }) =>
      new RegExp(`\\b${this.#alias}[.]${name}\\b`).test(expression),
    );
    return used.length === 0
      ? expression
      : `(select ${expression} from (select) one${this.#lateral(used)})`;
  }

  #lateral(columns: readonly { readonly name: string; readonly sql: string }[]): string {
    if (columns.length === 0) return "";
    const list = columns.map(({ name, sql }) => `${sql} as ${ident(name)}`);
    // OFFSET 0 keeps the planner from copying each digest into every place that refers to it.
    return ` cross join lateral (select ${list.join(", ")} offset 0) ${this.#alias}`;
  }

  /** SQL of a JSONB array of words. */
  words(words: readonly string[]): string {
    return this.#source.keys.words(words);
  }

  /** HMAC over further text of the row, under the row's key. */
  keyed(message: string): string {
    return this.#source.keys.hmac(`${this.#source.label} order`, message);
  }

  /** SQL of the text that tells rows apart. */
  get identity(): string {
    return this.#source.identity;
  }

  #block(): string {
    const { keys, label, identity } = this.#source;
    this.#blocks += 1;
    const name = this.#blocks === 1 ? label : `${label} ${this.#blocks}`;
    return this.#add(keys.hmac(name, `convert_to(${identity}, 'UTF8')`));
  }

  #single(domain: string, text: string, from: number, to: number): Draw {
    const label = `domain ${domain}`;
    const { keys } = this.#source;
    let isTaken = false;
    return new Draw(
      () => {
        if (isTaken) return undefined;
        isTaken = true;
        return { sql: this.#add(keys.hmac(label, `convert_to(${text}, 'UTF8')`)), from, to };
      },
      () => keys.roundKey(label),
    );
  }

  #add(sql: string): string {
    let column = this.#columns.find((one) => one.sql === sql);
    if (!column) {
      column = { name: `h${this.#columns.length}`, sql };
      this.#columns.push(column);
    }
    return `${this.#alias}.${column.name}`;
  }
}
