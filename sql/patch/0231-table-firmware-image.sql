-- Signed images of the firmware, one for each slot that a version is linked for. Nothing here is
-- secret: the device checks the signature, whatever the server says.
create table fleet.firmware_image (
  hardware text not null check (length(hardware) between 1 and 31),
  version integer not null check (version between 1 and 16777215),
  address bigint not null check (address between 0 and 4294967295),
  image_id bytea not null check (length(image_id) = 8),
  manifest bytea not null check (length(manifest) = 192),
  image bytea not null check (length(image) between 8 and 4194304),
  imported_at timestamptz not null default now(),
  primary key (hardware, version, address)
);
comment on column fleet.firmware_image.version is 'one byte each of major, minor, patch';
comment on column fleet.firmware_image.address is 'of the slot that the image is linked for';
comment on column fleet.firmware_image.image_id is 'first bytes of the SHA-512 of the image: a device asks by it';
comment on column fleet.firmware_image.image is 'without the manifest, which is sent in the offer';
create index firmware_image_by_id on fleet.firmware_image (image_id);
-- chunks are cut out of it: stored as it is, so that a cut reads only its own part
alter table fleet.firmware_image alter column image set storage external;
