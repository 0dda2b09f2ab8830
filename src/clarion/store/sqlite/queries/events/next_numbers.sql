-- A new key starts at the instant, so that a counter that was pruned goes on higher.
insert into ordering (env, ordering_key, last, at)
select value ->> 0, value ->> 1, (value ->> 3) + (value ->> 2), value ->> 3 from json_each(?)
where true
on conflict (env, ordering_key) do update set
    last = last + excluded.last - excluded.at, at = excluded.at
returning env, ordering_key, last
