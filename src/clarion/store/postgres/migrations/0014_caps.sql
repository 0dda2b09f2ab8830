-- What was used of each cap (`log`, see core/caps.py): counters of people stand under their number, shared
-- ones under user 0. `until` is when nothing of the log counts any more, in whole hours.
create table cap (
    env bigint not null,
    "user" bigint not null,
    scope bigint not null,
    number bigint not null,
    tenant bigint not null,
    channel bigint not null,
    key text collate "C" not null,
    log text not null,
    until bigint not null,
    primary key (env, "user", scope, number, tenant, channel, key)
) with (
    fillfactor = 75
);
create index cap_by_until on cap (until);

-- Caps of tenants (0: of the environment), every version; the versions are those of `defaults`.
create table cap_history (
    env bigint not null,
    tenant bigint not null,
    version bigint not null,
    at bigint not null,
    body text not null,
    primary key (env, tenant, version)
);

-- Who is active at a desktop, until when.
create table presence (
    env bigint not null,
    "user" bigint not null,
    until bigint not null,
    primary key (env, "user")
) with (
    fillfactor = 75
);
create index presence_by_until on presence (until);
