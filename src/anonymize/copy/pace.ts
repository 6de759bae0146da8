/** How far a copy is: rows and bytes per table, announced as events. */
import { formatAge, formatBytes, formatCount } from "../../db/amount.ts";
import type { EventListener } from "../../events.ts";
import type { DonePart } from "./marker.ts";
import { type CopyTable, maskedColumns } from "./table.ts";
import type { Unit } from "./unit.ts";

/** One table in the report. */
export interface CopiedTable {
  readonly table: string;
  readonly rows: number;
  /** As they travelled: text, masked. */
  readonly bytes: number;
  /** Spent on it by all workers together. */
  readonly seconds: number;
  readonly masked: readonly string[];
}

interface State {
  rows: number;
  bytes: number;
  ms: number;
  left: number;
}

export interface Attempt {
  readonly bytes: number;
  add(bytes: number): void;
  done(rows: number): void;
  /** What was sent does not count. */
  undo(): void;
}

// A table that takes longer than this gets a line of its own.
const lineMs = 2000;
const announceMs = 200;

export class Pace {
  readonly #events: EventListener;
  readonly #states = new Map<CopyTable, State>();
  readonly #total: number;
  readonly #running = new Map<Unit, { bytes: number }>();
  readonly #startedAt = performance.now();
  #doneBytes = 0;
  #resumedBytes = 0;
  #bytes = 0;
  #announcedAt = 0;

  constructor(tables: readonly CopyTable[], units: readonly Unit[], events: EventListener) {
    this.#events = events;
    for (const table of tables) {
      const left = units.filter((unit) => unit.table === table).length;
      this.#states.set(table, { rows: 0, bytes: 0, ms: 0, left });
    }
    this.#total = units.reduce((sum, unit) => sum + unit.bytes, 0);
  }

  /** A part that an earlier run has copied. */
  resume(unit: Unit, part: DonePart): void {
    const state = this.#stateOf(unit.table);
    state.rows += part.rows;
    state.bytes += part.bytes;
    state.left -= 1;
    this.#doneBytes += unit.bytes;
    this.#resumedBytes += unit.bytes;
  }

  begin(unit: Unit): Attempt {
    const startedAt = performance.now();
    const own = { bytes: 0 };
    this.#running.set(unit, own);
    const end = () => {
      const state = this.#stateOf(unit.table);
      state.ms += performance.now() - startedAt;
      this.#running.delete(unit);
      return state;
    };
    return {
      get bytes() {
        return own.bytes;
      },
      add: (bytes) => {
        own.bytes += bytes;
        this.#bytes += bytes;
        this.#announce(unit);
      },
      done: (rows) => {
        const state = end();
        state.rows += rows;
        state.bytes += own.bytes;
        state.left -= 1;
        this.#doneBytes += unit.bytes;
        if (state.left === 0) this.#finish(unit.table, state);
      },
      undo: () => {
        end();
        this.#bytes -= own.bytes;
      },
    };
  }

  note(message: string): void {
    this.#events({ type: "notice", level: "warning", message });
  }

  report(): CopiedTable[] {
    return [...this.#states].map(([table, state]) => ({
      table: table.id,
      rows: state.rows,
      bytes: state.bytes,
      seconds: Math.round(state.ms / 10) / 100,
      masked: maskedColumns(table),
    }));
  }

  #stateOf(table: CopyTable): State {
    const state = this.#states.get(table);
    if (state === undefined) throw new Error(`no such table in this copy: ${table.id}`);
    return state;
  }

  /** The share is of the tables' sizes on the source's disk: how long their text is nobody knows before. */
  #announce({ table }: Unit): void {
    const now = performance.now();
    if (now - this.#announcedAt < announceMs) return;
    this.#announcedAt = now;
    const running = [...this.#running].reduce(
      (sum, [unit, own]) => sum + Math.min(own.bytes, unit.bytes),
      0,
    );
    const done = Math.min(this.#doneBytes + running, this.#total);
    const share = this.#total === 0 ? 1 : done / this.#total;
    const seconds = (now - this.#startedAt) / 1000;
    const fresh = done - this.#resumedBytes;
    const left = fresh > 0 ? (seconds * (this.#total - done)) / fresh : undefined;
    const rest = left === undefined || seconds < 2 ? "" : `, about ${formatAge(left)} left`;
    this.#events({
      type: "step-progress",
      title: `copying ${table.id}`,
      detail: `${Math.floor(share * 100)}% of ${formatBytes(this.#total)}, ${formatBytes(this.#bytes / seconds)}/s${rest}`,
    });
  }

  #finish(table: CopyTable, { rows, bytes, ms }: State): void {
    if (ms < lineMs) return;
    this.#events({
      type: "step-finished",
      title: table.id,
      detail: `${formatCount(rows)} rows, ${formatBytes(bytes)}`,
      durationMs: ms,
    });
  }
}
