insert into tenant_member (env, tenant, "user", since)
select $1::int8, $2::int8, $3::int8, $4::int8
where not exists (
    select 1 from tenant_member where env = $1 and tenant = $2 and "user" = $3 and until is null
)
on conflict (env, tenant, "user", since) do update set until = null
