/** What the page of slow queries has besides the look of all pages. */
import { baseStyle } from "../../html/style.ts";

export const style = `${baseStyle}
section>h3{margin-top:16px}
.bars{display:grid;grid-template-columns:minmax(120px,2fr) 3fr max-content;gap:5px 12px;align-items:center;max-width:860px;font-size:14px}.bars .label{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.bars svg{width:100%;height:14px}.bars rect{fill:var(--bar)}
.chart{display:block;width:100%;max-width:860px;height:auto;font:13px system-ui,sans-serif}.chart text{fill:var(--ink)}.chart path{fill:var(--bar);fill-opacity:.65}.chart .grid{stroke:var(--line)}
th:first-child:not(.n),td:first-child:not(.n){min-width:210px}td code{overflow-wrap:normal}td:first-child code{overflow-wrap:anywhere}td code.name,td:first-child code.name{overflow-wrap:break-word}
article h3 code{font-size:15px}article h3 .dim{font-weight:400}td a code{white-space:nowrap;overflow-wrap:normal}.stats{color:var(--dim);font-size:14px}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:0 12px}.two figure{margin:4px 0;min-width:0}.trend{white-space:nowrap}.spark{vertical-align:middle;margin-right:6px}.spark rect{fill:var(--bar)}
.slower,.faster,.new{white-space:nowrap}.slower{color:var(--bad)}.faster{color:var(--good)}.new{color:var(--warn)}
@media (max-width:560px){.chart{font-size:19px}.bars{grid-template-columns:1fr max-content}.bars .label{grid-column:1/3;margin-top:4px}}
@media print{body{font-size:10px}h1{font-size:16px}h2{font-size:13px;margin:20px 0 6px}h3,.figures b{font-size:11px}table,.stats,.bars,summary,figcaption,.figures span,code,pre,article h3 code{font-size:inherit}}
`;
