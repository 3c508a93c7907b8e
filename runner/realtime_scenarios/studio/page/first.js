// Before the first paint: the scheme and the density that this person chose, or the system's. After it: the program, of
// which a browser would otherwise ask for fifty modules before it draws anything.
(function () {
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem('studio.theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    if (localStorage.getItem('studio.density') === 'roomy') root.dataset.density = 'roomy';
  } catch (error) { /* storage may be forbidden: the system's scheme it is */ }

  var late = setTimeout(begin, 200); // a page that is not seen paints nothing
  var painted = requestAnimationFrame(function () {
    clearTimeout(late);
    setTimeout(begin, 0);
  });

  function begin() {
    cancelAnimationFrame(painted);
    root.dataset.modules.split(' ').forEach(function (name) {
      var link = document.createElement('link');
      link.rel = 'modulepreload';
      link.href = '/studio/static/' + name;
      document.head.append(link);
    });
    import('/studio/static/app.js').catch(function (error) {
      var told = made(document.querySelector('.frame'), 'div');
      told.className = 'main empty';
      told.setAttribute('role', 'alert');
      made(told, 'h2', 'The studio did not load');
      made(told, 'p', 'Its server does not answer, or this browser is too old for it.');
      var again = made(told, 'button', 'Load again');
      again.className = 'button';
      again.onclick = function () { location.reload(); };
      throw error;
    });
  }

  function made(parent, name, text) {
    var element = document.createElement(name);
    element.textContent = text || '';
    return parent.appendChild(element);
  }
})();
