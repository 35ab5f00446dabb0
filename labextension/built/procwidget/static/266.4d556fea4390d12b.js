"use strict";(self.rspackChunkprocwidget=self.rspackChunkprocwidget||[]).push([[266],{22(e,t,r){var o=r(23),n=r.n(o),i=r(24),a=(r.n(i))()(n());a.push([e.id,`/* Colours are JupyterLab's own, so that any theme fits; those of the levels are readable on light and on dark. */

.procwidget-Level:empty {
  display: none;
}

.procwidget-Level {
  padding: 0 5px;
  border-radius: 3px;
  font-weight: 600;
}

[data-level="warning"].procwidget-Level,
[data-level="warning"] > .procwidget-Level {
  background: #ffca28;
  color: #212121;
}

[data-level="critical"].procwidget-Level,
[data-level="critical"] > .procwidget-Level {
  background: #b71c1c;
  color: #fff;
}

/* The status bar */

.jp-StatusBar-Middle:has(.procwidget-StatusLine) {
  min-width: 0;
}

.procwidget-StatusLine {
  --procwidget-line: 24px;
  overflow: hidden;
  min-width: 0;
}

/* Notebook's header */
#top-panel > .procwidget-StatusLine {
  --procwidget-line: 28px;
  flex: 0 1000 auto;
  align-self: center;
  height: 28px;
  margin: 0 12px;
}

.procwidget-StatusLine-button {
  display: flex;
  flex-flow: row nowrap;
  column-gap: 10px;
  overflow: hidden;
  max-width: 100%;
  height: var(--procwidget-line);
  padding: 0 6px;
  border: 0;
  background: transparent;
  color: var(--jp-ui-font-color1);
  font: inherit;
  font-size: var(--jp-ui-font-size1);
  line-height: var(--procwidget-line);
  white-space: nowrap;
  cursor: pointer;
}

/* In trouble the sentence has the room: of the figures what does not fit is in a second line, which is out of sight. */
.procwidget-StatusLine-button:is([data-level="warning"], [data-level="critical"]) {
  flex-wrap: wrap;
}

.procwidget-StatusLine-button[hidden] {
  display: none;
}

.procwidget-StatusLine-button:hover {
  background: var(--jp-layout-color3);
}

.procwidget-StatusLine-sentence {
  display: flex;
  flex: 0 1 auto;
  min-width: 0;
  max-width: 36ch;
}

[data-level]:not([data-level="normal"]) > .procwidget-StatusLine-sentence {
  max-width: 100%;
}

.procwidget-StatusLine .procwidget-Level {
  flex: none;
  align-self: center;
  margin-right: 10px;
  line-height: 1.4;
}

:is(.procwidget-StatusLine-what, .procwidget-StatusLine-who) {
  overflow: hidden;
  flex: 0 1 auto;
  min-width: 0;
  text-overflow: ellipsis;
  white-space: pre;
}

.procwidget-StatusLine-what {
  /* So much more than the other that this is not cut by a part of a pixel. */
  flex-shrink: 1000000;
}

.procwidget-StatusLine-figures,
.procwidget-StatusLine-notebook {
  font-variant-numeric: tabular-nums;
}

/* The side panel */

.procwidget-Panel {
  display: flex;
  flex-direction: column;
  gap: 10px;
  overflow: auto;
  min-width: 240px;
  padding: 12px;
  background: var(--jp-layout-color1);
  color: var(--jp-ui-font-color1);
  font-size: var(--jp-ui-font-size1);
}

.procwidget-Panel p,
.procwidget-Panel ul,
.procwidget-Panel h3 {
  margin: 0;
}

.procwidget-Panel-sentence {
  display: flex;
  gap: 6px;
  align-items: baseline;
  line-height: 1.4;
}

.procwidget-Panel-alerts {
  padding-left: 18px;
}

.procwidget-Panel-alerts:empty {
  display: none;
}

.procwidget-mod-stale > :not(.procwidget-Panel-sentence) {
  opacity: 0.6;
}

.procwidget-Meter {
  display: grid;
  grid-template-columns: auto 1fr;
  gap: 2px 8px;
}

.procwidget-Meter-text {
  text-align: right;
  font-variant-numeric: tabular-nums;
}

.procwidget-Meter-track {
  grid-column: 1 / -1;
  overflow: hidden;
  height: 6px;
  border-radius: 3px;
  background: var(--jp-layout-color3);
}

.procwidget-Meter-bar {
  height: 100%;
  background: var(--jp-brand-color1);
}

.procwidget-Meter-bar[data-level="warning"] {
  background: #f9a825;
}

.procwidget-Meter-bar[data-level="critical"] {
  background: #d32f2f;
}

.procwidget-Panel .procwidget-Panel-search {
  width: 100%;
  font-size: var(--jp-ui-font-size1);
  box-sizing: border-box;
}

.procwidget-Table {
  display: flex;
  flex-direction: column;
  gap: 6px;
}

.procwidget-Table[hidden] {
  display: none;
}

.procwidget-Table h3 {
  font-size: var(--jp-ui-font-size1);
  font-weight: 600;
}

.procwidget-Table table {
  width: 100%;
  border-collapse: collapse;
  table-layout: fixed;
}

.procwidget-Table :is(th, td) {
  overflow: hidden;
  padding: 2px 4px;
  border-bottom: 1px solid var(--jp-border-color2);
  text-align: right;
  text-overflow: ellipsis;
  white-space: nowrap;
  font-variant-numeric: tabular-nums;
}

.procwidget-Table :is(th, td):nth-child(2) {
  width: 52px;
}

.procwidget-Table :is(th, td):nth-child(3) {
  width: 72px;
}

.procwidget-Table :is(th, td):first-child {
  padding-left: 0;
  text-align: left;
}

.procwidget-Table th {
  font-weight: 600;
}

.procwidget-Table th button {
  padding: 0;
  border: 0;
  background: transparent;
  color: inherit;
  font: inherit;
  cursor: pointer;
}

.procwidget-Table th[aria-sort="descending"] button::after {
  content: " ↓";
}

.procwidget-mod-current td:first-child {
  font-weight: 600;
}

/* The process monitor: a console of which only what its cell shows is seen */

.procwidget-Monitor :is(.jp-CodeConsole-banner, .jp-Cell-inputWrapper, .jp-OutputPrompt) {
  display: none;
}

.procwidget-Monitor .jp-CodeConsole-content {
  padding: 8px;
}
`,""]),r.d(t,{},{A:a})},24(e){e.exports=function(e){var t=[];return t.toString=function(){return this.map(function(t){var r="",o=void 0!==t[5];return t[4]&&(r+="@supports (".concat(t[4],") {")),t[2]&&(r+="@media ".concat(t[2]," {")),o&&(r+="@layer".concat(t[5].length>0?" ".concat(t[5]):""," {")),r+=e(t),o&&(r+="}"),t[2]&&(r+="}"),t[4]&&(r+="}"),r}).join("")},t.i=function(e,r,o,n,i){"string"==typeof e&&(e=[[null,e,void 0]]);var a={};if(o)for(var c=0;c<this.length;c++){var l=this[c][0];null!=l&&(a[l]=!0)}for(var d=0;d<e.length;d++){var p=[].concat(e[d]);o&&a[p[0]]||(void 0!==i&&(void 0===p[5]||(p[1]="@layer".concat(p[5].length>0?" ".concat(p[5]):""," {").concat(p[1],"}")),p[5]=i),r&&(p[2]&&(p[1]="@media ".concat(p[2]," {").concat(p[1],"}")),p[2]=r),n&&(p[4]?(p[1]="@supports (".concat(p[4],") {").concat(p[1],"}"),p[4]=n):p[4]="".concat(n)),t.push(p))}},t}},23(e){e.exports=function(e){return e[1]}},15(e,t,r){r.r(t);var o=r(16),n=r.n(o),i=r(17),a=r.n(i),c=r(18),l=r.n(c),d=r(19),p=r.n(d),s=r(20),u=r.n(s),g=r(21),h=r.n(g),f=r(22),w={};w.styleTagTransform=h(),w.setAttributes=p(),w.insert=l().bind(null,"head"),w.domAPI=a(),w.insertStyleElement=u(),n()(f.A,w);let v=f.A&&f.A.locals?f.A.locals:void 0;r.d(t,{},{default:v})},16(e){var t=[];function r(e){for(var r=-1,o=0;o<t.length;o++)if(t[o].identifier===e){r=o;break}return r}function o(e,o){for(var n={},i=[],a=0;a<e.length;a++){var c=e[a],l=o.base?c[0]+o.base:c[0],d=n[l]||0,p="".concat(l," ").concat(d);n[l]=d+1;var s=r(p),u={css:c[1],media:c[2],sourceMap:c[3],supports:c[4],layer:c[5]};if(-1!==s)t[s].references++,t[s].updater(u);else{var g=function(e,t){var r=t.domAPI(t);return r.update(e),function(t){t?(t.css!==e.css||t.media!==e.media||t.sourceMap!==e.sourceMap||t.supports!==e.supports||t.layer!==e.layer)&&r.update(e=t):r.remove()}}(u,o);o.byIndex=a,t.splice(a,0,{identifier:p,updater:g,references:1})}i.push(p)}return i}e.exports=function(e,n){var i=o(e=e||[],n=n||{});return function(e){e=e||[];for(var a=0;a<i.length;a++){var c=r(i[a]);t[c].references--}for(var l=o(e,n),d=0;d<i.length;d++){var p=r(i[d]);0===t[p].references&&(t[p].updater(),t.splice(p,1))}i=l}}},18(e){var t={};e.exports=function(e,r){var o=function(e){if(void 0===t[e]){var r=document.querySelector(e);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(e){r=null}t[e]=r}return t[e]}(e);if(!o)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");o.appendChild(r)}},20(e){e.exports=function(e){var t=document.createElement("style");return e.setAttributes(t,e.attributes),e.insert(t,e.options),t}},19(e,t,r){e.exports=function(e){var t=r.nc;t&&e.setAttribute("nonce",t)}},17(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var t=e.insertStyleElement(e);return{update:function(r){var o,n,i;o="",r.supports&&(o+="@supports (".concat(r.supports,") {")),r.media&&(o+="@media ".concat(r.media," {")),(n=void 0!==r.layer)&&(o+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),o+=r.css,n&&(o+="}"),r.media&&(o+="}"),r.supports&&(o+="}"),(i=r.sourceMap)&&"u">typeof btoa&&(o+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(i))))," */")),e.styleTagTransform(o,t,e.options)},remove:function(){var e;null===(e=t).parentNode||e.parentNode.removeChild(e)}}}},21(e){e.exports=function(e,t){if(t.styleSheet)t.styleSheet.cssText=e;else{for(;t.firstChild;)t.removeChild(t.firstChild);t.appendChild(document.createTextNode(e))}}}}]);