// The sum of the quotas while they are typed; a quota typed means that the region takes part.
const table = document.getElementById("quota-table");
const sum = table?.querySelector("[data-quota-sum]");
const format = new Intl.NumberFormat(document.documentElement.lang);
const read = (input) => Number(input.value.trim().replace(/\.(?=\d{3}(\D|$))/g, ""));

function add() {
  const numbers = [...table.querySelectorAll("input.number")].map(read);
  sum.textContent = numbers.some(Number.isNaN) ? "–" : format.format(numbers.reduce((a, b) => a + b, 0));
}

table?.addEventListener("input", (event) => {
  if (event.target.matches("input.number") && event.target.value.trim()) {
    event.target.closest("tr").querySelector('input[type="checkbox"]').checked = true;
  }
  add();
});
if (table) add();
