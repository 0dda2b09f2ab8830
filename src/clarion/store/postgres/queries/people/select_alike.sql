-- Users with nothing of their own at the scopes asked, by all that is the same of them. Where somebody is told: as
-- many destinations each as there are places, in their order. Most have none, so that is asked first, once.
select
    f.version, f.settings_version, f.locale, f.zone, f.places,
    string_agg(f."user"::text, ',') as users,
    string_agg(nullif(f.destinations, ''), ',') as destinations
from (
    select
        u."user", u.version, u.settings_version, u.locale, u.zone,
        case when u.told then array_to_string(array(
            select d.channel || ':' || d.platform
            from destination as d
            where d.env = $4 and d."user" = u."user" and d.disabled_at is null
            order by d.channel, d.platform, d.destination
        ), ',') else '' end as places,
        case when u.told then array_to_string(array(
            select d.destination
            from destination as d
            where d.env = $4 and d."user" = u."user" and d.disabled_at is null
            order by d.channel, d.platform, d.destination
        ), ',') else '' end as destinations
    from (
        select
            u.*,
            exists (
                select 1 from destination as d
                where d.env = $4 and d."user" = u."user" and d.disabled_at is null
            ) as told
        from unnest($3::int8[]) as j("user")
        join "user" as u on u.env = $4 and u."user" = j."user"
        offset 0
    ) as u
    where u.erased_at is null and u.consents_version = 0 and u.suppressed = 0
        and (
            u.settings_version = 0
            or not exists (
                select 1
                from unnest($1::int8[], $2::int8[]) as o(kind, scope)
                join setting as s
                    on s.env = $4 and s."user" = u."user" and s.kind = o.kind and s.scope = o.scope
            )
        )
) as f
group by f.version, f.settings_version, f.locale, f.zone, f.places
