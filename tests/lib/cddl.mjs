// As much of CDDL (RFC 8610) as the descriptions in api/ use: a document is checked against the text itself.

const TOKEN = /\s+|;[^\n]*|"(?:[^"\\]|\\.)*"|h'[0-9A-Fa-f]*'|#6\.\d+|\.\.|\.(?:size|regexp)|=>|[{}[\]()&,:/?=]|\d+\*\d*|\*|\d+|[A-Za-z][\w-]*/gy;

function tokens(text) {
    const found = [];
    for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
        const at = TOKEN.lastIndex;
        const match = TOKEN.exec(text);
        if (!match) {
            throw new Error(`CDDL: cannot read '${text.slice(at, at + 30)}'`);
        }
        if (!/^[\s;]/.test(match[0])) {
            found.push(match[0]);
        }
    }
    return found;
}

class Parser {
    constructor(text) {
        this.tokens = tokens(text);
        this.at = 0;
    }

    get next() {
        return this.tokens[this.at];
    }

    take(wanted) {
        const token = this.tokens[this.at++];
        if (wanted !== undefined && token !== wanted) {
            throw new Error(`CDDL: '${token}' where '${wanted}' belongs`);
        }
        return token;
    }

    rules() {
        const rules = {};
        while (this.next !== undefined) {
            const name = this.take();
            this.take('=');
            rules[name] = this.type();
        }
        return rules;
    }

    type() {
        const choices = [this.one()];
        while (this.next === '/') {
            this.take();
            choices.push(this.one());
        }
        return choices.length > 1 ? { choices } : choices[0];
    }

    range(first) {
        const low = Number(first);
        if (this.next !== '..') {
            return { low, high: low };
        }
        this.take();
        return { low, high: Number(this.take()) };
    }

    one() {
        const token = this.take();
        if (token === '{' || token === '[') {
            return { [token === '{' ? 'map' : 'array']: this.group(token === '{' ? '}' : ']') };
        }
        if (token === '&') {
            this.take('(');
            return { choices: this.group(')').map((entry) => entry.type) };
        }
        if (token.startsWith('#6.')) {
            this.take('(');
            const type = this.type();
            this.take(')');
            return type; // the reader drops tags
        }
        if (/^\d+$/.test(token)) {
            return this.range(token);
        }
        if (/^"|^h'/.test(token)) {
            return { literal: token.startsWith('h') ? Buffer.from(token.slice(2, -1), 'hex') : JSON.parse(token) };
        }
        return this.controlled({ name: token });
    }

    controlled(type) {
        if (this.next === '.size') {
            this.take();
            const isRange = this.next === '(' && this.take();
            type.size = this.range(this.take());
            if (isRange) {
                this.take(')');
            }
        } else if (this.next === '.regexp') {
            this.take();
            type.regexp = new RegExp(`^(?:${JSON.parse(this.take())})$`);
        }
        return type;
    }

    group(end) {
        const entries = [];
        while (this.next !== end) {
            const entry = { least: 1, most: 1 };
            if (this.next === '?') {
                this.take();
                entry.least = 0;
            } else if (/\*/.test(this.next)) {
                const [least, most] = this.take().split('*');
                Object.assign(entry, { least: Number(least), most: most === '' ? Infinity : Number(most) });
            }
            if (this.tokens[this.at + 1] === '=>' || this.tokens[this.at + 1] === ':') {
                entry.key = this.take();
                this.take();
            }
            entry.type = this.type();
            entries.push(entry);
            if (this.next === ',') {
                this.take();
            }
        }
        this.take(end);
        return entries;
    }
}

const basic = {
    uint: (v) => Number.isInteger(v) && v >= 0,
    tstr: (v) => typeof v === 'string',
    bstr: (v) => Buffer.isBuffer(v),
};

function mapProblems(rules, entries, value, where) {
    if (!(value instanceof Map)) {
        return [`${where}: not a map`];
    }
    const known = new Set(entries.map((entry) => Number(entry.key)));
    const strange = [...value.keys()].filter((key) => !known.has(key)).map((key) => `${where}: unknown member ${key}`);
    return entries.flatMap((entry) => {
        const key = Number(entry.key);
        if (!value.has(key)) {
            return entry.least ? [`${where}: no member ${key}`] : [];
        }
        return problems(rules, entry.type, value.get(key), `${where}.${key}`);
    }).concat(strange);
}

function arrayProblems(rules, entries, value, where) {
    if (!Array.isArray(value)) {
        return [`${where}: not an array`];
    }
    const found = [];
    let at = 0;
    for (const entry of entries) {
        const left = entries.length === 1 ? value.length : Math.min(entry.most, 1);
        if (left < entry.least || left > entry.most) {
            found.push(`${where}: ${left} items`);
        }
        for (let n = 0; n < left && at < value.length; n++, at++) {
            found.push(...problems(rules, entry.type, value[at], `${where}[${at}]`));
        }
    }
    return at === value.length ? found : [...found, `${where}: ${value.length} items`];
}

function namedProblems(rules, type, value, where) {
    const found = rules[type.name] ? problems(rules, rules[type.name], value, where)
        : basic[type.name]?.(value) ? [] : [`${where}: not a ${type.name}`];
    const size = typeof value === 'string' ? Buffer.byteLength(value) : value?.length;
    if (type.size && !(size >= type.size.low && size <= type.size.high)) {
        found.push(`${where}: size ${size}`);
    }
    if (type.regexp && !type.regexp.test(value)) {
        found.push(`${where}: '${value}' does not match`);
    }
    return found;
}

function problems(rules, type, value, where) {
    if (type.choices) {
        const each = type.choices.map((choice) => problems(rules, choice, value, where));
        return each.some((found) => found.length === 0) ? [] : [`${where}: none of the choices`];
    }
    if (type.map) {
        return mapProblems(rules, type.map, value, where);
    }
    if (type.array) {
        return arrayProblems(rules, type.array, value, where);
    }
    if (type.low !== undefined) {
        return Number.isInteger(value) && value >= type.low && value <= type.high ? [] : [`${where}: ${value} is out of range`];
    }
    if (type.literal !== undefined) {
        const same = Buffer.isBuffer(type.literal) ? Buffer.isBuffer(value) && type.literal.equals(value) : type.literal === value;
        return same ? [] : [`${where}: not the constant`];
    }
    return namedProblems(rules, type, value, where);
}

/** What of a decoded document (tests/lib/wire.mjs) is not as a rule of the CDDL text says; [] when nothing. */
export function cddlProblems(text, rule, value) {
    const rules = new Parser(text).rules();
    return problems(rules, { name: rule }, value, rule);
}
