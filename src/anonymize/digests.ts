/** The digests of one table's row, each computed once and shared by the masks that draw from it. */
import { ident } from "../db/identifier.ts";
import { Draw } from "./draw.ts";
import type { KeySettings } from "./settings.ts";

/**
 * Bytes of a value's digest that its own mask may use; the rest is for what follows the value, like
 * the days by which the dates of a person are shifted.
 */
const maskBytes = 24;

/** Collects the digests that a table's masks need, as columns of one LATERAL subquery. */
export class RowDigests {
  readonly #keys: KeySettings;
  readonly #label: string;
  readonly #identity: string;
  readonly #columns: { name: string; sql: string }[] = [];
  readonly #shared: Draw;
  #blocks = 0;

  /** `identity`: SQL of a text that tells rows apart; `label`: the name of the table's key. */
  constructor(keys: KeySettings, label: string, identity: string) {
    this.#keys = keys;
    this.#label = label;
    this.#identity = identity;
    this.#shared = new Draw(
      () => {
        const block = this.#blocks;
        this.#blocks += 1;
        const sql = this.#keys.hmac(
          block === 0 ? this.#label : `${this.#label} ${block + 1}`,
          `convert_to(${this.#identity}, 'UTF8')`,
        );
        return { sql: this.#add(sql), from: 0, to: 32 };
      },
      () => this.#keys.roundKey(this.#label),
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

  /** SQL after `from only s.t t`: nothing, or the subquery that computes the digests. */
  get from(): string {
    if (this.#columns.length === 0) return "";
    const list = this.#columns.map(({ name, sql }) => `${sql} as ${ident(name)}`);
    // OFFSET 0 keeps the planner from copying each digest into every place that refers to it.
    return ` cross join lateral (select ${list.join(", ")} offset 0) d`;
  }

  #single(domain: string, text: string, from: number, to: number): Draw {
    const label = `domain ${domain}`;
    let isTaken = false;
    return new Draw(
      () => {
        if (isTaken) return undefined;
        isTaken = true;
        const sql = this.#keys.hmac(label, `convert_to(${text}, 'UTF8')`);
        return { sql: this.#add(sql), from, to };
      },
      () => this.#keys.roundKey(label),
    );
  }

  #add(sql: string): string {
    let column = this.#columns.find((one) => one.sql === sql);
    if (!column) {
      column = { name: `h${this.#columns.length}`, sql };
      this.#columns.push(column);
    }
    return `d.${column.name}`;
  }
}
