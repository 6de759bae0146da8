import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Finding, RuleText } from "../findings.ts";
import type { Context } from "./context.ts";
import type { View } from "./render/view.ts";

type OptionsOf<C> = C extends { opts(): infer O } ? O : never;
type ArgumentsOf<C> = C extends { processedArgs: infer A extends unknown[] } ? A : never;

export interface Example {
  /** The full command line, beginning with `pgwright`. */
  readonly run: string;
  /** What it does, in a few words. */
  readonly says: string;
}

/** Which server a command means: that of the configured database, or the one for test databases. */
export type Purpose = "configured" | "test";

/** Declares one command: its options, examples and text view. It holds no logic and no SQL. */
export interface CommandSpec<C extends CommandUnknownOpts, Result extends object> {
  /** The words typed after `pgwright`; the file is `commands/<words joined by slash>.ts`. */
  readonly path: string;
  readonly summary: string;
  /** Paragraphs of further help. */
  readonly description?: string;
  /** Other names that work but are not listed, with a hint ("up"). */
  readonly hiddenAliases?: readonly string[];
  readonly examples: readonly [Example, ...Example[]];
  /** "configured" unless given. */
  readonly purpose?: Purpose;
  /** Adds arguments and options; global ones are there already. */
  configure(command: Command): C;
  /** In place of `purpose`, where an option decides. */
  purposeOf?(options: OptionsOf<C>): Purpose;
  /** Does the work by `await import()` of its feature. The result is the JSON output. */
  run(context: Context, options: OptionsOf<C>, ...args: ArgumentsOf<C>): Promise<Result>;
  /** The human view of the result, for stdout. An empty string prints nothing. */
  text(result: Result, view: View, options: OptionsOf<C>): string;
  /** Problems found; they are printed after the text, annotated with `--format github`. */
  findings?(result: Result): readonly Finding[];
  /** What `--format github` annotates besides: the text and the JSON have it in their own form. */
  annotations?(result: Result): readonly Finding[];
  /** What the rules are about whose findings there may be, for `--format sarif`. */
  ruleTexts?(): Promise<readonly RuleText[]>;
  /** 1 when the answer is "no". Absent: 1 for a check with an error among its findings, else 0. */
  exit?(result: Result, options: OptionsOf<C>): 0 | 1 | 3 | 4;
}

/** A command with its types worn off, as the explicit list holds it. */
export interface CommandDefinition {
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly hiddenAliases?: readonly string[];
  readonly examples: readonly [Example, ...Example[]];
  /** "configured" unless given. */
  readonly purpose?: Purpose;
  configure(command: Command): CommandUnknownOpts;
  purposeOf?(options: object): Purpose;
  run(context: Context, options: object, ...args: unknown[]): Promise<object>;
  text(result: object, view: View, options: object): string;
  findings?(result: object): readonly Finding[];
  annotations?(result: object): readonly Finding[];
  ruleTexts?(): Promise<readonly RuleText[]>;
  exit?(result: object, options: object): 0 | 1 | 3 | 4;
}

/** Checks a declaration against its own option and result types. */
export function defineCommand<C extends CommandUnknownOpts, Result extends object>(
  spec: CommandSpec<C, Result>,
): CommandDefinition {
  return spec;
}
