document.querySelectorAll("table.sortable").forEach(function (table) {
  var heads = table.querySelectorAll("thead th, thead td"), body = table.tBodies[0];
  function value(row, place) {
    var cell = row.cells[place], number = cell.getAttribute("data-v");
    return number === null ? cell.textContent : parseFloat(number);
  }
  heads.forEach(function (head, place) {
    if (!head.textContent.trim()) { return; }
    var button = document.createElement("button");
    while (head.firstChild) { button.appendChild(head.firstChild); }
    head.appendChild(button);
    button.addEventListener("click", function () {
      var up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      Array.prototype.slice.call(body.rows).sort(function (a, b) {
        var x = value(a, place), y = value(b, place), numbers = typeof x + typeof y;
        if (numbers !== "numbernumber") {
          if (typeof x !== typeof y) { return typeof x === "number" ? -1 : 1; }
          return (up ? 1 : -1) * x.localeCompare(y);
        }
        return (up ? 1 : -1) * (x - y);
      }).forEach(function (row) { body.appendChild(row); });
    });
  });
});
