/**
 * What long work announces while it runs. Features emit events and never write to a terminal;
 * the terminal shows steps as a spinner or as one line per finished step.
 */
export type Event =
  /** A unit of work began. `title` is a sentence fragment: "001 initial schema". */
  | { readonly type: "step-started"; readonly title: string }
  /** It goes on; `done`/`total` when known, `detail` in words ("waiting for pid 4711"). */
  | {
      readonly type: "step-progress";
      readonly title: string;
      readonly done?: number;
      readonly total?: number;
      readonly detail?: string;
    }
  | {
      readonly type: "step-finished";
      readonly title: string;
      readonly durationMs: number;
      readonly detail?: string;
    }
  | { readonly type: "step-failed"; readonly title: string; readonly durationMs: number }
  /** Something the user should know though nothing failed. */
  | { readonly type: "notice"; readonly level: "info" | "warning"; readonly message: string }
  /** SQL about to be executed that the user did not write in front of them (a stored rollback). */
  | { readonly type: "sql"; readonly title: string; readonly sql: string };

export type EventListener = (event: Event) => void;
