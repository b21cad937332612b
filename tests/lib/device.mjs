// A device of the tests at the broker: signs what it is told and collects its receipts.
import { createHash, randomBytes } from 'node:crypto';
import { Mqtt } from './mqtt.mjs';
import { until } from './stack.mjs';
import { Device } from './wire.mjs';

export class LiveDevice extends Device {
    receipts = [];

    /** The seed follows from the id, so that a test may make the same device again. */
    constructor(stack, id) {
        super(id, createHash('sha256').update(`test seed of ${id}`).digest());
        this.stack = stack;
    }

    /** Register it by REST, as the operator does. */
    async register() {
        const body = {
            serial: this.id,
            model: 'BPTM-REF-30',
            hardware_revision: 'test',
            public_key: this.key.public.toString('hex'),
        };
        const answer = await this.stack.request('POST', '/v1/devices', {
            role: 'operator', body, headers: { 'idempotency-key': randomBytes(8).toString('hex') },
        });
        if (answer.status !== 201) {
            throw new Error(`POST /v1/devices: ${answer.status} ${JSON.stringify(answer.body)}`);
        }
        return this;
    }

    async connect() {
        this.mqtt = await Mqtt.open(this.stack.mqttPort, this.id, this.stack.users[this.id]);
        this.mqtt.on('message', ({ topic, payload }) => {
            if (topic === this.topic('down/receipt')) {
                this.receipts.push(this.receipt(this.stack.fleetKey, payload));
            }
        });
        await this.mqtt.subscribe(this.topic('down/#'));
        return this;
    }

    publish(message, leaf = 'up/journal') {
        return this.mqtt.publish(this.topic(leaf), message);
    }

    send(first, last) {
        return this.publish(this.batch(first, last));
    }

    /** Wait for a receipt that satisfies `test`; its hash must be the device's own. */
    async receipted(test) {
        const receipt = await until(`a receipt for ${this.id}`, () => this.receipts.find(test));
        const own = this.hashes[receipt.through];
        if (receipt.device !== this.id || !own?.equals(receipt.hash)) {
            throw new Error(`the receipt for ${this.id} through ${receipt.through} names another hash`);
        }
        return receipt;
    }

    /** Send what is not receipted yet until it is, as a device does. */
    async drain(batch = 64) {
        const last = this.records.length;
        let through = this.receipts.reduce((most, r) => Math.max(most, r.through), 0);
        await until(`${this.id} receipted through ${last}`, async () => {
            if (this.mqtt.closed) {
                await this.connect();
            }
            through = this.receipts.reduce((most, r) => Math.max(most, r.through), 0);
            for (let first = through + 1; first <= last; first += batch) {
                await this.send(first, Math.min(last, first + batch - 1));
            }
            await new Promise((resolve) => setTimeout(resolve, 200));
            return this.receipts.some((r) => r.through === last);
        }, 60);
    }
}
