// What every device ever wrote, kept outside of all that is killed, and what must be true of the database.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readJournal } from './flash.mjs';

export class Oracle {
    problems = [];
    #devices = new Map(); // serial -> { hashes, written, released, epoch, told, lost, doubled }

    /** `journal(n)` reads the journal of the n-th device; by default from the flash file of a simulated home. */
    constructor(stack, serials, journal) {
        this.stack = stack;
        this.serials = serials;
        this.journal = journal ?? (async (n) =>
            readJournal(await readFile(stack.file(`sim/home-${String(n + 1).padStart(5, '0')}.flash`))));
        this.epoch = 1;
        serials.forEach((serial) => this.#devices.set(serial, {
            hashes: [], written: 0, released: 0, epoch: 0, told: new Map(), lost: 0, doubled: 0,
        }));
    }

    #sum(member) {
        return [...this.#devices.values()].reduce((sum, device) => sum + device[member], 0);
    }

    get records() {
        return this.#sum('written');
    }

    /** Records that were at some check neither in the database nor owed by their device. */
    get lost() {
        return this.#sum('lost');
    }

    /** Records that were at some check in the database more than once. */
    get doubled() {
        return this.#sum('doubled');
    }

    fail(text) {
        this.problems.push(text);
    }

    /** A record that a device wrote; one seq has one hash, for ever. */
    #note(serial, device, { seq, hash }) {
        const known = device.hashes[seq];
        if (known && !known.equals(hash)) {
            this.fail(`${serial} wrote its record ${seq} anew`);
        }
        device.hashes[seq] = hash;
        device.written = Math.max(device.written, seq);
    }

    /** Read the flash of all devices; call it often enough that no ring goes round unseen. */
    async look() {
        for (const [n, serial] of this.serials.entries()) {
            const journal = await this.journal(n);
            const device = this.#devices.get(serial);
            journal.records.forEach((record) => this.#note(serial, device, record));
            device.released = journal.released;
            device.epoch = journal.epoch;
        }
    }

    /** A receipt passed on the wire: { device, through, epoch }. */
    told({ device, through, epoch }) {
        const told = this.#devices.get(device)?.told;
        told?.set(epoch, Math.max(through, told.get(epoch) ?? 0));
    }

    /** For pairs of device and seq: how many records up to there are stored, and the digest of their hashes. */
    async stored(wanted) {
        const values = wanted.map(([serial, through]) => `('${serial}', ${through}::bigint)`).join(',');
        const rows = await this.stack.sql(`select w.serial, w.through::int, coalesce(h.head_seq, 0)::int as head, count(r.seq)::int as n,
            count(distinct r.seq)::int as distinct_n,
            encode(sha256(coalesce(string_agg(r.hash, ''::bytea order by r.seq), ''::bytea)), 'hex') as digest
            from (values ${values}) w(serial, through) join fleet.device d using (serial)
            left join fleet.journal_head h using (device_id)
            left join fleet.journal_record r on r.device_id = d.device_id and r.seq <= w.through
            group by 1, 2, 3`);
        return new Map(rows.map((row) => [row.serial, row]));
    }

    #compare(serial, device, row, through, why) {
        if (!row) {
            this.fail(`${serial} is not registered`);
            device.lost = Math.max(device.lost, through);
            return;
        }
        if (row.distinct_n < through) {
            device.lost = Math.max(device.lost, through - row.distinct_n);
            this.fail(`${serial}: ${through - row.distinct_n} of the records 1..${through} are not stored (${why}), head ${row.head}`);
        }
        if (row.n > row.distinct_n) {
            device.doubled = Math.max(device.doubled, row.n - row.distinct_n);
            this.fail(`${serial}: ${row.n - row.distinct_n} records are stored twice`);
        }
        const digest = createHash('sha256');
        for (let seq = 1; seq <= through; seq++) {
            if (!device.hashes[seq]) {
                this.fail(`${serial}: record ${seq} was never seen in its flash; look more often`);
                return;
            }
            digest.update(device.hashes[seq]);
        }
        if (row.n === through && digest.digest('hex') !== row.digest) {
            this.fail(`${serial}: hashes of 1..${through} are not those in its flash`);
        }
    }

    /** Highest seq that a device was told to be safe, in the epoch in force, by its flash or on the wire. */
    #promised(device, told) {
        const inFlash = device.epoch === this.epoch ? device.released : 0;
        return Math.max(inFlash, told ?? 0);
    }

    /** Pairs of device and the seq that it was told to be safe, as last seen. */
    promises() {
        return this.serials.map((serial) => {
            const device = this.#devices.get(serial);
            return [serial, this.#promised(device, device.told.get(this.epoch))];
        });
    }

    /** At any moment, also between a kill and the restart: what was promised is committed. */
    async checkPromises(why) {
        const told = [...this.#devices.values()].map((device) => device.told.get(this.epoch));
        await this.look(); // after the receipts, so that their records have been seen
        const wanted = this.serials.map((serial, n) => [serial, this.#promised(this.#devices.get(serial), told[n])]);
        const rows = await this.stored(wanted);
        for (const [serial, through] of wanted) {
            this.#compare(serial, this.#devices.get(serial), rows.get(serial), through, `receipted, ${why}`);
        }
    }

    /** Records that the devices still owe: written and not receipted in the epoch in force. */
    owed() {
        return [...this.#devices.entries()].flatMap(([serial, { written, released, epoch }]) =>
            released < written || epoch !== this.epoch ? [{ serial, written, released, epoch }] : []);
    }

    /** After draining: everything that was seen in flash is stored, once, with its hash, and nothing is missing. */
    async checkAll(why) {
        const wanted = this.serials.map((serial) => [serial, this.#devices.get(serial).written]);
        const rows = await this.stored(wanted);
        for (const [serial, through] of wanted) {
            this.#compare(serial, this.#devices.get(serial), rows.get(serial), through, why);
        }
        const [bad] = await this.stack.sql(`select
            (select count(*)::int from fleet.receipt r left join fleet.journal_head h using (device_id)
             where r.through_seq > coalesce(h.head_seq, 0) and r.epoch = (select max(epoch) from fleet.receipt_epoch)) as receipts,
            (select count(*)::int from fleet.journal_fork) as forks,
            (select count(*)::int from fleet.journal_gap where closed_at is null) as gaps,
            (select count(*)::int from fleet.quarantine) as quarantined,
            (select unaccounted::int from analytics.loss_total) as unaccounted`);
        for (const [name, n] of Object.entries(bad)) {
            if (n !== 0) {
                this.fail(`${why}: ${name} is ${n}, must be 0`);
            }
        }
    }

    /** The database was replaced by an older one: what was promised in older epochs is not asked of it. */
    raise(epoch) {
        this.epoch = epoch;
    }
}
