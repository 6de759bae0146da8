/** The page's style: light and dark, on screen and on paper. */
export const style = `
:root{--ink:#1c2430;--dim:#5b6675;--paper:#fff;--card:#f6f7f9;--line:#dde1e6;--bar:#3f6fb5;--link:#1f5fae;--warn:#9a5b00;--bad:#b3261e;--good:#1c7a3e;--key:#6b3fa0;--val:#97510c;--par:#0b6e75;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--ink:#e4e8ee;--dim:#9aa5b3;--paper:#14181e;--card:#1c2229;--line:#333c47;--bar:#6d9ae0;--link:#8ab4f0;--warn:#e2a84b;--bad:#f2918a;--good:#74c991;--key:#c3a3ee;--val:#e5b072;--par:#6fc8cf}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1040px;padding:24px 20px 64px;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:40px 0 10px;padding-bottom:4px;border-bottom:1px solid var(--line)}h3{font-size:15px;margin:0 0 6px}section>h3{margin-top:16px}
p{margin:6px 0}.dim{color:var(--dim)}a{color:var(--link)}code,pre{font:13px/1.45 ui-monospace,Menlo,Consolas,monospace}
pre{margin:8px 0;padding:10px 12px;background:var(--paper);border:1px solid var(--line);border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere}
code{overflow-wrap:anywhere}
.figures{display:flex;flex-wrap:wrap;gap:10px;margin:16px 0}.figures div{flex:1 1 130px;padding:8px 12px;background:var(--card);border:1px solid var(--line);border-radius:4px}
.figures b{display:block;font-size:19px;font-weight:600}.figures span{color:var(--dim);font-size:13px}
figure{margin:12px 0}figcaption{color:var(--dim);font-size:13px;margin-bottom:4px}
.bars{display:grid;grid-template-columns:minmax(120px,2fr) 3fr max-content;gap:5px 12px;align-items:center;max-width:860px;font-size:14px}.bars .label{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.bars svg{width:100%;height:14px}.bars rect{fill:var(--bar)}
.chart{display:block;width:100%;max-width:860px;height:auto;font:13px system-ui,sans-serif}.chart text{fill:var(--ink)}.chart path{fill:var(--bar);fill-opacity:.65}.chart .grid{stroke:var(--line)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px}th,td{text-align:left;padding:4px 14px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--dim);font-weight:500}.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}td{overflow-wrap:break-word}th:first-child:not(.n),td:first-child:not(.n){min-width:210px}td code{overflow-wrap:normal}td:first-child code{overflow-wrap:anywhere}td code.name,td:first-child code.name{overflow-wrap:break-word}
article{margin:14px 0;padding:12px 14px;background:var(--card);border:1px solid var(--line);border-radius:6px}
article h3 code{font-size:15px}article h3 .dim{font-weight:400}td a code{white-space:nowrap;overflow-wrap:normal}.stats{color:var(--dim);font-size:14px}
.problem{margin:8px 0;padding:6px 10px;border-left:3px solid var(--warn)}.problem.info{border-color:var(--dim)}.problem.error{border-color:var(--bad)}.problem p{margin:2px 0;overflow-wrap:anywhere}
summary{cursor:pointer;color:var(--link);font-size:14px}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:0 12px}.two figure{margin:4px 0;min-width:0}.trend{white-space:nowrap}.spark{vertical-align:middle;margin-right:6px}.spark rect{fill:var(--bar)}
.key{color:var(--key)}.val{color:var(--val)}.par{color:var(--par)}.slower,.faster,.new{white-space:nowrap}.slower{color:var(--bad)}.faster{color:var(--good)}.new{color:var(--warn)}
@media (max-width:560px){body{padding:16px 12px 48px}.chart{font-size:19px}.bars{grid-template-columns:1fr max-content}.bars .label{grid-column:1/3;margin-top:4px}}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--dim:#444;--line:#bbb}body{max-width:none;padding:0;font-size:10px}h1{font-size:16px}h2{font-size:13px;margin:20px 0 6px}h3,.figures b{font-size:11px}table,.stats,.bars,summary,figcaption,.figures span,code,pre,article h3 code{font-size:inherit}article,figure,tr{break-inside:avoid}details>*{display:block}details::details-content{content-visibility:visible;display:block;height:auto}summary{list-style:none;color:inherit}.scroll{overflow:visible}pre{white-space:pre-wrap}a{color:inherit;text-decoration:none}}
`;
