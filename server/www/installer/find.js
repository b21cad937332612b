// Finding a model in the list by what somebody typed or scanned: parts, other spellings, typing errors.

/** Letters and digits alone, in lower case. */
export const plain = (text) => text.normalize('NFKD').replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase();

const grams = (text) => {
    const padded = `  ${text} `;
    return new Set(Array.from({ length: padded.length - 2 }, (_, n) => padded.slice(n, n + 3)));
};

const dice = (a, b) => {
    let both = 0;
    for (const gram of a) {
        both += b.has(gram);
    }
    return 2 * both / (a.size + b.size);
};

/** Whether two texts are one letter apart: changed, left out, added, or two of them swapped. */
function isOneOff(a, b) {
    if (a === b || Math.abs(a.length - b.length) > 1) {
        return false;
    }
    let n = 0;
    while (n < a.length && a[n] === b[n]) {
        n++;
    }
    const [x, y] = [a.slice(n), b.slice(n)];
    return x.slice(1) === y.slice(1) || x.slice(1) === y || x === y.slice(1)
        || (x[0] === y[1] && x[1] === y[0] && x.slice(2) === y.slice(2));
}

/** What find() looks through: each model with its names. */
export const indexOf = (models) => models.map((m) => {
    const names = [`${m.make} ${m.model}`, m.model, ...m.aliases, ...m.aliases.map((a) => `${m.make} ${a}`)].map(plain);
    return { model: m, names, grams: names.map(grams) };
});

function scoreOf(entry, text, asked) {
    if (entry.names.includes(text)) {
        return 3;
    }
    if (text.length >= 5 && entry.names.some((n) => isOneOff(n, text))) {
        return 2;
    }
    // what is scanned says more than the name, what is being typed says less
    const part = entry.names.some((n) => n.startsWith(text)) ? 0.45 : entry.names.some((n) => n.includes(text)) ? 0.35
        : entry.names.some((n) => n.length >= 5 && text.includes(n)) ? 0.6 : 0;
    return part + Math.max(...entry.grams.map((g) => dice(g, asked)));
}

/** Models that a text may mean, best first: [{ model, score, isSure }]; sure when one alone fits it to a letter. */
export function find(index, text, most = 8) {
    const bare = plain(text);
    if (bare.length < 2) {
        return [];
    }
    const asked = grams(bare);
    const found = index.map((e) => ({ model: e.model, score: scoreOf(e, bare, asked) })).filter((f) => f.score > 0.42)
        .sort((a, b) => b.score - a.score).slice(0, most);
    const [best, next] = found;
    return found.map((f) => ({ ...f, isSure: f === best && best.score >= 2 && !(next?.score >= Math.floor(best.score)) }));
}
