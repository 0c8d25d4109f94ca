/** The page's style sheet: light and dark, at any width, on paper. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #fff; --raised: #f6f7f9; --ink: #1a2027; --soft: #59636e; --rule: #dbe0e6; --link: #0b57b7;
  --pass: #1a7038; --fail: #b3201c; --fail-wash: #fdeceb; --unknown: #7d5200; --unknown-wash: #fff3d4;
  --busy: #2f6fd6; --idle: #97a1ad; --fin: #9a6200; --crossing: #8b3fc7; --replay: #12805c; --window: #f3d9a4;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --raised: #1b2128; --ink: #e6eaef; --soft: #9ba6b2; --rule: #303842; --link: #7db4ff;
    --pass: #5fc983; --fail: #ff8a80; --fail-wash: #3b1a1a; --unknown: #eab54a; --unknown-wash: #352a10;
    --busy: #6ea6ff; --idle: #6b7683; --fin: #f0b04f; --crossing: #cf9bff; --replay: #4fd0a0; --window: #54431d;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 12px; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1560px; margin: 0 auto; padding: 24px 28px 64px; }
h1, h2, h3, h4, p, ul, dl, figure { margin: 0; }
h2 { font-size: 20px; margin: 40px 0 8px; }
h4 { font-size: 15px; margin: 26px 0 8px; }
a { color: var(--link); text-underline-offset: 2px; }
a.word { color: inherit; text-decoration: underline dotted; }
a:hover, a.word:hover { text-decoration-style: solid; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: 8px; top: -60px; padding: 6px 12px; background: var(--page); }
.skip:focus { top: 8px; z-index: 9; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
small { font-size: 12px; color: var(--soft); }
code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.note, .what { color: var(--soft); }
.note { margin-bottom: 10px; max-width: 110ch; }
.gap { margin: 8px 0; padding: 6px 12px; border-left: 4px solid var(--unknown); background: var(--unknown-wash); }

.mark { display: inline-block; position: relative; min-width: 1.1em; text-align: center; font-weight: 700; }
.mark.pass { color: var(--pass); } .mark.fail { color: var(--fail); } .mark.unknown { color: var(--unknown); } .mark.harmed { color: var(--fail); } .mark.skipped { color: var(--soft); }

h1 { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 12px; margin: 10px 0 0; padding: 14px 20px; font-size: 30px; line-height: 1.25; border-left: 8px solid var(--pass); background: var(--raised); }
h1.fail { border-color: var(--fail); background: var(--fail-wash); color: var(--fail); }
h1.unknown { border-color: var(--unknown); background: var(--unknown-wash); color: var(--unknown); }
h1.pass { color: var(--pass); }
h1 .sentence { font-size: 18px; font-weight: 500; color: var(--ink); }
.against { list-style: none; padding: 12px 20px 4px; }
.against li { display: flex; gap: 8px; margin: 3px 0; }
.against .more { padding-left: 24px; color: var(--soft); }
.against button { padding: 0 0 0 8px; color: var(--link); text-decoration: underline; text-underline-offset: 2px; text-align: left; }
.reason { display: block; color: var(--soft); }
@media (min-width: 1000px) { .reason { display: inline; margin-left: 14px; } }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, max-content)); gap: 2px 36px; margin-top: 14px; font-size: 13px; }
.facts .wide { grid-column: 1 / -1; }
.facts div { display: flex; gap: 10px; min-width: 0; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.command { user-select: all; }
.versions span { display: inline-block; margin-right: 14px; }

button { font: inherit; color: inherit; background: none; border: 0; cursor: pointer; }
table { border-collapse: separate; border-spacing: 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding: 0 0 6px; }
caption > span { display: block; position: sticky; left: 0; width: min(110ch, 100vw - 40px); }
th { font-weight: 600; text-align: left; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--rule); }
td { text-align: right; }
thead th { vertical-align: bottom; font-size: 13px; }
.totals { margin-top: 14px; }
.totals td, .totals thead th:not(:first-child) { text-align: right; }
.totals tbody tr:last-child th { font-weight: 700; }
.totals tbody th { font-weight: 400; }
.bad { color: var(--fail); font-weight: 700; }

.scrolls { overflow-x: auto; position: relative; max-width: 100%; }
.scrolls.high { width: fit-content; overflow: auto; max-height: min(86vh, 900px); border: 1px solid var(--rule); }
.matrix th[scope=row], .matrix .corner { position: sticky; left: 0; z-index: 1; background: var(--page); border-right: 1px solid var(--rule); min-width: 168px; max-width: 190px; }
.matrix thead th { position: sticky; top: 0; z-index: 2; background: var(--raised); min-width: 84px; padding: 8px; line-height: 1.25; }
.matrix thead .corner { z-index: 3; background: var(--raised); }
.matrix thead small { display: block; font-weight: 400; }
.matrix thead .failed { color: var(--fail); font-weight: 700; }
.matrix td { padding: 0; text-align: left; border-right: 1px solid var(--rule); white-space: nowrap; }
.matrix td.all { padding: 5px 10px; background: var(--raised); }
.matrix td.all small, .matrix td small { display: block; }
.matrix td button { display: block; width: 100%; min-height: 46px; padding: 5px 8px; text-align: left; line-height: 1.3; font-size: 13px; }
.matrix td button b { font-size: 15px; }
.matrix td.pass button { color: var(--soft); }
.matrix td.pass b { color: var(--ink); font-weight: 500; }
.matrix td.harmed b, .matrix td.harmed small { color: var(--fail); }
.matrix td.fail, .matrix td.harmed, .matrix td.all:is(.fail, .harmed) { background: var(--fail-wash); }
.matrix td.fail b, .matrix td.fail small { color: var(--fail); }
.matrix td.counts, .matrix td.all.counts { background: var(--fail); }
.matrix td.counts, .matrix td.counts :is(b, small, .mark, button) { color: var(--page); }
.matrix td.unknown, .matrix td.all.unknown { background: var(--unknown-wash); }
.matrix td button:hover { box-shadow: inset 0 0 0 2px var(--link); }
.matrix td button:focus-visible { outline-offset: -2px; }
.matrix tr:last-child > * { border-bottom: 2px solid var(--rule); }
tr.holdline th[scope=row].client { font-weight: 700; }
th[scope=row].client { font-weight: 400; }

.details { position: fixed; inset: 0 0 0 auto; width: min(560px, 100vw); height: 100dvh; max-height: none; margin: 0; padding: 20px 24px; overflow: auto; color: var(--ink); background: var(--page); border: 0; border-left: 1px solid var(--rule); box-shadow: -8px 0 32px #0004; }
.details::backdrop { background: #0003; }
.details h3 small { display: block; font-weight: 400; }
.details .close { float: right; padding: 4px 12px; border: 1px solid var(--rule); border-radius: 6px; }
.details p { margin: 10px 0; }
.details p.fail { color: var(--fail); font-weight: 600; } .details p.unknown { color: var(--unknown); }
.details ul { padding-left: 20px; }
.details table { width: 100%; margin: 16px 0; }
.details th, .details td { padding: 4px 6px; }
.details thead th { text-align: right; font-weight: 400; }
.details dl div { display: flex; gap: 12px; padding: 4px 6px; border-bottom: 1px solid var(--rule); }
.details dt { flex: 0 0 130px; color: var(--soft); }
.details dd { margin: 0; overflow-wrap: anywhere; }
.details dd ul { margin: 0; padding: 0; list-style: none; }

.round { border-top: 1px solid var(--rule); }
.round > summary { padding: 9px 4px; cursor: pointer; }
.round > summary h3 { display: inline; font-size: 16px; }
.round > summary .told { color: var(--soft); margin-left: 8px; }
.round > div { padding: 2px 4px 28px 22px; scroll-margin-top: 48px; }

.chart { width: 100%; }
.chart th[scope=row] { position: sticky; left: 0; background: var(--page); font-size: 13px; width: 216px; min-width: 120px; z-index: 1; }
.chart td, .chart thead th { font-size: 13px; white-space: nowrap; }
.chart thead th:not(:first-child):not(.strip):not(.bullet) { text-align: right; white-space: normal; max-width: 96px; }
.chart .strip { width: 56%; min-width: 240px; padding: 0 10px; }
.chart thead th.strip { font-weight: 400; color: var(--soft); }
svg.drawn { display: block; width: 100%; height: 38px; }
.idle svg.drawn { height: 32px; }
.drawn .above { fill: var(--busy); } .drawn .below { fill: var(--replay); } .idle .drawn .above { fill: var(--fail); }
.drawn .grid { stroke: var(--rule); } .drawn .line { stroke: var(--soft); } .drawn .edge { stroke: var(--fin); stroke-dasharray: 3 2; }
.drawn path { vector-effect: non-scaling-stroke; }
.drawn .base { fill: var(--idle); } .drawn .band { fill: var(--window); }
.axis { display: block; position: relative; height: 18px; }
.axis span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.axis .first { transform: none; } .axis .last { transform: translateX(-100%); }
.chart .bullet { text-align: left; width: 22%; min-width: 150px; }
.bullet .bar { display: block; position: relative; height: 8px; margin: 3px 0; background: var(--raised); }
.bullet .bar span { display: block; height: 100%; background: var(--busy); }
.bullet .bar i { position: absolute; top: -3px; bottom: -3px; width: 2px; background: var(--ink); }

.lanes { margin: 14px 0 22px; }
.lanes figcaption { max-width: 110ch; margin-bottom: 6px; overflow-wrap: anywhere; }
.lanes q { color: var(--soft); }
.lanes ol { columns: 320px; padding-left: 24px; font-size: 13px; }
.lanes details { font-size: 13px; color: var(--soft); }
.picture svg { display: block; width: 100%; min-width: 860px; max-width: 1100px; height: auto; background: var(--raised); }
.picture text { font-size: 11.5px; fill: var(--soft); }
.own { fill: var(--busy); opacity: .13; }
.picture .name { fill: var(--ink); }
.picture .grid { stroke: var(--rule); } .picture .zero { stroke: var(--soft); }
.lanes path.idle, .legend path.idle { stroke: var(--idle); stroke-width: 2; }
.lanes path.busy, .legend path.busy { stroke: var(--busy); stroke-width: 9; }
.lanes path.request { stroke: var(--ink); stroke-width: 3; }
.mark-open { fill: var(--page); stroke: var(--soft); stroke-width: 2; }
.mark-fin { fill: var(--fin); } .text-fin.text-fin { fill: var(--fin); }
.mark-reset { stroke: var(--fail); stroke-width: 3; } .text-reset.text-reset, .text-failed.text-failed { fill: var(--fail); font-weight: 700; }
.mark-drop { fill: none; stroke: var(--fail); stroke-width: 2; }
.mark-crossing { fill: var(--crossing); } .text-crossing.text-crossing { fill: var(--crossing); }
.mark-replay { fill: var(--replay); } .text-replay.text-replay { fill: var(--replay); }
.mark-executed { fill: var(--ink); } .text-executed.text-executed { fill: var(--ink); }
.mark-answered { fill: none; stroke: var(--pass); stroke-width: 3; } .text-answered.text-answered { fill: var(--pass); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; padding: 0; list-style: none; font-size: 13px; }
.legend li { display: flex; align-items: center; gap: 6px; }

.words { columns: 420px; column-gap: 40px; }
.words div { break-inside: avoid; padding: 5px 8px; }
.words div:target { background: var(--unknown-wash); }
.words dt { font-weight: 600; } .words dd { margin: 0; color: var(--soft); }

@media (max-width: 640px) {
  main { padding: 14px 14px 48px; }
  h1 { padding: 12px 14px; font-size: 24px; } h1 .sentence { font-size: 16px; }
  .against { padding: 10px 4px 0; }
  .facts { flex-basis: 100%; }
  .matrix th[scope=row], .matrix .corner { min-width: 118px; max-width: 118px; font-size: 12px; padding: 4px 6px; overflow-wrap: anywhere; }
  .chart th[scope=row] { width: 96px; min-width: 96px; padding: 4px 6px; }
  .details { padding: 16px; }
  .round > div { padding-left: 4px; }
}
@media print {
  @page { size: A4 landscape; margin: 10mm; }
  :root { color-scheme: light; }
  body { font-size: 11px; print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  .skip { display: none; }
  .scrolls, .scrolls.high { overflow: visible; max-height: none; }
  .matrix :is(th, td, button) { position: static !important; min-width: 0 !important; min-height: 0 !important; padding: 1px 2px !important; white-space: normal; }
  .matrix :is(th, td, button, a, b, small, .mark) { font-size: 7px !important; }
  .matrix .mark { min-width: 0; }
  .lanes, tr { break-inside: avoid; }
}
`;
