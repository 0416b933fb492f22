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

  function lines(steps, decimals) {
    var unit = Math.pow(10, decimals), x = 0, y = 0, i = 0, found = [];
    while (i < steps.length) {
      var count = steps[i++], line = new Float64Array(2 * count);
      for (var n = 0; n < count; n++) {
        x += steps[i++]; y += steps[i++];
        var point = project(x / unit, y / unit);
        line[2 * n] = point[0]; line[2 * n + 1] = point[1];
      }
      found.push(line);
    }
    return found;
  }

  /* A shape as a path of all its rings (filled by even and odd), and the box around it. */
  function shape() { return { path: new Path2D(), box: [Infinity, Infinity, -Infinity, -Infinity], rings: [] }; }

  function walk(into, line, backwards, first) {
    var n = line.length / 2;
    for (var step = first ? 0 : 1; step < n; step++) {
      var at = 2 * (backwards ? n - 1 - step : step), x = line[at], y = line[at + 1];
      if (first && step === 0) into.path.moveTo(x, y); else into.path.lineTo(x, y);
      if (x < into.box[0]) into.box[0] = x;
      if (y < into.box[1]) into.box[1] = y;
      if (x > into.box[2]) into.box[2] = x;
      if (y > into.box[3]) into.box[3] = y;
      into.rings[into.rings.length - 1].push(x, y);
    }
  }

  /* {code: {path, box, rings}}, and one path of all borders. */
  function shapes(body) {
    var known = lines(body.lines, body.decimals), names = codes(body.codes), flat = body.shapes;
    var i = 0, seen = 0, found = new Map(), borders = new Path2D();
    for (var s = 0; s < names.length; s++) {
      var made = shape(), rings = flat[i++];
      for (var r = 0; r < rings; r++) {
        var count = flat[i++];
        made.rings.push([]);
        for (var n = 0; n < count; n++) {
          var coded = flat[i++], number = seen - (coded >> 1);
          if (number === seen) seen++;
          walk(made, known[number], (coded & 1) === 1, n === 0);
        }
        made.path.closePath();
      }
      found.set(names[s], made);
    }
    known.forEach(function (line) {
      borders.moveTo(line[0], line[1]);
      for (var n = 2; n < line.length; n += 2) borders.lineTo(line[n], line[n + 1]);
    });
    return { shapes: found, borders: borders };
  }

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
    shapes: function (url) { return fetched(url, shapes); },
    values: function (url) { return fetched(url, values); },
    positions: function (url) { return fetched(url, positions); },
    names: function (url) { return fetched(url, function (body) { return new Map(Object.entries(body)); }); },
    middle: middle,
    project: project
  };
})();
