// Least privilege, as the sources show it: a role may be granted a table or view only when the C of its
// part, or a routine that it may call, names that table or view.
import path from 'node:path';
import { read } from './source.mjs';

/** Role -> the files at the edge that log in with it. */
const parts = {
    bptm_http: /^server\/http\//,
    bptm_mqtt: /^server\/mqtt\//,
    bptm_job: /^server\/job\/job(_webhook)?\./,
    bptm_import: /^server\/job\/job_bulk\./,
};

/** Files of store/ that these reach by their includes, a header standing for its .c too. */
function reached(edge, files) {
    const seen = new Set(), left = [...edge];
    while (left.length) {
        const file = left.pop();
        if (seen.has(file) || !files.has(file)) {
            continue;
        }
        seen.add(file);
        for (const [, name] of read(file).matchAll(/#include "((?:store|job|http|mqtt)\/[\w.]+)"/g)) {
            left.push(`server/${name}`, `server/${name.replace(/h$/, 'c')}`);
        }
    }
    return [...seen];
}

/** Names "schema.thing" in a text. */
const names = (text) => new Set([...text.matchAll(/\b(?:fleet|programme|person|outage|access|analytics)\.\w+/g)].map(([name]) => name));

/** Text of what runs by a name: a routine, those that it is the beginning of (format() makes the rest), a trigger of a table. */
const textsOf = (name, routines, triggers) => [
    ...[...routines].filter(([routine]) => routine === name || (name.endsWith('_') && routine.startsWith(name))).map(([, text]) => text),
    ...triggers.filter((text) => new RegExp(`\\son ${name}\\b`).test(text)),
];

/** Everything that is named from here, with what the routines and triggers behind the names name in turn. */
function named(texts, routines, triggers) {
    const all = new Set(), left = texts.flatMap((text) => [...names(text)]);
    while (left.length) {
        const name = left.pop();
        if (!all.has(name)) {
            all.add(name);
            left.push(...textsOf(name, routines, triggers).flatMap((text) => [...names(text)]));
        }
    }
    return all;
}

/** [role, relation] of each grant on tables and views in a file. */
function grants(text) {
    const bare = text.replace(/--[^\n]*/g, '');
    return [...bare.matchAll(/grant\s[^;]*?\bon\s+(?!function\b|schema\b|sequence\b|all\b|type\b)([^;]*?)\bto\s+([\w\s,]+);/g)].flatMap(([, on, to]) =>
        to.split(',').flatMap((role) => [...names(on)].map((relation) => [role.trim(), relation])));
}

/** Grants of a table or view that nothing of the role's part names, as lines of text. */
export function idleGrants(list) {
    const files = new Set(list);
    const sql = list.filter((file) => /^sql\/(grant|view|routine|patch)\/.*\.sql$/.test(file));
    // a view reads with its owner's rights: what it names is not needed by who reads it
    const routines = new Map(sql.filter((file) => file.includes('/routine/')).map((file) => [path.basename(file, '.sql'), read(file)]));
    const triggers = sql.map(read).filter((text) => /create (or replace |constraint )?trigger/.test(text));
    return Object.entries(parts).flatMap(([role, edge]) => {
        const sources = reached(list.filter((file) => edge.test(file)), files).map(read);
        const callable = [...routines.values()].filter((text) => new RegExp(`grant execute[^;]*\\bto\\b[^;]*\\b${role}\\b`).test(text));
        const known = named([...sources, ...callable], routines, triggers);
        return sql.flatMap((file) => grants(read(file)).filter(([to, relation]) => to === role && !known.has(relation))
            .map(([, relation]) => `${file}: ${role} does not need ${relation}`));
    });
}
