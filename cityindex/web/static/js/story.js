/* Remembers in this browser the story that is being made, and offers to add the next view to it. */
(function () {
  "use strict";

  var KEY = "cityindex-story";
  var here = new URLSearchParams(window.location.search);
  var before = document.getElementById("story-before");
  try {
    var kept = window.localStorage.getItem(KEY);
    if (here.get("s")) window.localStorage.setItem(KEY, here.get("s"));
    else if (here.get("add") && kept) {
      var link = before.querySelector("a");
      var target = new URL(link.href);
      target.searchParams.set("s", kept);
      link.href = target.href;
      before.hidden = false;
    } else if (here.get("add")) {
      window.localStorage.setItem(KEY, document.querySelector('input[name="s"]').value);
    }
  } catch (error) { /* a browser that keeps nothing: the address holds the story */ }
})();
