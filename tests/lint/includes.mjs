// Who may include whom: the arrows of ARCHITECTURE.md, "One way through the house".
import path from 'node:path';
import { read } from './source.mjs';

/** Folder -> folders it may include from, beside itself. The longest matching folder counts. */
const arrows = {
    'api': [],
    'api/wire': ['api'],
    'device-fw/core': ['api/wire'],
    'device-fw/plant': ['api/wire', 'device-fw/core'],
    'device-fw/port/host': ['api/wire', 'device-fw/core', 'device-fw/plant'],
    'device-fw/boot': ['api/wire', 'device-fw/core', 'device-fw/port/mps2'],
    'device-fw/port/mps2': ['api/wire', 'device-fw/core', 'device-fw/plant'],
    'server/base': ['api/wire'],
    'server/ctl': ['api/wire', 'device-fw/core', 'device-fw/port/host', 'server/base', 'server/codec', 'server/domain', 'server/store'],
    'server/domain': ['api/wire', 'server/base'],
    'server/codec': ['api/wire', 'server/base', 'server/domain'],
    'server/store': ['api/wire', 'server/base', 'server/codec', 'server/domain'],
    'server/mqtt': ['api/wire', 'server/base', 'server/codec', 'server/domain', 'server/store'],
    'server/http': ['api/wire', 'server/base', 'server/codec', 'server/domain', 'server/store'],
    'server/job': ['api/wire', 'server/base', 'server/codec', 'server/domain', 'server/store'],
};

/** Library header -> the only folder, or folders, that may include it. */
const owners = {
    'libpq-fe.h': 'server/store',
    'microhttpd.h': 'server/http',
    'gnutls/abstract.h': 'server/http',
    'gnutls/x509.h': 'server/http',
    'mosquitto.h': 'server/mqtt',
    'jansson.h': 'server/codec',
    'csv.h': 'server/codec',
    'curl/curl.h': ['server/base', 'server/http', 'server/job'],
    'expat.h': 'server/codec',
    'jose/cfg.h': 'server/codec',
    'jose/jws.h': 'server/codec',
};

/** Folders without input, output, clock or heap -> system headers they may use. */
const pureHeaders = ['assert.h', 'limits.h', 'stddef.h', 'stdint.h', 'string.h', 'inttypes.h', 'stdbool.h'];
const cryptoHeaders = [...pureHeaders, 'sodium.h', 'sodium/crypto_hash_sha256.h', 'sodium/crypto_hash_sha512.h', 'sodium/crypto_sign_ed25519.h'];
const pure = {
    'api/wire': cryptoHeaders,
    'device-fw/core': cryptoHeaders,
    'server/domain': pureHeaders,
};

const within = (file, folder) => file.startsWith(folder + '/');
const ruled = Object.keys(arrows).sort((a, b) => b.length - a.length);
const folderOf = (file) => ruled.find((folder) => within(file, folder));

/** The file that `#include "name"` in `file` means, or nothing. */
function resolve(file, name, files) {
    const roots = [path.dirname(file), 'api', 'api/wire', 'server', 'device-fw', 'device-fw/core', '.'];
    const found = roots.map((root) => path.join(root, name)).find((p) => files.has(p));
    return found ?? [...files].find((p) => p.endsWith('/' + name));
}

function checkQuoted(file, name, files) {
    const target = resolve(file, name, files);
    const from = folderOf(file);
    const to = target && folderOf(target);
    if (!from || !to || from === to || arrows[from].includes(to)) {
        return [];
    }
    return [`${file}: includes ${target}, against the arrows`];
}

function checkSystem(file, name) {
    const problems = [];
    const owner = owners[name];
    if (owner && ![owner, 'tests'].flat().some((folder) => within(file, folder))) {
        problems.push(`${file}: only ${owner} includes <${name}>`);
    }
    const folder = Object.keys(pure).find((f) => within(file, f));
    if (folder && !pure[folder].includes(name)) {
        problems.push(`${file}: ${folder} may not include <${name}>`);
    }
    return problems;
}

/** Problems of the C files among `list`, as lines of text. */
export function checkIncludes(list) {
    const files = new Set(list);
    return list.filter((file) => /\.[ch]$/.test(file)).flatMap((file) => {
        const includes = [...read(file).matchAll(/^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]/gm)];
        return includes.flatMap(([, kind, name]) =>
            kind === '"' ? checkQuoted(file, name, files) : checkSystem(file, name));
    });
}
