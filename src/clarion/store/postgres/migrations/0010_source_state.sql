-- The application's state as it flows in.
select 1;
