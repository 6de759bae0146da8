/** What is to be done about an object that is there on both sides. */
import { literal } from "../db/identifier.ts";
import { parentOf } from "../schema/attached.ts";
import { describeDefinition } from "../schema/compare/words.ts";
import type { DumpedObject } from "../schema/dump.ts";
import type { Anew } from "./anew.ts";
import type { Objects } from "./attached.ts";
import { indexesBelow, isMadeAnew, parentBefore, placeOf } from "./attached.ts";
import { withFreshRights } from "./default-rights.ts";
import { changedComposite } from "./composite.ts";
import { changedDomain } from "./domain.ts";
import { dropSql } from "./drop.ts";
import { enumLabels, newLabels } from "./enum.ts";
import { grantedDifference, isGrantedOnward } from "./granted.ts";
import { broken, isBroken, makesIt } from "./made.ts";
import { namesOf } from "./names.ts";
import { restDifference } from "./rest.ts";
import { canReplace } from "./routine.ts";
import { alterSequence } from "./sequence.ts";
import type { Described, Node, Step } from "./step.ts";
import { nodeName } from "./step.ts";
import { tableDifference } from "./table.ts";
import { changedView, describeColumns, hasOtherColumns, isView, mustBeDropped } from "./view.ts";

export function changedObject(
  was: DumpedObject,
  is: DumpedObject,
  before: Objects,
  after: Objects,
  anew: Anew,
): Described {
  const { label } = is;
  if (isBroken(is)) {
    return {
      words: ["is invalid"],
      steps: [{ what: label, sql: [], why: broken, when: "main", makes: "" }],
    };
  }
  const because = anew.get(label);
  if (because) return wentWith(because, was, is, before);
  if (isBroken(was)) {
    return { words: ["was invalid"], steps: remade(was, is, before) };
  }
  if (label.startsWith("table ")) {
    const parent = parentBefore(was, before, after);
    return tableDifference(label, was.statements, is.statements, parent);
  }
  const goingWith = label.startsWith("index ") ? parentOf(was) : undefined;
  if (goingWith !== undefined && isMadeAnew(goingWith, before, after)) {
    return cameAgain({ label: goingWith, part: "" }, was, is);
  }
  if (isView(label) && !mustBeDropped(was, is)) return changedView(was, is);
  if (isGrantedOnward(label)) return grantedDifference(label, was.statements, is.statements);
  if (![was, is].every(makesIt)) return restDifference(was.statements, is.statements);
  const [oldMain = "", ...oldRest] = was.statements;
  const [main = "", ...rest] = is.statements;
  const around = restDifference(oldRest, rest);
  if (oldMain === main)
    return { ...around, steps: around.steps.map((step) => attached(step, was, is)) };
  const composite = changedComposite(was, is, before);
  if (composite) return composite;
  const words = [`it ${describeDefinition(oldMain, main)}`, ...around.words];
  return { words, steps: otherDefinition(was, is, before, around.steps) };
}

function otherDefinition(
  was: DumpedObject,
  is: DumpedObject,
  before: Objects,
  around: readonly Step[],
): readonly Step[] {
  const { label } = is;
  const [oldMain = "", main = ""] = [was, is].map(({ statements: [first] }) => first);
  const step = { what: label, when: "main", makes: "", ends: "" } as const;
  if (canReplace(label, oldMain, main)) {
    const replace = main.replace(/^CREATE /, "CREATE OR REPLACE ");
    return [{ ...step, sql: [replace] }, ...around];
  }
  const labels = newLabels(label, oldMain, main);
  if (labels !== undefined) return [{ ...step, sql: labels }, ...around];
  const domain = changedDomain(label, was.statements, is.statements);
  if (domain !== undefined) return domain;
  if (label.startsWith("sequence ")) {
    const { sql, why } = alterSequence(label, oldMain, main);
    const common = { what: label, when: "main", makes: "", blocks: () => false } as const;
    return [
      { ...common, sql },
      ...(why === undefined ? [] : [{ ...common, sql: [], why }]),
      ...around,
    ];
  }
  if (
    dropSql(label) !== undefined &&
    /^(?:constraint|foreign key|index|trigger|policy|rule|statistics|event trigger) /.test(label)
  ) {
    return remade(was, is, before);
  }
  return [{ what: label, sql: [], when: "main", makes: "", ...whyNot(label, oldMain, main) }];
}

