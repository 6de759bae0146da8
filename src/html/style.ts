/** What pages have in common: text, code, tables, cards, findings; on a screen and on paper. */
import { palette } from "./palette.ts";

export const baseStyle = `${palette}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1040px;padding:24px 20px 64px;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:40px 0 10px;padding-bottom:4px;border-bottom:1px solid var(--line)}h3{font-size:15px;margin:0 0 6px}
p{margin:6px 0}.dim{color:var(--dim)}a{color:var(--link)}code,pre{font:13px/1.45 ui-monospace,Menlo,Consolas,monospace}
pre{margin:8px 0;padding:10px 12px;background:var(--paper);border:1px solid var(--line);border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere}
code{overflow-wrap:anywhere}
.figures{display:flex;flex-wrap:wrap;gap:10px;margin:16px 0}.figures div{flex:1 1 130px;padding:8px 12px;background:var(--card);border:1px solid var(--line);border-radius:4px}
.figures b{display:block;font-size:19px;font-weight:600}.figures span{color:var(--dim);font-size:13px}
figure{margin:12px 0}figcaption{color:var(--dim);font-size:13px;margin-bottom:4px}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px}th,td{text-align:left;padding:4px 14px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--dim);font-weight:500}.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}td{overflow-wrap:break-word}
article{margin:14px 0;padding:12px 14px;background:var(--card);border:1px solid var(--line);border-radius:6px}
.problem{margin:8px 0;padding:6px 10px;border-left:3px solid var(--warn)}.problem.info{border-color:var(--dim)}.problem.error{border-color:var(--bad)}.problem p{margin:2px 0;overflow-wrap:anywhere}
summary{cursor:pointer;color:var(--link);font-size:14px}
.key{color:var(--key)}.val{color:var(--val)}.par{color:var(--par)}
@media (max-width:560px){body{padding:16px 12px 48px}}
@media print{body{max-width:none;padding:0;font-size:11px}article,figure,tr{break-inside:avoid}details>*{display:block}details::details-content{content-visibility:visible;display:block;height:auto}summary{list-style:none;color:inherit}.scroll{overflow:visible}pre{white-space:pre-wrap}a{color:inherit;text-decoration:none}}
`;
