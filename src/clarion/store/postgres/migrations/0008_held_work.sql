-- Work that waits: held steps and digests.
select 1;
