delete from item_key
where (env, user, tenant, seq) in (
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(?1)
)
