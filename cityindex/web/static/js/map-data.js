/* Reads what the map fetches: lines and shapes (cityindex/maps/topology.py) and columns of values
   (cityindex/maps/columns.py). Nothing here draws. */
(function () {
  "use strict";

  /* Web Mercator at zoom 0, seen from the middle of the country: small numbers stay exact in a path. */
  var SIZE = 256, CENTRE = [101, 13.2];

  function mercator(longitude, latitude) {
    var sine = Math.sin(latitude * Math.PI / 180);
    return [(longitude + 180) / 360 * SIZE, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * SIZE];
  }
  var middle = mercator(CENTRE[0], CENTRE[1]);

  function project(longitude, latitude) {
    var point = mercator(longitude, latitude);
    return [point[0] - middle[0], point[1] - middle[1]];
  }

  function codes(steps) {
    var before = "";
    return steps.map(function (step) {
      if (typeof step === "number") step = String(Number(before) + step).padStart(before.length, "0");
      before = step;
      return step;
    });
  }

  /* The points of all lines one after another, as x, y; `starts[n]` is the number of the first point of line n. */
  function lines(steps, decimals) {
    var unit = Math.pow(10, decimals), x = 0, y = 0, at = 0, n = 0, i = 0, starts = [0];
    for (i = 0; i < steps.length; i += 2 * steps[i] + 1) starts.push(starts[starts.length - 1] + steps[i]);
    var points = new Float64Array(2 * starts[starts.length - 1]);
    for (i = 0; i < steps.length;) {
      for (n = steps[i++]; n > 0; n--) {
        x += steps[i++]; y += steps[i++];
        var sine = Math.sin(y / unit * Math.PI / 180);
        points[at++] = (x / unit + 180) / 360 * SIZE - middle[0];
        points[at++] = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * SIZE - middle[1];
      }
    }
    return { points: points, starts: starts };
  }

  /* Shapes as flat columns, because thousands of small objects would cost more than drawing them: the points of all rings,
     where each ring begins, where each shape's rings begin, and the box around each shape. */
  function Shapes(body) {
    this.borders = lines(body.lines, body.decimals);
    this.codes = codes(body.codes);
    this.number = new Map();
    for (var s = 0; s < this.codes.length; s++) this.number.set(this.codes[s], s);
    this._measure(body.shapes);
    this._fill(body.shapes);
  }

  /* How many rings and points there are: a line is walked without the point that the one before it ended with. */
  Shapes.prototype._measure = function (flat) {
    var starts = this.borders.starts, rings = [0], firsts = [0], seen = 0, points = 0, i = 0;
    for (var s = 0; s < this.codes.length; s++) {
      for (var r = flat[i++]; r > 0; r--) {
        for (var n = flat[i++]; n > 0; n--) {
          var line = seen - (flat[i++] >> 1);
          if (line === seen) seen++;
          points += starts[line + 1] - starts[line] - 1;
        }
        rings.push(points);
      }
      firsts.push(rings.length - 1);
    }
    this.rings = rings; this.firsts = firsts;
    this.points = new Float64Array(2 * points);
    this.boxes = new Float64Array(4 * this.codes.length);
  };

  /* Each line gives all its points but the last, which is the first of the next. */
  Shapes.prototype._fill = function (flat) {
    var from = this.borders.points, starts = this.borders.starts, to = this.points, boxes = this.boxes, seen = 0, at = 0, i = 0;
    for (var s = 0; s < this.codes.length; s++) {
      var west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
      for (var r = flat[i++]; r > 0; r--) {
        for (var n = flat[i++]; n > 0; n--) {
          var coded = flat[i++], line = seen - (coded >> 1);
          if (line === seen) seen++;
          var first = starts[line], last = starts[line + 1] - 1, back = (coded & 1) === 1;
          for (var step = 0; step < last - first; step++) {
            var p = 2 * (back ? last - step : first + step), x = from[p], y = from[p + 1];
            to[at++] = x; to[at++] = y;
            if (x < west) west = x;
            if (x > east) east = x;
            if (y < north) north = y;
            if (y > south) south = y;
          }
        }
      }
      boxes[4 * s] = west; boxes[4 * s + 1] = north; boxes[4 * s + 2] = east; boxes[4 * s + 3] = south;
    }
  };

  Shapes.prototype.box = function (number) { return this.boxes.subarray(4 * number, 4 * number + 4); };

  /* Adds a shape to the path of a canvas. */
  Shapes.prototype.trace = function (number, path) {
    for (var r = this.firsts[number]; r < this.firsts[number + 1]; r++) trace(this.points, this.rings[r], this.rings[r + 1], path, true);
  };

  Shapes.prototype.traceBorders = function (path) {
    var starts = this.borders.starts;
    for (var n = 0; n + 1 < starts.length; n++) trace(this.borders.points, starts[n], starts[n + 1], path, false);
  };

  function trace(points, from, to, path, close) {
    if (from === to) return;
    path.moveTo(points[2 * from], points[2 * from + 1]);
    for (var n = from + 1; n < to; n++) path.lineTo(points[2 * n], points[2 * n + 1]);
    // Not with closePath: on a long path Chromium goes through all of it each time.
    if (close) path.lineTo(points[2 * from], points[2 * from + 1]);
  }

  /* Whether a point lies in a shape: a ray from it crosses its rings an odd number of times. */
  Shapes.prototype.holds = function (number, x, y) {
    var points = this.points, inside = false;
    if (x < this.boxes[4 * number] || y < this.boxes[4 * number + 1] || x > this.boxes[4 * number + 2] || y > this.boxes[4 * number + 3]) return false;
    for (var r = this.firsts[number]; r < this.firsts[number + 1]; r++) {
      for (var n = this.rings[r], before = this.rings[r + 1] - 1; n < this.rings[r + 1]; before = n++) {
        var y1 = points[2 * n + 1], y2 = points[2 * before + 1];
        if ((y1 > y) !== (y2 > y) && x < points[2 * n] + (points[2 * before] - points[2 * n]) * (y - y1) / (y2 - y1)) inside = !inside;
      }
    }
    return inside;
  };

  /* The rings of a shape as lists of [x, y]. */
  Shapes.prototype.outline = function (number) {
    var found = [];
    for (var r = this.firsts[number]; r < this.firsts[number + 1]; r++) {
      var ring = [];
      for (var n = this.rings[r]; n < this.rings[r + 1]; n++) ring.push([this.points[2 * n], this.points[2 * n + 1]]);
      found.push(ring);
    }
    return found;
  };

  /* {code: {value, rank, low, high, coverage, standing}}; what is not known is null. */
  function values(body) {
    var unit = Math.pow(10, body.decimals), names = codes(body.codes), sum = 0, found = new Map();
    function of(column, i) { return body[column] && body[column][i] !== undefined ? body[column][i] : null; }
    body.order.forEach(function (position, i) {
      var step = body.values[i], rank = of("ranks", i);
      if (step !== null) sum += step;
      if (rank !== null) rank += i + 1;
      found.set(names[position], {
        value: step === null ? null : sum / unit,
        rank: rank,
        low: rank === null || of("lows", i) === null ? null : rank - of("lows", i),
        high: rank === null || of("highs", i) === null ? null : rank + of("highs", i),
        coverage: of("coverage", i),
        standing: false
      });
    });
    (body.standing || []).forEach(function (i) { found.get(names[body.order[i]]).standing = true; });
    return found;
  }

  /* {code: {point, people}} of where places lie. */
  function positions(body) {
    var unit = Math.pow(10, body.decimals), found = new Map();
    codes(body.codes).forEach(function (code, i) {
      found.set(code, { point: project(body.x[i] / unit, body.y[i] / unit), people: body.people[i] });
    });
    return found;
  }

  var asked = new Map();

  /* What lies at an address, read once; what failed is asked for again the next time. */
  function fetched(url, read) {
    if (!asked.has(url)) {
      var answer = fetch(url).then(function (got) {
        if (!got.ok) throw new Error(got.status + " " + url);
        return got.json();
      }).then(read);
      answer.catch(function () { asked.delete(url); });
      asked.set(url, answer);
    }
    return asked.get(url);
  }

  window.cityindexData = {
    codes: codes,
    shapes: function (url) { return fetched(url, function (body) { return new Shapes(body); }); },
    values: function (url) { return fetched(url, values); },
    positions: function (url) { return fetched(url, positions); },
    names: function (url) { return fetched(url, function (body) { return new Map(Object.entries(body)); }); },
    middle: middle,
    project: project
  };
})();
