/** In which form the statements of one file run, asked for in their order. */
import type { Statement } from "../../db/script.ts";
import { inShort } from "../../db/sql-text.ts";
import { as, findNodes, stringsOf } from "../../db/tree.ts";
import type { Model } from "../../locks/model.ts";
import { isLocalSetting } from "../session-setting.ts";
import { rewrite } from "./rewrite.ts";
import type { Verdict } from "./rewriting.ts";
import type { Surroundings } from "./surroundings.ts";

/** What stands before a statement in its file decides too: a safe form ends the transaction. */
export class Forms {
  readonly #around: Surroundings;
  readonly #isTransaction: boolean;
  #bound: Statement | undefined;

  /** `isTransaction`: the file is one, unless `-- migrate:up transaction:false` says otherwise. */
  constructor(around: Surroundings, isTransaction: boolean) {
    this.#around = around;
    this.#isTransaction = isTransaction;
  }

  /** The safe form of the next statement, as far as it has one and may take it here. */
  of(statement: Statement): Verdict {
    const verdict = rewrite(statement, this.#around);
    if (!verdict.pieces || !this.#bound) return verdict;
    return { kept: [`\`${inShort(this.#bound.text)}\` before it ends with its transaction`] };
  }

  /** The statement has its place, in whichever form: those behind it may have to stay in its transaction. */
  pass(statement: Statement): void {
    if (!this.#isTransaction || this.#bound) return;
    const isBound = isBoundToTransaction(statement) || runsCode(statement, this.#around.model);
    if (isBound) this.#bound = statement;
  }
}

/** What ends with the transaction or the session, so that the statements behind it must be in the same one. */
function isBoundToTransaction(statement: Statement): boolean {
  const { node } = statement;
  const set = as(node, "VariableSetStmt");
  const made = as(node, "CreateStmt")?.relation ?? as(node, "CreateTableAsStmt")?.into?.rel;
  return (
    (set?.is_local === true && !isLocalSetting(statement)) ||
    set?.name?.startsWith("TRANSACTION") === true ||
    as(node, "LockStmt") !== undefined ||
    as(node, "ConstraintsSetStmt") !== undefined ||
    as(node, "DeclareCursorStmt") !== undefined ||
    // Whoever takes the file up again after an interruption does not have it.
    made?.relpersistence === "t" ||
    as(node, "SelectStmt")?.intoClause?.rel?.relpersistence === "t" ||
    (as(node, "SelectStmt") !== undefined && holdsLocally(node))
  );
}

// Volatile, and of nothing that ends with the transaction.
const harmless =
  /^(?:nextval|setval|currval|lastval|random|random_normal|clock_timestamp|timeofday|gen_random_uuid|uuidv4|uuidv7|pg_sleep)$/;

/**
 * Code may have made a temporary table, set something or locked something for the transaction; what
 * stands behind it may need that, or then mean another table. Of a block the words tell.
 */
function runsCode({ node, text }: Statement, model: Model): boolean {
  if (as(node, "CallStmt")) return true;
  if (as(node, "DoStmt")) {
    return /\b(?:temp|temporary|pg_temp|set_config|search_path|execute|perform|call)\b|\bset\s+(?:local|constraints)\b|\block\s+table\b|\bxact_lock/i.test(
      text,
    );
  }
  if (!as(node, "SelectStmt")) return false;
  return findNodes(node, "FuncCall").some(({ funcname }) => {
    const parts = stringsOf(funcname);
    const volatility = model.find(model.functions, parts.join("."));
    return volatility === "volatile" && !harmless.test(parts.at(-1) ?? "");
  });
}

/** A setting or a lock that a function takes for the transaction. */
function holdsLocally(node: Statement["node"]): boolean {
  return findNodes(node, "FuncCall").some(({ funcname, args }) => {
    const name = stringsOf(funcname).at(-1) ?? "";
    const flag = as(args?.[2], "A_Const");
    return (
      /^pg_(?:try_)?advisory_xact_lock/.test(name) ||
      (name === "set_config" && flag?.boolval?.boolval === true)
    );
  });
}
