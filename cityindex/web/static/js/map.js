/* Draws the layers that the page describes (cityindex/maps/choropleth.py). Geometry and values come apart, so that
   another indicator or year fetches values only. */
(function () {
  "use strict";

  var INK = "#5b6470";

  /* Leaflet's canvas fills with one colour; a place without a value is hatched. */
  L.Canvas.include({
    _fillStroke: function (ctx, layer) {
      var o = layer.options;
      if (o.fill) {
        ctx.globalAlpha = o.fillOpacity;
        ctx.fillStyle = o.hatch ? ctx.createPattern(hatch(), "repeat") : o.fillColor || o.color;
        ctx.fill(o.fillRule || "evenodd");
      }
      if (o.stroke && o.weight !== 0) {
        ctx.globalAlpha = o.opacity;
        ctx.lineWidth = o.weight;
        ctx.strokeStyle = o.color;
        ctx.lineCap = o.lineCap;
        ctx.lineJoin = o.lineJoin;
        ctx.stroke();
      }
    }
  });

  var tile = null;
  function hatch() {
    if (tile) return tile;
    tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    var ctx = tile.getContext("2d");
    ctx.fillStyle = "#ffffff";
    ctx.fillRect(0, 0, 6, 6);
    ctx.strokeStyle = "#8a8f98";
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(-1, 7); ctx.lineTo(7, -1);
    ctx.stroke();
    return tile;
  }

  function colour(value, view) {
    var i = 0;
    while (i < view.breaks.length && value >= view.breaks[i]) i += 1;
    return view.colours[i];
  }

  /* From far away a municipality is a few pixels: a border would cover its colour. */
  function border(map) { return map.getZoom() < 8 ? 0.25 : 0.8; }

  function style(map, view, row) {
    var base = { stroke: true, color: INK, weight: border(map), opacity: 0.8, fill: true, fillOpacity: 1 };
    if (!row || row[0] === null) base.hatch = true;
    else base.fillColor = colour(row[0], view);
    return base;
  }

  function number(value, decimals) {
    return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }

  /* Lines of text, never HTML: a name is data. */
  function label(view, properties, row) {
    var box = document.createElement("div");
    function line(text, tag) {
      var element = document.createElement(tag || "div");
      element.textContent = text;
      box.appendChild(element);
    }
    line(properties[view.language] || properties.th, "strong");
    if (!row || row[0] === null) {
      line(view.words.no_data);
    } else {
      line(number(row[0], view.decimals) + (view.unit ? " " + view.unit : ""));
      if (row[1]) line(view.words.rank.replace("{rank}", number(row[1], 0)) + (row[2] ? " (" + number(row[2], 0) + "–" + number(row[3], 0) + ")" : ""));
    }
    line(view.period);
    return box;
  }

  function fetched(url) {
    return fetch(url).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status + " " + url);
      return answer.json();
    });
  }

  function choropleth(map, view) {
    map.attributionControl.setPrefix("Leaflet");
    map.attributionControl.addAttribution(view.source);
    var wanted = [fetched(view.geometry), fetched(view.values)];
    if (view.outline) wanted.push(fetched(view.outline));
    Promise.all(wanted).then(function (got) {
      var rows = got[1].places;
      var land = null;
      if (got[2]) {
        land = L.geoJSON(got[2], {
          interactive: false,
          style: { stroke: true, color: INK, weight: 0.8, opacity: 0.6, fill: true, fillColor: "#fbfbfa", fillOpacity: 1 }
        }).addTo(map);
      }
      var places = L.geoJSON(got[0], {
        filter: function (feature) { return feature.properties.code in rows; },
        style: function (feature) { return style(map, view, rows[feature.properties.code]); },
        onEachFeature: function (feature, layer) {
          var code = feature.properties.code;
          layer.bindTooltip(function () { return label(view, feature.properties, rows[code]); }, { sticky: true });
          layer.on("mouseover", function () { layer.setStyle({ weight: 2, opacity: 1 }); layer.bringToFront(); });
          layer.on("mouseout", function () { layer.setStyle({ weight: border(map), opacity: 0.8 }); });
          layer.on("click", function () { window.location.href = view.profile + encodeURIComponent(code); });
        }
      }).addTo(map);
      var bounds = places.getBounds().isValid() ? places.getBounds() : land && land.getBounds();
      if (bounds) map.fitBounds(bounds, { animate: false, padding: [8, 8] });
      map.on("zoomend", function () { places.setStyle({ weight: border(map) }); });
      map.getContainer().setAttribute("data-drawn", String(places.getLayers().length));
    }).catch(function (error) {
      var note = document.getElementById("map-failed");
      if (note) note.hidden = false;
      map.getContainer().setAttribute("data-drawn", "failed");
      console.error(error);
    });
  }

  window.cityindexMap = { choropleth: choropleth };
})();
