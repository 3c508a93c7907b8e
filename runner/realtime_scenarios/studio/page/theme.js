// Before the first paint: the scheme and the density that this person chose, or the system's.
(function () {
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem('studio.theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    if (localStorage.getItem('studio.density') === 'roomy') root.dataset.density = 'roomy';
  } catch (error) { /* storage may be forbidden: the system's scheme it is */ }
})();
