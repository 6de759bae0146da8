/** What a section of the page is made of. */
import type { IndexReport } from "../../indexes/list.ts";
import type { MatviewList } from "../matviews/list.ts";
import type { QueryReport } from "../report.ts";
import type { SinceReport } from "../since.ts";
import type { Html } from "../../html/markup.ts";
import type { ServerPart } from "./server.ts";
import type { Point } from "./timeline.ts";

export interface PageParts {
  readonly report: QueryReport;
  readonly since: SinceReport | null;
  readonly server: ServerPart;
  readonly timeline: readonly Point[];
  readonly matviews: MatviewList;
  /** Or why there is none. */
  readonly indexes: IndexReport | { readonly trouble: string };
}

/** One part of the page; null where it has nothing to say. */
export type Section = (parts: PageParts) => Html | null;
