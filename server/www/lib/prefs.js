// What a person has chosen for this browser: theme, time zone, shortcuts. Nothing here is personal data.

const known = {
    theme: ['auto', 'light', 'dark'],
    zone: ['local', 'utc'],
    keys: ['on', 'off'],
};

/** The value of a preference; its first choice when none was made. */
export function pref(name) {
    try {
        const value = localStorage.getItem(`bptm.${name}`);
        return known[name].includes(value) ? value : known[name][0];
    } catch {
        return known[name][0];
    }
}

/** Keep a choice and tell the page: the document gets an event `bptm-prefs`. */
export function setPref(name, value) {
    try {
        localStorage.setItem(`bptm.${name}`, value);
    } catch {
        // no storage: for this page only
    }
    if (name === 'theme') {
        if (value === 'auto') {
            delete document.documentElement.dataset.theme;
        } else {
            document.documentElement.dataset.theme = value;
        }
    }
    document.dispatchEvent(new CustomEvent('bptm-prefs', { detail: { name, value } }));
}

/** The choice that follows the present one. */
export function nextPref(name) {
    const all = known[name];
    const value = all[(all.indexOf(pref(name)) + 1) % all.length];
    setPref(name, value);
    return value;
}
