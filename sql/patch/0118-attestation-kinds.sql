-- One box of the form may stand for both: owner, or with the owner's permission.
alter table programme.attestation
  drop constraint attestation_kind_check,
  add constraint attestation_kind_check check (kind in (
    'owner_or_permission', 'owner', 'owner_permission', 'access', 'survey',
    'medical_needs_not_compromised', 'medical_needs_met_in_shutoff'));
