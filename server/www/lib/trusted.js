// Addresses of workers: the one kind of text that the policy of the pages lets a script make, by one policy.
const policy = globalThis.trustedTypes?.createPolicy('bptm', {
    createScriptURL(path) {
        if (!/^\/[a-z][a-z/-]*\.js$/.test(path)) {
            throw new TypeError(`not a script of ours: ${path}`);
        }
        return path;
    },
});

/** The path of a script of this server, as Worker() and serviceWorker.register() take it. */
export const workerUrl = (path) => (policy ? policy.createScriptURL(path) : path);
