-- Caps and presence.
select 1;
