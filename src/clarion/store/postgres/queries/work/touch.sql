-- The smallest write there is, which tells whether the store can be written.
insert into leader (role, worker, until) values ('', 0, $1)
on conflict (role) do update set until = excluded.until
