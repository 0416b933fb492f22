/* Hovering over charts, by pointer and by keyboard, and the same place marked everywhere on the page.

   A mark is any element with `data-say` (what is said of it); with `data-place` it stands for a place. Every script that
   shows places takes part by the event `place:mark` on the document: its detail is the code of a place, or null.
   Charts that come later are made known by the event `chart:added` on the element that holds them. */
(function () {
  "use strict";

  var NEAR = 14;
  var MARK = "[data-say]";
  var STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  var tip = null;
  var shown = null;
  var leaving = 0;
  var marked = null;

  /* Text, never HTML: a name is data. The reader may go over it with the pointer (WCAG 1.4.13). */
  function tipElement() {
    if (tip) return tip;
    tip = document.createElement("div");
    tip.className = "chart-tip";
    tip.hidden = true;
    // What a screen reader says is the name of the mark itself.
    tip.setAttribute("aria-hidden", "true");
    tip.addEventListener("pointerenter", function () { clearTimeout(leaving); });
    tip.addEventListener("pointerleave", hideSoon);
    document.body.appendChild(tip);
    return tip;
  }

  function show(mark) {
    clearTimeout(leaving);
    if (mark === shown) return;
    shown = mark;
    var box = tipElement();
    box.textContent = said(mark);
    box.hidden = false;
    put(box, mark.getBoundingClientRect());
    tell(mark.getAttribute("data-place"));
  }

  /* With what the picture says of all its marks, such as the period. */
  function said(mark) {
    var chart = mark.closest("[data-context]");
    return mark.getAttribute("data-say") + (chart ? "\n" + chart.getAttribute("data-context") : "");
  }

  /* Above the mark, or below it where there is no room; always within the window. */
  function put(box, at) {
    var width = document.documentElement.clientWidth;
    var left = at.left + at.width / 2 - box.offsetWidth / 2;
    var above = at.top - box.offsetHeight - NEAR;
    box.style.left = Math.max(4, Math.min(left, width - box.offsetWidth - 4)) + "px";
    box.style.top = (above < 4 ? at.bottom + NEAR : above) + "px";
  }

  function hide() {
    clearTimeout(leaving);
    if (!shown) return;
    shown = null;
    tip.hidden = true;
    tell(null);
  }

  function hideSoon() {
    clearTimeout(leaving);
    leaving = setTimeout(hide, 150);
  }

  function tell(code) {
    document.dispatchEvent(new CustomEvent("place:mark", { detail: code || null }));
  }

  function markOf(target) { return target instanceof Element ? target.closest(MARK) : null; }

  function markIn(holder) {
    if (!marked) return;
    holder.querySelectorAll('[data-place="' + CSS.escape(marked) + '"]').forEach(function (mark) { mark.classList.add("marked"); });
  }

  document.addEventListener("place:mark", function (event) {
    document.querySelectorAll("[data-place].marked").forEach(function (mark) { mark.classList.remove("marked"); });
    marked = event.detail;
    markIn(document);
  });

  document.addEventListener("pointerover", function (event) {
    var mark = markOf(event.target);
    if (mark) show(mark);
  });
  document.addEventListener("pointerout", function (event) {
    if (markOf(event.target) && document.activeElement !== shown) hideSoon();
  });
  document.addEventListener("focusin", function (event) {
    var mark = markOf(event.target);
    if (mark) show(mark);
  });
  document.addEventListener("focusout", function (event) { if (markOf(event.target)) hide(); });
  document.addEventListener("scroll", function () { if (shown) put(tip, shown.getBoundingClientRect()); }, true);

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") return hide();
    var mark = markOf(event.target);
    var chart = mark && mark.closest("svg");
    if (!chart || event.altKey || event.ctrlKey || event.metaKey) return;
    var marks = Array.prototype.slice.call(chart.querySelectorAll(MARK));
    var next = event.key === "Home" ? 0 : event.key === "End" ? marks.length - 1 : marks.indexOf(mark) + STEPS[event.key];
    if (!marks[next]) return;
    event.preventDefault();
    reachable(mark, false);
    reachable(marks[next], true);
    marks[next].focus();
  });

  /* One mark of a chart is in the order of the Tab key, the others are reached by arrows from it. */
  function reachable(mark, yes) {
    mark.setAttribute("tabindex", yes ? "0" : "-1");
    if (mark.hasAttribute("aria-label")) return;
    if (mark.localName !== "a") mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", said(mark).replace(/\n/g, ", "));
  }

  function prepare(chart) {
    var marks = chart.querySelectorAll(MARK);
    if (!marks.length || chart.hasAttribute("data-ready")) return;
    chart.setAttribute("data-ready", "");
    // What holds marks to be reached is no longer one picture.
    chart.setAttribute("role", "group");
    marks.forEach(function (mark) { if (mark.localName === "a") reachable(mark, false); });
    reachable(chart.querySelector(MARK + ".mine") || marks[0], true);
  }

  function prepareAll(holder) { holder.querySelectorAll("svg.chart").forEach(prepare); }

  document.addEventListener("chart:added", function (event) { prepareAll(event.target); markIn(event.target); });
  prepareAll(document);
})();
