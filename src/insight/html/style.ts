/** What the page of slow queries has besides the look of all pages. */
import { baseStyle } from "../../html/style.ts";

export const style = `${baseStyle}
.bars{display:grid;grid-template-columns:minmax(120px,2fr) 3fr max-content;gap:5px 12px;align-items:center;max-width:860px;font-size:14px}.bars .label{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.bars svg{width:100%;height:14px}.bars rect{fill:var(--bar)}
.chart{display:block;width:100%;max-width:860px;height:auto;font:13px system-ui,sans-serif}.chart text{fill:var(--ink)}.chart path{fill:var(--bar);fill-opacity:.65}.chart .grid{stroke:var(--line)}
th:first-child:not(.n),td:first-child:not(.n){min-width:210px}td:first-child code{overflow-wrap:anywhere}
article h3 code{font-size:15px}article h3 .dim{font-weight:400}td a code{white-space:nowrap;overflow-wrap:normal}.stats{color:var(--dim);font-size:14px}
.slower{color:var(--bad)}.faster{color:var(--good)}.new{color:var(--warn)}
@media (max-width:560px){.chart{font-size:19px}.bars{grid-template-columns:1fr max-content}.bars .label{grid-column:1/3;margin-top:4px}}
`;
