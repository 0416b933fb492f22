/* The form of the map page without loading the page anew: the server makes every word, number and legend, and what it
   made is put in place. Without this script the form is a plain one. */
(function () {
  "use strict";

  var form = document.getElementById("map-form");
  if (!form) return;
  var said = document.getElementById("map-said"), stays = document.getElementById("map-stays"), asked = 0;

  function address() {
    var query = new URLSearchParams();
    new FormData(form).forEach(function (value, name) { if (value !== "") query.append(name, value); });
    return form.action + "?" + query.toString();
  }

  /* Parts of the page that the next view has, too, are put in place; the focus stays where it was. */
  function put(next) {
    var focus = document.activeElement && document.activeElement.id;
    document.querySelectorAll("[data-part]").forEach(function (old) {
      var fresh = next.querySelector("[data-part='" + old.dataset.part + "']");
      if (!fresh) return;
      var open = Array.from(old.querySelectorAll("details[open]")).map(function (one) { return one.id; });
      old.replaceChildren.apply(old, Array.from(fresh.childNodes));
      open.forEach(function (id) { var one = document.getElementById(id); if (one) one.open = true; });
    });
    document.getElementById("map-view").textContent = next.getElementById("map-view").textContent;
    document.title = next.title;
    ready();
    var again = focus && document.getElementById(focus);
    if (again) again.focus({ preventScroll: true });
  }

  /* The latest wish counts: what was asked for before it and comes later is not shown. */
  function load(url) {
    var mine = asked += 1;
    form.setAttribute("aria-busy", "true");
    return fetch(url).then(function (answer) {
      return answer.ok ? answer.text() : null;
    }).then(function (text) {
      if (mine !== asked) return null;
      var next = text && new DOMParser().parseFromString(text, "text/html");
      var described = next && next.getElementById("map-view") && window.cityindexMap.described(next);
      if (!described || described.panels.length !== window.cityindexMap.count()) { window.location.href = url; return null; }
      return window.cityindexMap.prepared(described).then(function (show) {
        if (mine !== asked) return;
        put(next);
        window.history.replaceState(null, "", described.canonical + window.location.hash);
        show();
        stays.hidden = true;
        say(described.summary);
      });
    }).catch(function (error) {
      console.error(error);
      if (mine === asked) stay(url);
    }).finally(function () { if (mine === asked) form.removeAttribute("aria-busy"); });
  }

  /* The line broke: everything stays as it was, the choices too, and what was wished for is one step away. */
  function stay(url) {
    form.reset();
    ready();
    stays.querySelector("a").href = url;
    stays.hidden = false;
  }

  function say(words) { if (words) said.textContent = words; }

  /* The slider moves the choice of the period: its steps are the periods, the earliest on the left. */
  function slider() {
    var select = document.getElementById("f-period"), range = document.getElementById("f-slide");
    if (!select || !range) return;
    var last = select.options.length - 1, ends = range.parentElement.querySelectorAll("span");
    range.parentElement.classList.toggle("ready", last > 0);
    if (last < 0) return;
    range.max = String(last);
    range.value = String(last - select.selectedIndex);
    range.setAttribute("aria-valuetext", select.options[select.selectedIndex].text);
    ends[0].textContent = select.options[last].text; ends[1].textContent = select.options[0].text;
  }

  function slid(range) {
    var select = document.getElementById("f-period"), at = select.options.length - 1 - Number(range.value);
    if (at === select.selectedIndex) return false;
    select.selectedIndex = at;
    range.setAttribute("aria-valuetext", select.options[at].text);
    return true;
  }

  function find(text) {
    return window.cityindexMap.names().then(function (names) {
      var wanted = text.trim().toLowerCase(), found = [];
      if (wanted.length < 2) return [];
      names.forEach(function (both, code) {
        if (code.toLowerCase() === wanted || both[0].toLowerCase().indexOf(wanted) >= 0 || both[1].toLowerCase().indexOf(wanted) >= 0) found.push([code, both]);
      });
      return found.sort(function (a, b) { return a[1][0].length - b[1][0].length; });
    });
  }

  function offer(input) {
    find(input.value).then(function (found) {
      var list = document.getElementById("map-places");
      list.replaceChildren.apply(list, found.slice(0, 12).map(function (one) {
        var option = document.createElement("option");
        option.value = document.documentElement.lang === "en" ? one[1][1] : one[1][0];
        option.label = one[0];
        return option;
      }));
    });
  }

  function ready() { slider(); }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var input = document.getElementById("f-place");
    if (document.activeElement !== input || !input.value) { load(address()); return; }
    find(input.value).then(function (found) {
      if (!found.length) { load(address()); return; }
      var words = window.cityindexMap.zoomTo(found[0][0]);
      if (words) say(words); else load(address());
    });
  });
  form.addEventListener("change", function (event) {
    if (event.target.id === "f-place" || event.target.type === "text") return;
    load(address());
  });
  form.addEventListener("input", function (event) { if (event.target.id === "f-place") offer(event.target); });
  var slide = document.getElementById("f-slide");
  if (slide) slide.addEventListener("change", function () { if (slid(slide)) load(address()); });

  /* A row of the table marks its place on the map. */
  var table = document.getElementById("map-table");
  function code(event) {
    var row = event.target.closest && event.target.closest("[data-place]");
    return row ? row.dataset.place : null;
  }
  ["mouseover", "focusin"].forEach(function (kind) {
    table.addEventListener(kind, function (event) { document.dispatchEvent(new CustomEvent("place:mark", { detail: code(event) })); });
  });
  ["mouseleave", "focusout"].forEach(function (kind) {
    table.addEventListener(kind, function () { document.dispatchEvent(new CustomEvent("place:mark", { detail: null })); });
  });

  stays.querySelector("a").addEventListener("click", function (event) { event.preventDefault(); load(event.target.href); });
  ready();
})();
