-- Inbox items that stand for several events.

-- `place` orders an item that moved up since it was written (null: its seq does). `activities` and `actors` count the
-- members that were not taken back and who caused them. `last_seen_at` and `last_read_at` are the marks that the last
-- new activity took off.
alter table item add column aggregation_key text;
alter table item add column place bigint;
alter table item add column updated_at bigint;
alter table item add column activities bigint not null default 1;
alter table item add column actors bigint not null default 1;
alter table item add column last_seen_at bigint;
alter table item add column last_read_at bigint;
create index item_by_place on item (env, "user", tenant, place) where place is not null;

-- The item that tells new events of a key.
create table item_key (
    env bigint not null,
    "user" bigint not null,
    tenant bigint not null,
    workflow bigint not null,
    step bigint not null,
    key text not null,
    seq bigint not null,
    primary key (env, "user", tenant, workflow, step, key)
);
create index item_key_by_item on item_key (env, "user", tenant, seq);

-- An event that an item of several tells, also the first.
create table item_member (
    env bigint not null,
    event bytea not null,
    workflow bigint not null,
    "user" bigint not null,
    step bigint not null,
    tenant bigint not null,
    seq bigint not null,
    actor bigint not null,
    at bigint not null,
    expires_at bigint,
    retracted_at bigint,
    primary key (env, event, workflow, "user", step)
);
create index item_member_by_item on item_member (env, "user", tenant, seq, event);
create index item_member_by_actor on item_member (env, "user", tenant, seq, actor) where retracted_at is null;
