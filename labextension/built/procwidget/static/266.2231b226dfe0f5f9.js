"use strict";(self.rspackChunkprocwidget=self.rspackChunkprocwidget||[]).push([[266],{22(e,t,r){var o=r(23),n=r.n(o),a=r(24),i=(r.n(a))()(n());i.push([e.id,`/* Colours are JupyterLab's own, so that any theme fits; those of the levels are readable on light and on dark. */

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
  overflow: hidden;
  min-width: 0;
}

/* Notebook's header */
#top-panel > .procwidget-StatusLine {
  flex: 0 1000 auto;
  align-self: center;
  height: 28px;
  margin: 0 12px;
}

.procwidget-StatusLine-button {
  display: flex;
  gap: 10px;
  align-items: center;
  max-width: 100%;
  height: 100%;
  padding: 0 6px;
  border: 0;
  background: transparent;
  color: var(--jp-ui-font-color1);
  font: inherit;
  font-size: var(--jp-ui-font-size1);
  white-space: nowrap;
  cursor: pointer;
}

.procwidget-StatusLine-button[hidden] {
  display: none;
}

.procwidget-StatusLine-button:hover {
  background: var(--jp-layout-color3);
}

.procwidget-StatusLine-sentence {
  overflow: hidden;
  flex: 0 1 auto;
  min-width: 0;
  max-width: 36ch;
  text-overflow: ellipsis;
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
`,""]),r.d(t,{},{A:i})},24(e){e.exports=function(e){var t=[];return t.toString=function(){return this.map(function(t){var r="",o=void 0!==t[5];return t[4]&&(r+="@supports (".concat(t[4],") {")),t[2]&&(r+="@media ".concat(t[2]," {")),o&&(r+="@layer".concat(t[5].length>0?" ".concat(t[5]):""," {")),r+=e(t),o&&(r+="}"),t[2]&&(r+="}"),t[4]&&(r+="}"),r}).join("")},t.i=function(e,r,o,n,a){"string"==typeof e&&(e=[[null,e,void 0]]);var i={};if(o)for(var c=0;c<this.length;c++){var d=this[c][0];null!=d&&(i[d]=!0)}for(var l=0;l<e.length;l++){var p=[].concat(e[l]);o&&i[p[0]]||(void 0!==a&&(void 0===p[5]||(p[1]="@layer".concat(p[5].length>0?" ".concat(p[5]):""," {").concat(p[1],"}")),p[5]=a),r&&(p[2]&&(p[1]="@media ".concat(p[2]," {").concat(p[1],"}")),p[2]=r),n&&(p[4]?(p[1]="@supports (".concat(p[4],") {").concat(p[1],"}"),p[4]=n):p[4]="".concat(n)),t.push(p))}},t}},23(e){e.exports=function(e){return e[1]}},15(e,t,r){r.r(t);var o=r(16),n=r.n(o),a=r(17),i=r.n(a),c=r(18),d=r.n(c),l=r(19),p=r.n(l),s=r(20),u=r.n(s),g=r(21),f=r.n(g),h=r(22),w={};w.styleTagTransform=f(),w.setAttributes=p(),w.insert=d().bind(null,"head"),w.domAPI=i(),w.insertStyleElement=u(),n()(h.A,w);let v=h.A&&h.A.locals?h.A.locals:void 0;r.d(t,{},{default:v})},16(e){var t=[];function r(e){for(var r=-1,o=0;o<t.length;o++)if(t[o].identifier===e){r=o;break}return r}function o(e,o){for(var n={},a=[],i=0;i<e.length;i++){var c=e[i],d=o.base?c[0]+o.base:c[0],l=n[d]||0,p="".concat(d," ").concat(l);n[d]=l+1;var s=r(p),u={css:c[1],media:c[2],sourceMap:c[3],supports:c[4],layer:c[5]};if(-1!==s)t[s].references++,t[s].updater(u);else{var g=function(e,t){var r=t.domAPI(t);return r.update(e),function(t){t?(t.css!==e.css||t.media!==e.media||t.sourceMap!==e.sourceMap||t.supports!==e.supports||t.layer!==e.layer)&&r.update(e=t):r.remove()}}(u,o);o.byIndex=i,t.splice(i,0,{identifier:p,updater:g,references:1})}a.push(p)}return a}e.exports=function(e,n){var a=o(e=e||[],n=n||{});return function(e){e=e||[];for(var i=0;i<a.length;i++){var c=r(a[i]);t[c].references--}for(var d=o(e,n),l=0;l<a.length;l++){var p=r(a[l]);0===t[p].references&&(t[p].updater(),t.splice(p,1))}a=d}}},18(e){var t={};e.exports=function(e,r){var o=function(e){if(void 0===t[e]){var r=document.querySelector(e);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(e){r=null}t[e]=r}return t[e]}(e);if(!o)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");o.appendChild(r)}},20(e){e.exports=function(e){var t=document.createElement("style");return e.setAttributes(t,e.attributes),e.insert(t,e.options),t}},19(e,t,r){e.exports=function(e){var t=r.nc;t&&e.setAttribute("nonce",t)}},17(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var t=e.insertStyleElement(e);return{update:function(r){var o,n,a;o="",r.supports&&(o+="@supports (".concat(r.supports,") {")),r.media&&(o+="@media ".concat(r.media," {")),(n=void 0!==r.layer)&&(o+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),o+=r.css,n&&(o+="}"),r.media&&(o+="}"),r.supports&&(o+="}"),(a=r.sourceMap)&&"u">typeof btoa&&(o+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(a))))," */")),e.styleTagTransform(o,t,e.options)},remove:function(){var e;null===(e=t).parentNode||e.parentNode.removeChild(e)}}}},21(e){e.exports=function(e,t){if(t.styleSheet)t.styleSheet.cssText=e;else{for(;t.firstChild;)t.removeChild(t.firstChild);t.appendChild(document.createTextNode(e))}}}}]);