// A link that can be cut: forwards TCP or Unix connections, and stalls, resets or refuses them when told.
import { createServer, connect } from 'node:net';
import { chmod, rm } from 'node:fs/promises';
import { firstPacket } from '../lib/mqtt.mjs';

/** Without a good-bye, as far as the kind of socket can. */
function reset(socket) {
    if (socket.remotePort) {
        socket.resetAndDestroy();
    } else {
        socket.destroy();
    }
}

export class Cut {
    mode = 'pass';
    #pairs = new Set();

    /**
     * Listen at `from` ({ port, host } or { path }) for connections to `to`. `hooks.up` and `hooks.down`
     * take an MQTT packet and a function that sends bytes on; without one, bytes pass as they are.
     */
    static async open(from, to, hooks = {}) {
        const cut = new Cut();
        cut.to = to;
        cut.hooks = hooks;
        cut.server = createServer({ allowHalfOpen: false }, (socket) => cut.#accept(socket));
        if (from.path) {
            await rm(from.path, { force: true });
        }
        await new Promise((resolve, reject) => cut.server.once('error', reject).listen(from, resolve));
        if (from.path) {
            await chmod(from.path, 0o777);
        }
        cut.port = cut.server.address().port;
        return cut;
    }

    #accept(near) {
        if (this.mode === 'refuse') {
            near.on('error', () => {});
            reset(near);
            return;
        }
        const far = connect(this.to);
        const pair = { near, far };
        this.#pairs.add(pair);
        const end = () => {
            near.destroy();
            far.destroy();
            this.#pairs.delete(pair);
        };
        for (const socket of [near, far]) {
            socket.setNoDelay?.(true);
            socket.on('error', end).on('close', end);
        }
        this.#forward(near, far, 'up');
        this.#forward(far, near, 'down');
        if (this.mode === 'stall') {
            this.#pause(pair);
        }
    }

    #forward(from, to, way) {
        let bytes = Buffer.alloc(0);
        const push = (data) => {
            // after a swallowed byte nothing may follow: the stream would be another one
            if (!to.destroyed && !from.isSwallowed && to.writable) {
                to.write(data);
            }
        };
        from.on('data', (data) => {
            if (this.mode === `swallow-${way}` || from.isSwallowed) {
                from.isSwallowed = true;
                return;
            }
            const hook = this.hooks[way];
            if (!hook) {
                push(data);
                return;
            }
            bytes = Buffer.concat([bytes, data]);
            for (let packet; (packet = firstPacket(bytes)); ) {
                packet.raw = bytes.subarray(0, packet.size);
                bytes = bytes.subarray(packet.size);
                hook(packet, push);
            }
        });
    }

    #pause(pair) {
        pair.near.pause();
        pair.far.pause();
    }

    /** Hold every byte, and those of new connections, until pass(). */
    stall() {
        this.mode = 'stall';
        this.#pairs.forEach((pair) => this.#pause(pair));
    }

    /** From now on bytes of one way (`up` or `down`) vanish; ends with reset(). */
    swallow(way) {
        this.mode = `swallow-${way}`;
    }

    /** Reset all connections; with `refuse` new ones too, until pass(). */
    reset({ refuse = false } = {}) {
        this.mode = refuse ? 'refuse' : 'pass';
        for (const { near, far } of this.#pairs) {
            for (const socket of [near, far]) {
                reset(socket);
            }
        }
        this.#pairs.clear();
    }

    pass() {
        this.mode = 'pass';
        for (const { near, far } of this.#pairs) {
            near.resume();
            far.resume();
        }
    }

    close() {
        this.reset({ refuse: true });
        return new Promise((resolve) => this.server.close(resolve));
    }
}
