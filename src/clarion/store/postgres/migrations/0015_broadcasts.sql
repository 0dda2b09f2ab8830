-- Broadcasts: inbox sends to a topic that are stored once and decided when their members look.

-- The number given last. Who gives one holds the row until the commit, so numbers become visible in their order.
create table broadcast_sequence (
    env bigint primary key,
    last bigint not null
);

-- Members are who was subscribed at `published_at` and is not excepted. Those with a number up to `cursor` are
-- counted; `erased` of all members have no subscription left, as they were erased since.
create table broadcast (
    env bigint not null,
    seq bigint not null,
    topic bigint not null,
    tenant bigint not null,
    event bytea not null,
    workflow bigint not null,
    step bigint not null,
    lane bigint not null,
    published_at bigint not null,
    expires_at bigint,
    defaults_version bigint not null,
    excepted text not null default '[]',
    cursor bigint not null default 0,
    erased bigint not null default 0,
    primary key (env, seq)
);
create unique index broadcast_by_event on broadcast (env, event, workflow);
create index broadcast_by_topic on broadcast (env, topic, seq);
create index broadcast_by_instant on broadcast (env, topic, published_at);

-- How far the broadcasts of an inbox are decided.
create table broadcast_marker (
    env bigint not null,
    "user" bigint not null,
    tenant bigint not null,
    seq bigint not null,
    primary key (env, "user", tenant)
) with (
    fillfactor = 75
);

-- auto | always | never
alter table topic add column broadcast text not null default 'auto';
