-- What would have been decided under other rules.
select 1;
