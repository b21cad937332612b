-- Only tests asked these: REST answers by programme.compatibility_by_name and its kin, and all by programme.generator_judge.
drop function if exists programme.compatibility(bigint);
drop function if exists programme.compatibility(bigint, text, text);
drop function if exists programme.generator_verdict(bigint[]);
drop function if exists programme.generator_check(bigint[]);
