-- Broadcasts: inbox sends to a topic that are stored once and decided when their members look.

-- The number given last. Who gives one holds the row until the commit, so numbers become visible in their order.
create table broadcast_sequence (
    env integer primary key,
    last integer not null
) strict;

-- Members are who was subscribed at `published_at` and is not excepted. Those with a number up to `cursor` are
-- counted; `erased` of all members have no subscription left, as they were erased since.
create table broadcast (
    env integer not null,
    seq integer not null,
    topic integer not null,
    tenant integer not null,
    event blob not null,
    workflow integer not null,
    step integer not null,
    lane integer not null,
    published_at integer not null,
    expires_at integer,
    defaults_version integer not null,
    excepted text not null default '[]',
    cursor integer not null default 0,
    erased integer not null default 0,
    primary key (env, seq)
) strict, without rowid;
create unique index broadcast_by_event on broadcast (env, event, workflow);
create index broadcast_by_topic on broadcast (env, topic, seq);
create index broadcast_by_instant on broadcast (env, topic, published_at);

-- How far the broadcasts of an inbox are decided.
create table broadcast_marker (
    env integer not null,
    user integer not null,
    tenant integer not null,
    seq integer not null,
    primary key (env, user, tenant)
) strict, without rowid;

-- auto | always | never
alter table topic add column broadcast text not null default 'auto';
