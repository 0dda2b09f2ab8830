-- Prepared blasts: an event with its audience cut, to be fired by one flip. `state`: 0 preparing, 1 armed, 2 refused,
-- 3 fired, 4 canceled, 5 deleted. While it is prepared it is in the hands of `worker` until `lease_until`; `section`
-- and `cursor` say how far the audience is walked, `tally` is what was found so far. `parked`: ready rows may be
-- out of sight.
create table blast (
    env integer not null,
    blast integer not null,
    name text not null,
    type text not null,
    state integer not null default 0,
    created_at integer not null,
    updated_at integer not null,
    worker integer not null default 0,
    lease_until integer not null default 0,
    fence integer not null default 0,
    section integer not null default 0,
    cursor integer not null default 0,
    tally text not null default '{}',
    expires_at integer,
    expires_in_seconds integer,
    armed_at integer,
    fire_at integer,
    forced integer not null default 0,
    fired_at integer,
    event blob,
    paused_at integer,
    paused_by text,
    parked integer not null default 0,
    expired_at integer,
    canceled_at integer,
    ended_at integer,
    has_cut integer not null default 1,
    tests integer not null default 0,
    note text,
    primary key (env, blast)
) strict, without rowid;
create index blast_preparing on blast (updated_at) where state = 0;
create index blast_due on blast (fire_at) where state = 1 and fire_at is not null;
create index blast_running on blast (updated_at) where state = 3 and ended_at is null;
create index blast_ended on blast (ended_at) where ended_at is not null;

-- What is fired: the event as it was asked for (without its recipients), and as it is written.
create table blast_plan (
    env integer not null,
    blast integer not null,
    asked text not null,
    plan text not null,
    primary key (env, blast)
) strict, without rowid;

create table blast_key (
    env integer not null,
    key text not null,
    blast integer not null,
    fingerprint blob not null,
    primary key (env, key)
) strict, without rowid;
create index blast_key_by_blast on blast_key (env, blast);

-- The audience as it was cut: a page of numbers in order, each as its distance from the one before. `last` is the
-- largest of them, `count` how many.
create table blast_cut (
    env integer not null,
    blast integer not null,
    section integer not null,
    last integer not null,
    count integer not null,
    users blob not null,
    primary key (env, blast, section, last)
) strict, without rowid;

-- An event that stands still since then: nothing of it is decided or handed to a provider.
alter table event add column paused_at integer;
