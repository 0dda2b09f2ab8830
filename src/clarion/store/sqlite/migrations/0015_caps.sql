-- What was used of each cap (`log`, see core/caps.py): counters of people stand under their number, shared
-- ones under user 0. `until` is when nothing of the log counts any more, in whole hours.
create table cap (
    env integer not null,
    user integer not null,
    scope integer not null,
    number integer not null,
    tenant integer not null,
    channel integer not null,
    key text not null,
    log text not null,
    until integer not null,
    primary key (env, user, scope, number, tenant, channel, key)
) strict, without rowid;
create index cap_by_until on cap (until);

-- Caps of tenants (0: of the environment), every version; the versions are those of `defaults`.
create table cap_history (
    env integer not null,
    tenant integer not null,
    version integer not null,
    at integer not null,
    body text not null,
    primary key (env, tenant, version)
) strict, without rowid;

-- Who is active at a desktop, until when.
create table presence (
    env integer not null,
    user integer not null,
    until integer not null,
    primary key (env, user)
) strict, without rowid;
create index presence_by_until on presence (until);
