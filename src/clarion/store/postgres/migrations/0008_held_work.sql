-- Work that waits: held steps, digests, caps, presence.
select 1;
