-- Retention by kind of data.
select 1;
