/* A layer of Leaflet that draws thousands of shapes on one canvas, those that look alike as one path: moving and colouring
   anew cost a few milliseconds, and no seam shows between neighbours of one class. It knows shapes, styles and symbols; what
   they mean is said in map.js. */
(function () {
  "use strict";

  var INK = "#5b6470", MARK = "#a63d15", FONT = '600 14px "City Text", "Noto Sans Thai", sans-serif';
  var FAR = 8, DOT = 3.5;

  function tile(size, paint) {
    var canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    paint(canvas.getContext("2d"), size);
    return canvas;
  }

  /* No data: lines on white. Half known (one of two variables): lines the other way. Standing in: dots on the colour. */
  function lined(paper, ink, falling) {
    return tile(6, function (ctx) {
      ctx.fillStyle = paper; ctx.fillRect(0, 0, 6, 6);
      ctx.strokeStyle = ink; ctx.lineWidth = 1; ctx.beginPath();
      if (falling) { ctx.moveTo(-1, -1); ctx.lineTo(7, 7); } else { ctx.moveTo(-1, 7); ctx.lineTo(7, -1); }
      ctx.stroke();
    });
  }
  var TILES = {
    none: lined("#ffffff", "#8a8f98", false),
    first: lined("#ffffff", "#3b6fa0", true),
    second: lined("#ffffff", "#3f8f56", true),
    standing: tile(6, function (ctx) {
      ctx.fillStyle = "#ffffff"; ctx.beginPath(); ctx.arc(3, 3, 1.3, 0, 7); ctx.fill();
      ctx.strokeStyle = "#17233d"; ctx.lineWidth = 0.5; ctx.stroke();
    })
  };

  var Shapes = L.Renderer.extend({
    options: { padding: 0.1 },

    onRemove: function () {
      L.Util.cancelAnimFrame(this._frame);
      L.Renderer.prototype.onRemove.call(this);
    },

    /* parts: a list of shapes (map-data.js); land: those of the provinces, or null. */
    setShapes: function (parts, land) { this._parts = parts; this._land = land; return this; },
    /* look(code) -> {fill, tile, alpha} or null where a place is not shown. */
    setLook: function (look) { this._look = look; return this; },
    /* [{code, point, radius, style}], the largest first. */
    setSymbols: function (symbols) { this._symbols = symbols; return this; },
    /* {code: words} drawn beside places, or null. */
    setLabels: function (labels) { this._labels = labels; return this; },

    _initContainer: function () {
      var canvas = this._container = document.createElement("canvas");
      canvas.setAttribute("aria-hidden", "true");
      this._ctx = canvas.getContext("2d");
    },

    _destroyContainer: function () {
      L.DomUtil.remove(this._container);
      delete this._container;
      delete this._ctx;
    },

    /* One movement is told several times over: it is drawn once, before the next frame. */
    _updatePaths: function () { this._later(); },
    _later: function () {
      if (!this._frame) this._frame = L.Util.requestAnimFrame(this.draw, this);
    },
    _onZoomEnd: function () {},

    _update: function () {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      var bounds = this._bounds, size = bounds.getSize(), ratio = Math.min(window.devicePixelRatio || 1, 2);
      var canvas = this._container;
      L.DomUtil.setPosition(canvas, bounds.min);
      canvas.width = ratio * size.x; canvas.height = ratio * size.y;
      canvas.style.width = size.x + "px"; canvas.style.height = size.y + "px";
      this._ratio = ratio;
      this._later();
      this.fire("update");
    },

    /* From the plane of the paths to pixels of the canvas. */
    _view: function () {
      var scale = Math.pow(2, this._map.getZoom()), origin = this._map.getPixelOrigin(), min = this._bounds.min;
      var middle = window.cityindexData.middle;
      return { scale: scale, x: middle[0] * scale - origin.x - min.x, y: middle[1] * scale - origin.y - min.y };
    },

    draw: function () {
      L.Util.cancelAnimFrame(this._frame);
      this._frame = null;
      if (!this._map || !this._ctx || !this._bounds || !this._parts) return;
      var ctx = this._ctx, view = this._view(), ratio = this._ratio;
      this._now = view;
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, this._container.width, this._container.height);
      ctx.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
      if (this._land) this._drawLand(ctx, view);
      this._drawShapes(ctx, view);
      this._drawBorders(ctx, view);
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      this._drawSymbols(ctx, view);
      if (this._labels) this._drawLabels(ctx, view);
    },

    _drawLand: function (ctx, view) {
      ctx.globalAlpha = 1;
      ctx.fillStyle = this.options.basemap ? "rgba(255,255,255,0.35)" : "#fbfbfa";
      ctx.beginPath();
      for (var n = 0; n < this._land.codes.length; n++) this._land.trace(n, ctx);
      ctx.fill();
      ctx.strokeStyle = INK; ctx.globalAlpha = 0.55; ctx.lineWidth = 0.8 / view.scale;
      ctx.beginPath(); this._land.traceBorders(ctx); ctx.stroke();
    },

    /* The window in the plane of the paths: west, north, east, south. */
    _window: function (view) {
      var width = this._container.width / this._ratio, height = this._container.height / this._ratio;
      return [-view.x / view.scale, -view.y / view.scale, (width - view.x) / view.scale, (height - view.y) / view.scale];
    },

    _pattern: function (ctx, name, view) {
      var pattern = ctx.createPattern(TILES[name], "repeat"), still = 1 / view.scale;
      pattern.setTransform(new DOMMatrix([still, 0, 0, still, 0, 0]));
      return pattern;
    },

    /* Those in the window by how they look: each look is painted as one path. */
    _groups: function (view) {
      var self = this, window_ = this._window(view), groups = new Map(), seen = this._seen = [];
      this._parts.forEach(function (part) {
        for (var n = 0; n < part.codes.length; n++) {
          if (part.boxes[4 * n + 2] < window_[0] || part.boxes[4 * n] > window_[2] || part.boxes[4 * n + 3] < window_[1] || part.boxes[4 * n + 1] > window_[3]) continue;
          var look = self._look(part.codes[n]);
          if (!look) continue;
          var key = (look.fill || "") + (look.tile || "") + look.alpha, group = groups.get(key);
          if (!group) groups.set(key, group = { look: look, shapes: [] });
          group.shapes.push(seen.length);
          seen.push({ part: part, number: n });
        }
      });
      return groups;
    },

    _drawShapes: function (ctx, view) {
      var self = this;
      this._groups(view).forEach(function (group) {
        ctx.beginPath();
        group.shapes.forEach(function (at) { self._seen[at].part.trace(self._seen[at].number, ctx); });
        ctx.globalAlpha = group.look.alpha * (self.options.basemap ? 0.8 : 1);
        if (group.look.fill) { ctx.fillStyle = group.look.fill; ctx.fill(); }
        if (group.look.tile) { ctx.globalAlpha = 1; ctx.fillStyle = self._pattern(ctx, group.look.tile, view); ctx.fill(); }
      });
    },

    /* From far away a municipality is a few pixels: a border would cover its colour. */
    _drawBorders: function (ctx, view) {
      ctx.strokeStyle = INK;
      ctx.globalAlpha = this._map.getZoom() < FAR ? 0.5 : 0.8;
      ctx.lineWidth = (this._map.getZoom() < FAR ? 0.25 : 0.8) / view.scale;
      ctx.beginPath();
      if (this._all) this._parts.forEach(function (part) { part.traceBorders(ctx); });
      else this._seen.forEach(function (one) { one.part.trace(one.number, ctx); });
      ctx.stroke();
    },
    /* Whether every place of the shapes is shown: then each border is drawn once. */
    setAll: function (all) { this._all = all; return this; },

    _drawSymbols: function (ctx, view) {
      (this._symbols || []).forEach(function (one) {
        var x = one.point[0] * view.scale + view.x, y = one.point[1] * view.scale + view.y, radius = one.radius || DOT;
        ctx.beginPath(); ctx.arc(x, y, radius, 0, 7);
        ctx.globalAlpha = one.radius ? 0.85 : 1;
        ctx.fillStyle = one.look.fill || "#ffffff"; ctx.fill();
        ctx.globalAlpha = 1; ctx.strokeStyle = one.look.fill ? "#17233d" : "#8a8f98"; ctx.lineWidth = 0.7; ctx.stroke();
      });
    },

    /* Names where there is room for them: one never covers another. */
    _drawLabels: function (ctx, view) {
      var labels = this._labels, taken = [];
      ctx.font = FONT; ctx.textAlign = "center"; ctx.textBaseline = "middle";
      ctx.lineJoin = "round"; ctx.lineWidth = 3.5; ctx.globalAlpha = 1;
      var boxes = this._seen.map(function (one) { return { code: one.part.codes[one.number], box: one.part.box(one.number) }; });
      boxes.sort(function (a, b) { return area(b.box) - area(a.box); }).forEach(function (one) {
        var words = labels.get(one.code), box = one.box;
        if (!words || taken.length > 150) return;
        var x = (box[0] + box[2]) / 2 * view.scale + view.x, y = (box[1] + box[3]) / 2 * view.scale + view.y;
        var half = ctx.measureText(words).width / 2 + 3;
        if (2 * half > 2.5 * (box[2] - box[0]) * view.scale + 20) return;
        var place = [x - half, y - 11, x + half, y + 11];
        if (taken.some(function (other) { return cross(place, other); })) return;
        taken.push(place);
        ctx.strokeStyle = "rgba(255,255,255,0.9)"; ctx.strokeText(words, x, y);
        ctx.fillStyle = "#17233d"; ctx.fillText(words, x, y);
      });
    },

    /* The code of the place at a point of the map, or null: symbols lie over shapes, later shapes over earlier ones. */
    at: function (latlng) {
      if (!this._now) return null;
      var point = window.cityindexData.project(latlng.lng, latlng.lat), found = null, scale = this._now.scale;
      (this._symbols || []).forEach(function (one) {
        var away = Math.hypot(point[0] - one.point[0], point[1] - one.point[1]) * scale;
        if (away <= (one.radius || DOT) + 2) found = one.code;
      });
      if (found) return found;
      for (var i = (this._seen || []).length - 1; i >= 0; i--) {
        var one = this._seen[i];
        if (one.part.holds(one.number, point[0], point[1])) return one.part.codes[one.number];
      }
      return null;
    },

    /* {box, rings} of a place, or null where it has no shape. */
    shape: function (code) {
      var part = (this._parts || []).find(function (one) { return one.number.has(code); });
      if (!part) return null;
      var number = part.number.get(code);
      return { box: part.box(number), rings: part.outline(number) };
    },

    spot: function (code) {
      return (this._symbols || []).find(function (one) { return one.code === code; }) || null;
    }
  });

  function area(box) { return (box[2] - box[0]) * (box[3] - box[1]); }
  function cross(a, b) { return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]; }

  /* Back from the plane of the paths to degrees. */
  function unproject(x, y) {
    var middle = window.cityindexData.middle, full = 256;
    var longitude = (x + middle[0]) / full * 360 - 180;
    var latitude = Math.atan(Math.sinh(Math.PI * (1 - 2 * (y + middle[1]) / full))) * 180 / Math.PI;
    return [latitude, longitude];
  }

  window.cityindexLayer = { Shapes: Shapes, unproject: unproject, mark: MARK };
})();
