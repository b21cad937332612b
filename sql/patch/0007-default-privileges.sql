-- A new function may be called by nobody until its own file says who may.
alter default privileges revoke execute on functions from public;