/** Its drop may have to come before others', so it stands by itself. */
function remade(was: DumpedObject, is: DumpedObject, before: Objects): Step[] {
  const { label } = is;
  const common = { what: label, when: "main", group: label } as const;
  const names = namesOf(label);
  const frees = [...names, ...placeOf(was), ...indexesBelow(label, before)];
  // Each new partition would get an index like that of its table as it was, under a name of
  // PostgreSQL's choice.
  const when = / ON ONLY /.test(was.statements[0] ?? "") ? "first" : "main";
  const drop = {
    ...common,
    sql: [dropSql(label) ?? ""],
    when,
    ends: "",
    isDrop: true,
    frees,
  } as const;
  return [
    drop,
    { ...common, sql: withFreshRights(is, before), makes: "", takes: [...names, ...placeOf(is)] },
  ];
}

/** It is dropped and made anew, or goes and comes with its view, for its own sake or for another one's. */
function wentWith(because: Node, was: DumpedObject, is: DumpedObject, before: Objects): Described {
  const { label } = is;
  const [oldMain = "", ...oldRest] = was.statements;
  const [main = "", ...rest] = is.statements;
  const isAlone = because.label === label;
  const views = [`view ${is.relation ?? ""}`, `materialized view ${is.relation ?? ""}`];
  const isOnView = is.isPart && views.includes(because.label);
  if (!isAlone && (isOnView || !makesIt(is))) return cameAgain(because, was, is);
  const around = restDifference(oldRest, rest);
  // Nothing but what it goes with asks for it: without that one it stays as it is.
  const isSame = oldMain === main;
  const steps = remade(was, is, before).map((step) =>
    isSame && !isAlone && step.makes === "" ? { ...step, follows: because } : step,
  );
  return {
    words: [
      ...(isSame ? [] : [`it ${describeDefinition(oldMain, main)}`]),
      ...(isSame && hasOtherColumns(was, is) ? [describeColumns(was, is)] : []),
      ...around.words,
      ...(isAlone ? [] : [`it goes with ${nodeName(because)}, and is made anew`]),
      ...(label.startsWith("materialized ") ? ["it is empty until it is refreshed"] : []),
    ],
    steps,
  };
}

/** Dropping what it is part of, the index of a partitioned table or a view, has dropped this one. */
function cameAgain(follows: Node, was: DumpedObject, is: DumpedObject): Described {
  const { label, statements } = is;
  const around = restDifference(was.statements.slice(1), statements.slice(1));
  const [old = "", now = ""] = [was, is].map(({ statements: [first] }) => first);
  const words = old === now ? [] : [`it ${describeDefinition(old, now)}`];
  const takes = [...namesOf(label), ...placeOf(is)];
  return {
    words: [...words, ...around.words, `it goes with ${nodeName(follows)}, and is made anew`],
    steps: [{ what: label, sql: statements, when: "main", makes: "", ends: "", follows, takes }],
  };
}

/** An index that is attached to another one, or to one more. */
function attached(step: Step, was: DumpedObject, is: DumpedObject): Step {
  if (!/^ALTER INDEX .* ATTACH PARTITION /s.test(step.what)) return step;
  return step.why === undefined
    ? { ...step, makes: "", takes: placeOf(is) }
    : { ...step, why: "PostgreSQL cannot detach an index", frees: placeOf(was) };
}

function whyNot(label: string, before: string, now: string): Pick<Step, "why" | "blocks"> {
  if (isView(label)) return { why: "it and what it calls need each other" };
  const [had, has] = [before, now].map(enumLabels);
  if (had && has) {
    const fresh = has.filter((one) => !had.includes(one)).map(literal);
    return {
      why: "PostgreSQL takes no label away from an enum and moves none: its columns would have to change to a new type",
      blocks: (sql) => fresh.some((one) => sql.includes(one)),
    };
  }
  const [kind = ""] = /^(?:type|domain)(?= )/.exec(label) ?? [];
  if (kind !== "") {
    return {
      why: `PostgreSQL cannot alter that: its columns would have to change to a new ${kind}`,
    };
  }
  return { why: "it would have to be made anew, and others may need it" };
}
