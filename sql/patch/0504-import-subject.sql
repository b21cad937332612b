-- Who made an import and who committed it, when that is somebody of the identity provider: "sub@iss".
alter table programme.import add column subject text, add column commit_subject text;
