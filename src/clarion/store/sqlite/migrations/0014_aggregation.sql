-- Inbox items that stand for several events.

-- `place` orders an item that moved up since it was written (null: its seq does). `activities` and `actors` count the
-- members that were not taken back and who caused them. `last_seen_at` and `last_read_at` are the marks that the last
-- new activity took off.
alter table item add column aggregation_key text;
alter table item add column place integer;
alter table item add column updated_at integer;
alter table item add column activities integer not null default 1;
alter table item add column actors integer not null default 1;
alter table item add column last_seen_at integer;
alter table item add column last_read_at integer;
create index item_by_place on item (env, user, tenant, place) where place is not null;

-- The item that tells new events of a key.
create table item_key (
    env integer not null,
    user integer not null,
    tenant integer not null,
    workflow integer not null,
    step integer not null,
    key text not null,
    seq integer not null,
    primary key (env, user, tenant, workflow, step, key)
) strict, without rowid;
create index item_key_by_item on item_key (env, user, tenant, seq);

-- An event that an item of several tells, also the first.
create table item_member (
    env integer not null,
    event blob not null,
    workflow integer not null,
    user integer not null,
    step integer not null,
    tenant integer not null,
    seq integer not null,
    actor integer not null,
    at integer not null,
    expires_at integer,
    retracted_at integer,
    primary key (env, event, workflow, user, step)
) strict, without rowid;
create index item_member_by_item on item_member (env, user, tenant, seq, event);
create index item_member_by_actor on item_member (env, user, tenant, seq, actor) where retracted_at is null;
