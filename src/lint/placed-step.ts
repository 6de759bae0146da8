/** What rules are shown, as it is put together for each statement. */
import type { Statement } from "../db/script.ts";
import type { Location } from "../errors.ts";
import type { Model } from "../locks/model.ts";
import type { Step } from "./rule.ts";
import type { Source } from "./source.ts";

const none: ReadonlySet<string> = new Set();

/** A step that looks up its place when asked: most statements have no finding. */
export class PlacedStep implements Step {
  readonly source: Source;
  readonly statement: Statement;
  readonly effects: Step["effects"];
  readonly model: Model;
  readonly before: readonly Step[];
  readonly file: Step["file"];
  readonly isInBlock: boolean;
  readonly isInBatches: boolean;
  own: ReadonlySet<string> = none;
  #at: Location | undefined;

  constructor(
    source: Source,
    statement: Statement,
    known: Pick<Step, "effects" | "model" | "before" | "file" | "isInBlock" | "isInBatches">,
  ) {
    this.source = source;
    this.statement = statement;
    this.effects = known.effects;
    this.model = known.model;
    this.before = known.before;
    this.file = known.file;
    this.isInBlock = known.isInBlock;
    this.isInBatches = known.isInBatches;
  }

  get at(): Location {
    return (this.#at ??= this.source.placeOf(this.statement.start));
  }

  get line(): number {
    return this.at.line;
  }

  /** Notes which of its tables are new in the model as it is now. */
  noteOwn(): void {
    for (const { table, other } of this.effects) {
      this.#noteIfOwn(table);
      if (other) this.#noteIfOwn(other.table);
    }
  }

  #noteIfOwn(name: string): void {
    if (this.model.table(name)?.isNew !== true || this.own.has(name)) return;
    this.own = new Set([...this.own, name]);
  }
}
