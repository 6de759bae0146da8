import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { PgwrightError } from "../../errors.ts";
import { shells } from "../options.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { listEntries } from "./tree.ts";
import { zshScript } from "./zsh.ts";

/**
 * The completion script of a shell.
 *
 * @throws PgwrightError `usage` for a shell that has none.
 */
export function completionScript(program: CommandUnknownOpts, shell: string): string {
  const entries = listEntries(program);
  switch (shell) {
    case "bash":
      return bashScript(entries);
    case "zsh":
      return zshScript(entries);
    case "fish":
      return fishScript(entries);
    default:
      throw new PgwrightError("usage", `there is no completion for \`${shell}\``, {
        hint: `one of ${shells.join(", ")}`,
      });
  }
}
