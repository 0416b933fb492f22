/* The maps of a page: what is shown comes from the page's own description (#map-view), geometry and values apart, so that
   another indicator or year fetches values only. Several maps move together. A marked place is marked everywhere. */
(function () {
  "use strict";

  var data = window.cityindexData, layers = window.cityindexLayer, panels = [], page = null, marked = null, moved = false;

  function described(root) { return JSON.parse((root || document).getElementById("map-view").textContent); }

  function number(value, decimals) {
    return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace("-", "\u2212");
  }

  function position(breaks, value) {
    var i = 0;
    while (i < breaks.length && value >= breaks[i]) i += 1;
    return i;
  }

  /* ---- what a place looks like ---- */

  function look(panel, code) {
    if (panel.only && !panel.only.has(code)) return null;
    var row = panel.rows.get(code);
    if (!row) return null;
    if (panel.view.second) return crossedLook(panel, row, panel.others.get(code));
    if (row.value === null) return { tile: "none", alpha: 1 };
    var fill = panel.view.colours[position(panel.view.breaks, row.value)];
    return { fill: fill, tile: row.standing ? "standing" : null, alpha: faint(row) ? 0.4 : 1 };
  }

  function faint(row) { return row.coverage !== null && row.coverage < page.faint; }

  function crossedLook(panel, row, other) {
    var first = row.value, second = other ? other.value : null;
    if (first === null || second === null) {
      return { tile: first === null && second === null ? "none" : first === null ? "second" : "first", alpha: 1 };
    }
    var at = position(panel.view.breaks, first), across = position(panel.view.second.breaks, second);
    return { fill: panel.view.grid[at][across], tile: row.standing || other.standing ? "standing" : null, alpha: faint(row) || faint(other) ? 0.4 : 1 };
  }

  /* ---- words about a place: lines of text, never HTML, because a name is data ---- */

  function amount(view, row) {
    if (!row || row.value === null) return page.words.no_data;
    return number(row.value, view.decimals) + (view.unit ? (view.unit === "%" ? "" : " ") + view.unit : "");
  }

  function lines(panel, code) {
    var row = panel.rows.get(code), view = panel.view, said = [];
    said.push(view.second ? view.name + ": " + amount(view, row) : amount(view, row));
    if (row && row.rank) {
      said.push(page.words.rank.replace("{rank}", number(row.rank, 0) + (row.low ? " (" + number(row.low, 0) + "–" + number(row.high, 0) + ")" : "")));
    }
    if (view.second) said.push(view.second.name + ": " + amount(view.second, panel.others.get(code)));
    if (row && row.standing) said.push(page.words.standing);
    if (row && row.value !== null && faint(row)) said.push(page.words.coverage.replace("{share}", row.coverage + "%"));
    if (panel.sizes) said.push(page.symbols.name + ": " + amount(page.symbols, panel.sizes.get(code)));
    said.push(view.when);
    return said;
  }

  function label(panel, code) {
    var box = document.createElement("div"), name = document.createElement("strong");
    name.textContent = nameOf(code);
    box.appendChild(name);
    lines(panel, code).forEach(function (text) {
      var line = document.createElement("div");
      line.textContent = text;
      box.appendChild(line);
    });
    if (panel.touched) {
      var link = document.createElement("a");
      link.href = page.profile + encodeURIComponent(code);
      link.textContent = page.words.open;
      box.appendChild(link);
    }
    return box;
  }

  var names = new Map();
  function nameOf(code) {
    var found = names.get(code);
    return found ? found[page.language === "en" ? 1 : 0] : code;
  }

  function learnNames() {
    return Promise.all(page.names.map(function (url) { return data.names(url); })).then(function (known) {
      known.forEach(function (part) { part.forEach(function (both, code) { names.set(code, both); }); });
      if (marked) mark(marked, true);
      return names;
    });
  }

  /* ---- marking, here and wherever else the place is drawn ---- */

  function mark(code, again, from, at) {
    if (code === marked && !again && !at) return;
    var changed = code !== marked;
    marked = code;
    panels.forEach(function (panel) { outline(panel, code, panel === from ? at : null); });
    if (changed) document.dispatchEvent(new CustomEvent("place:mark", { detail: code }));
  }

  function outline(panel, code, at) {
    if (panel.mark) { panel.mark.remove(); panel.mark = null; }
    var shown = code && panel.rows && look(panel, code);
    if (!shown) { panel.map.closeTooltip(panel.tip); return; }
    var shape = panel.layer.shape(code), spot = panel.layer.spot(code);
    if (!shape && !spot) { panel.map.closeTooltip(panel.tip); return; }
    var style = { color: layers.mark, weight: 3, fill: false, interactive: false, renderer: panel.ink };
    if (shape) {
      panel.mark = L.polygon(shape.rings.map(degrees), style).addTo(panel.map);
    } else {
      panel.mark = L.circleMarker(layers.unproject(spot.point[0], spot.point[1]), Object.assign({ radius: (spot.radius || 3.5) + 3 }, style)).addTo(panel.map);
    }
    var centre = shape ? layers.unproject((shape.box[0] + shape.box[2]) / 2, (shape.box[1] + shape.box[3]) / 2) : layers.unproject(spot.point[0], spot.point[1]);
    panel.tip.setLatLng(at || centre).setContent(label(panel, code));
    if (panel.map.getBounds().contains(at || centre)) panel.map.openTooltip(panel.tip); else panel.map.closeTooltip(panel.tip);
  }

  function degrees(ring) {
    return ring.map(function (point) { return layers.unproject(point[0], point[1]); });
  }

  document.addEventListener("place:mark", function (event) { mark(event.detail || null); });

  /* ---- a map ---- */

  function panel(map, index) {
    if (!page) page = described();
    var made = { map: map, index: index, view: null, rows: null, layer: new layers.Shapes({ basemap: page.basemap }).addTo(map) };
    map.attributionControl.setPrefix("Leaflet");
    map.createPane("marks").style.zIndex = 450;
    made.ink = L.svg({ pane: "marks" });
    made.tip = L.tooltip({ direction: "top", offset: [0, -6], opacity: 1, interactive: true });
    panels.push(made);
    listen(made);
    Promise.all(wantedOf(page, page.panels[index])).then(function (got) {
      if (!made.view) show(made, page.panels[index], got);
    }).catch(function (error) { if (!made.view) failed(made, error); });
  }

  function listen(made) {
    var map = made.map, box = map.getContainer(), kind = "mouse";
    box.addEventListener("pointerdown", function (event) { kind = event.pointerType; });
    map.on("mousemove", function (event) {
      if (kind === "touch" || !made.rows) return;
      var code = made.layer.at(event.latlng);
      box.style.cursor = code ? "pointer" : "";
      if (code) mark(code, false, made, event.latlng); else if (marked) mark(null);
    });
    map.on("mouseout", function () { if (kind !== "touch") mark(null); });
    map.on("click", function (event) {
      var code = made.rows && made.layer.at(event.latlng), before = marked;
      made.touched = kind === "touch";
      if (!code) { mark(null); return; }
      if (!made.touched || before === code) { window.location.href = page.profile + encodeURIComponent(code); return; }
      mark(code, true, made, event.latlng);
    });
    box.addEventListener("keydown", function (event) { if (event.key === "Escape") mark(null); });
    map.on("move", function () { follow(made); });
    map.on("dragend zoomend", function () { if (moved) remember(map); });
    box.addEventListener("pointerdown", function () { moved = true; });
    box.addEventListener("wheel", function () { moved = true; }, { passive: true });
    box.addEventListener("keydown", function () { moved = true; });
    map.on("zoomend", function () { refine(made); });
  }

  var following = false;
  function follow(leader) {
    if (following) return;
    following = true;
    panels.forEach(function (other) {
      if (other !== leader) other.map.setView(leader.map.getCenter(), leader.map.getZoom(), { animate: false });
    });
    following = false;
  }

  /* Where the reader looked goes behind the #, which the server is not asked about. */
  function remember(map) {
    var centre = map.getCenter();
    var at = "#map=" + [map.getZoom(), centre.lat.toFixed(3), centre.lng.toFixed(3)].join("/");
    window.history.replaceState(null, "", window.location.pathname + window.location.search + at);
  }

  function remembered() {
    var found = /^#map=([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)$/.exec(window.location.hash);
    return found && { zoom: Number(found[1]), centre: [Number(found[2]), Number(found[3])] };
  }

  /* ---- drawing ---- */

  var DETAIL_ZOOM = 9.5;

  function refine(made) {
    if (made.detail || !made.rows || made.map.getZoom() < DETAIL_ZOOM) return;
    made.detail = true;
    Promise.all(page.finer.map(data.shapes)).then(function (parts) {
      made.layer.setShapes(parts, made.land).draw();
      if (marked) outline(made, marked);
    }).catch(console.error);
  }

  /* What a view on one map needs of the server. */
  function wantedOf(page, view) {
    return [
      Promise.all(page.geometry.map(data.shapes)),
      page.outline ? data.shapes(page.outline) : null,
      data.values(view.values),
      view.second ? data.values(view.second.values) : null,
      page.dots || page.symbols ? data.positions(page.positions) : null,
      page.symbols && page.symbols.values ? data.values(page.symbols.values) : null
    ];
  }

  function show(made, view, got) {
    var arrived = window.performance.now(), first = !made.view;
    made.view = view;
    made.only = view.only ? new Set(data.codes(view.only)) : null;
    made.rows = got[2]; made.others = got[3]; made.land = got[1];
    made.sizes = page.symbols ? sizesOf(got[4], got[5]) : null;
    if (!made.detail) made.layer.setShapes(got[0], got[1]);
    made.layer.setLook(function (code) { return look(made, code); });
    var shown = bounds(made, got[0]);
    made.layer.setAll(shown.count === shown.all && !made.only);
    made.layer.setSymbols(symbols(made, got[4], got[0]));
    made.layer.setLabels(null);
    if (first) place(made, shown.box); else made.layer.draw();
    if (marked) outline(made, marked);
    made.map.attributionControl._attributions = {};
    made.map.attributionControl.addAttribution(view.source);
    var box = made.map.getContainer();
    box.setAttribute("data-drawn", String(shown.count + shown.spots));
    box.setAttribute("data-took", (window.performance.now() - arrived).toFixed(1));
    box.dispatchEvent(new CustomEvent("map:drawn", { bubbles: true }));
    tell(false);
    afterwards(made);
  }

  function failed(made, error) {
    tell(true);
    made.map.getContainer().setAttribute("data-drawn", "failed");
    console.error(error);
  }

  function tell(lost) {
    var note = document.getElementById("map-failed");
    if (note) note.hidden = !lost;
  }

  /* Names are not needed for the first look. */
  function afterwards(made) {
    refine(made);
    window.setTimeout(function () {
      learnNames().then(function () {
        if (page.labels) { made.layer.setLabels(new Map(Array.from(names, function (one) { return [one[0], nameOf(one[0])]; }))).draw(); }
        if (page.place) mark(page.place);
      }).catch(console.error);
    }, 0);
  }

  function around(box, more) {
    return [Math.min(box[0], more[0]), Math.min(box[1], more[1]), Math.max(box[2], more[2]), Math.max(box[3], more[3])];
  }
  var NOWHERE = [Infinity, Infinity, -Infinity, -Infinity];

  function bounds(made, parts) {
    var box = NOWHERE, count = 0, all = 0;
    parts.forEach(function (part) {
      part.codes.forEach(function (code, number) {
        all += 1;
        if (!look(made, code)) return;
        count += 1;
        box = around(box, part.box(number));
      });
    });
    return { box: count ? box : null, count: count, all: all, spots: 0 };
  }

  function place(made, box) {
    var at = remembered(), own = page.place && made.layer.shape(page.place);
    if (own) box = own.box;
    if (!box && made.land) box = made.land.codes.reduce(function (all, code, number) { return around(all, made.land.box(number)); }, NOWHERE);
    if (at && !own) made.map.setView(at.centre, at.zoom, { animate: false });
    else if (box) made.map.fitBounds([layers.unproject(box[0], box[3]), layers.unproject(box[2], box[1])], { animate: false, padding: [10, 10], maxZoom: 11 });
    made.layer.draw();
  }

  function sizesOf(positions, rows) {
    if (rows) return rows;
    var sizes = new Map();
    positions.forEach(function (one, code) { sizes.set(code, { value: one.people }); });
    return sizes;
  }

  /* Symbols in proportion to a number, the largest first; and dots for places that have no shape. */
  function symbols(made, positions, parts) {
    var found = [];
    if (!positions) return found;
    positions.forEach(function (one, code) {
      var shown = look(made, code);
      if (!shown) return;
      if (made.sizes) {
        var size = made.sizes.get(code);
        if (size && size.value > 0) found.push({ code: code, point: one.point, radius: page.symbols.radius * Math.sqrt(size.value / page.symbols.most), look: shown });
      } else if (page.dots === "all" || !parts.some(function (part) { return part.number.has(code); })) {
        found.push({ code: code, point: one.point, radius: page.dots === "all" ? 4 : 0, look: shown });
      }
    });
    return found.sort(function (a, b) { return b.radius - a.radius; });
  }

  /* ---- another view of the same page ---- */

  /* Promises a function that shows it: words and colours change together, and only once all of it has come. */
  function prepared(next) {
    var views = panels.map(function (made) { return next.panels[made.index]; });
    return Promise.all(views.map(function (view) { return Promise.all(wantedOf(next, view)); })).then(function (got) {
      return function () {
        page = next;
        panels.forEach(function (made, at) { show(made, views[at], got[at]); });
      };
    });
  }

  function zoomTo(code) {
    page.place = code;
    panels.forEach(function (made) {
      var shape = made.layer.shape(code), spot = made.layer.spot(code);
      if (shape) made.map.fitBounds([layers.unproject(shape.box[0], shape.box[3]), layers.unproject(shape.box[2], shape.box[1])], { animate: false, maxZoom: 11, padding: [40, 40] });
      else if (spot) made.map.setView(layers.unproject(spot.point[0], spot.point[1]), 10, { animate: false });
    });
    mark(code, true);
    return panels.length && panels[0].rows && panels[0].rows.has(code) ? [nameOf(code)].concat(lines(panels[0], code)).join(", ") : null;
  }

  window.cityindexMap = {
    panel: panel,
    prepared: prepared,
    zoomTo: zoomTo,
    names: learnNames,
    views: function () {
      return panels.map(function (made) { return [made.map.getZoom(), made.map.getCenter().lat, made.map.getCenter().lng]; });
    },
    count: function () { return panels.length; },
    described: described
  };
})();
