// What a journal would have left in the database, for the routes that read it.

/** Rows of one device: status, link, records, a gap, a fork, a boot, a receipt, two outages. */
export const journalOf = (serial, premise) => `
do $$
declare d bigint := (select device_id from fleet.device where serial = '${serial}');
begin
  insert into fleet.device_status values (d, 1, 60000, '2026-01-02T03:04:05Z', 2, '2026-01-02T03:04:06Z', 5, 0, 1, 1, 2, 2,
    0, 0, 0, 1201, 1199, 6001, 124, 0, '1.2.3', 5, 5, 12, 1, 16, 1);
  insert into fleet.device_link values (d, 1, true, '2026-01-02T03:04:06Z');
  update fleet.journal_head set head_seq = 5, claimed_seq = 9, stored = 7, seen = '{[1,6),[8,10)}' where device_id = d;
  insert into fleet.journal_record (device_id, seq, part_ts, received_at, device_at, mono_ms, boot, kind, quality, cause, delay_ms, setting_ms, l1_dv, l2_dv, freq_chz, load_da, hash, extra)
    select d, s, '2026-01-02', '2026-01-02T03:04:06Z', case when s > 1 then timestamptz '2026-01-02T03:04:05Z' end, s * 1000, 1,
           case s when 1 then 1 when 2 then 2 when 3 then 6 when 4 then 3 when 5 then 7 else 99 end, case when s > 1 then 2 else 0 end,
           case s when 1 then 1 when 5 then 10 end, case s when 3 then 8000 when 5 then 12000 end, case s when 5 then 12000 end,
           1201, 1199, 6001, 124, sha256(s::text::bytea), case s when 9 then '{"48": 7}'::jsonb end
    from generate_series(1, 9) s where s not in (6, 7);
  insert into fleet.journal_gap values (d, 6, 7, '2026-01-02T03:04:06Z', null, null), (d, 100, 101, '2026-01-02T03:04:06Z', '2026-01-02T03:05:06Z', 'resend');
  insert into fleet.journal_fork values (d, sha256('m'), 3, 3, 3, sha256('a'), sha256('b'), 'x', '2026-01-02T03:04:07Z');
  insert into fleet.device_boot values (d, 1, '2026-01-02', '2026-01-02T03:04:00Z');
  insert into fleet.receipt values (d, 1, 5, sha256('h'), '2026-01-02T03:04:08Z', 'x');
  insert into fleet.quarantine (bucket, serial, topic, reason, size, payload, received_at) values
    (1, '${serial}', 'bptm/1/1/${serial}/up/journal', 'cose-signature', 3, 'abc', '2026-01-02T03:04:09Z'), (2, null, 'x', 'topic-invalid', 1, '', '2026-01-02T03:04:09Z');
  insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, ended_at, end_basis, start_quality, on_generator_ms, transferred_at, returned_at, transfer_delay_ms, retransfer_delay_ms, retransfer_setting_ms, derived_at)
    values (d, 2, ${premise}, '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z', '2026-01-02T03:34:05Z', 'restored', 2, 1500000, '2026-01-02T03:04:13Z', '2026-01-02T03:34:17Z', 8000, 12000, 12000, now());
  insert into outage.outage (device_id, lost_seq, premise_id, started_at, chain_at, start_quality, derived_at) values (d, 8, ${premise}, '2026-01-03T03:04:05Z', '2026-01-03T03:04:05Z', 1, now());
  insert into outage.derivation values (d, 7, now()) on conflict (device_id) do update set stored = 7;
end $$`;
