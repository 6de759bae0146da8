/** What the handbook's page has besides the look of all pages. */
import { baseStyle } from "../../html/style.ts";

export const style = `${baseStyle}
body{max-width:1440px}h3{font-size:17px}h3 code{font-size:17px}.figures div{flex-basis:100px}h4{font-size:13px;margin:14px 0 4px;color:var(--dim);font-weight:600}
.ends{position:absolute;width:0;height:0}.ends path,.ends circle{fill:none;stroke:var(--dim)}.ends circle{fill:var(--paper)}
.erd{border:1px solid var(--line);border-radius:6px;max-height:85vh;overflow:auto}.erd svg{display:block;width:100%;height:auto;margin:0 auto;font:12px ui-monospace,Menlo,Consolas,monospace}
.erd .edges path{fill:none;stroke:var(--dim);stroke-width:1}.erd a rect{fill:var(--card);stroke:var(--line)}.erd a path{stroke:var(--line)}.erd a:hover rect,.erd a:focus rect{stroke:var(--link);stroke-width:2}
.erd text{fill:var(--ink)}.erd .name{font-weight:600}.erd .primary{text-decoration:underline}.erd .type{fill:var(--dim);text-anchor:end}.erd .members rect{fill:var(--paper);stroke:var(--line)}.erd a:hover text{fill:var(--link)}.erd .foreign rect{fill:var(--paper);stroke-dasharray:4 3}.erd .foreign .name{font-weight:400;fill:var(--dim)}
nav{font-size:14px}nav ul{list-style:none;margin:0 0 10px;padding:0}nav li a{display:block;padding:1px 0;text-decoration:none;overflow-wrap:anywhere}nav b a{color:inherit;text-decoration:none}nav a:hover{text-decoration:underline}nav b{display:block;margin:8px 0 2px}
.tables{max-height:300px;overflow:auto;columns:190px}.group{break-inside:avoid-column}
.search{display:block;width:100%;padding:7px 10px;border:1px solid var(--line);border-radius:4px;background:var(--card);color:var(--ink);font:inherit}.found{min-height:1.5em;margin:2px 0;color:var(--dim);font-size:13px}
[hidden]{display:none!important}
article{scroll-margin-top:8px}article:target{border-color:var(--link)}article>p{max-width:75ch}article ul{margin:2px 0;padding-left:18px}article li{overflow-wrap:anywhere}
.kind{font-weight:400;color:var(--dim);font-size:14px}.tag{display:inline-block;margin:2px 6px 0 0;padding:0 6px;border:1px solid var(--line);border-radius:3px;font-size:12px;line-height:18px;color:var(--dim)}.tag.personal{color:var(--warn);border-color:var(--warn)}
.stack td:first-child{min-width:150px}.columns td:nth-child(2){min-width:140px}.columns td:first-child code{font-weight:600}article li{font-size:14px}.columns .null{color:var(--dim)}.personal-note{color:var(--warn);font-size:13px}
@media (min-width:1000px){body{display:grid;grid-template-columns:250px minmax(0,1fr);gap:0 36px;align-items:start}header{grid-column:1/3}nav{position:sticky;top:0;max-height:100vh;padding:12px 0;display:flex;flex-direction:column}.tables{max-height:none;flex:1 1 auto;columns:auto}.map h2{margin-top:12px}}
@media (max-width:640px){.stack,.stack tbody{display:block}.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.stack tr{display:block;padding:6px 0;border-bottom:1px solid var(--line)}.stack td{display:block;border:0;padding:1px 0}.stack td:empty{display:none}.stack td[data-title]::before{content:attr(data-title) ": ";color:var(--dim);font-size:13px}}
@media print{body{display:block}nav{display:none}.erd{max-height:none;overflow:visible;border:0}.erd svg{min-width:0!important}article{break-inside:auto}h3,h4{break-after:avoid}.tag.personal{color:#000;border-color:#000}}
`;
