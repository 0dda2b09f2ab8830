-- Users with nothing of their own at the scopes asked, by all that is the same of them. Where somebody is told: as
-- many destinations each as there are places, in their order.
with scopes as materialized (select value ->> 0 as kind, value ->> 1 as scope from json_each(?1))
select
    f.version, f.settings_version, f.locale, f.zone, f.places,
    group_concat(f.user) as users,
    group_concat(nullif(f.destinations, '')) as destinations
from (
    select
        u.user, u.version, u.settings_version, u.locale, u.zone,
        coalesce((
            select group_concat(d.channel || ':' || d.platform, ',' order by d.channel, d.platform, d.destination)
            from destination as d
            where d.env = ?3 and d.user = u.user and d.disabled_at is null
        ), '') as places,
        coalesce((
            select group_concat(d.destination, ',' order by d.channel, d.platform, d.destination)
            from destination as d
            where d.env = ?3 and d.user = u.user and d.disabled_at is null
        ), '') as destinations
    from json_each(?2) as j
    cross join user as u on u.env = ?3 and u.user = j.value
    where u.erased_at is null and u.consents_version = 0 and u.suppressed = 0
        and (
            u.settings_version = 0
            or not exists (
                select 1
                from scopes
                cross join setting as s
                    on s.env = ?3 and s.user = u.user and s.kind = scopes.kind and s.scope = scopes.scope
            )
        )
) as f
group by f.version, f.settings_version, f.locale, f.zone, f.places
