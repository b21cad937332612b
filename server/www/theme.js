// Runs before the first paint, so that a chosen theme does not flash; everything else is in lib/prefs.js.
(() => {
    try {
        const theme = localStorage.getItem('bptm.theme');
        if (theme === 'light' || theme === 'dark') {
            document.documentElement.dataset.theme = theme;
        }
    } catch {
        // no storage: the system's theme
    }
})();
