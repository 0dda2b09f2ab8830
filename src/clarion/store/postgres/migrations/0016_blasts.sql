-- Prepared blasts: an event with its audience cut, to be fired by one flip. `state`: 0 preparing, 1 armed, 2 refused,
-- 3 fired, 4 canceled, 5 deleted. While it is prepared it is in the hands of `worker` until `lease_until`; `section`
-- and `cursor` say how far the audience is walked, `tally` is what was found so far. `parked`: ready rows may be
-- out of sight.
create table blast (
    env bigint not null,
    blast bigint not null,
    name text not null,
    type text not null,
    state bigint not null default 0,
    created_at bigint not null,
    updated_at bigint not null,
    worker bigint not null default 0,
    lease_until bigint not null default 0,
    fence bigint not null default 0,
    section bigint not null default 0,
    cursor bigint not null default 0,
    tally text not null default '{}',
    expires_at bigint,
    expires_in_seconds bigint,
    armed_at bigint,
    fire_at bigint,
    forced bigint not null default 0,
    fired_at bigint,
    event bytea,
    paused_at bigint,
    paused_by text,
    parked bigint not null default 0,
    expired_at bigint,
    canceled_at bigint,
    ended_at bigint,
    has_cut bigint not null default 1,
    tests bigint not null default 0,
    note text,
    primary key (env, blast)
);
create index blast_preparing on blast (updated_at) where state = 0;
create index blast_due on blast (fire_at) where state = 1 and fire_at is not null;
create index blast_running on blast (updated_at) where state = 3 and ended_at is null;
create index blast_ended on blast (ended_at) where ended_at is not null;

-- What is fired: the event as it was asked for (without its recipients), and as it is written.
create table blast_plan (
    env bigint not null,
    blast bigint not null,
    asked text not null,
    plan text not null,
    primary key (env, blast)
);

create table blast_key (
    env bigint not null,
    key text collate "C" not null,
    blast bigint not null,
    fingerprint bytea not null,
    primary key (env, key)
);
create index blast_key_by_blast on blast_key (env, blast);

-- The audience as it was cut: a page of numbers in order, each as its distance from the one before. `last` is the
-- largest of them, `count` how many.
create table blast_cut (
    env bigint not null,
    blast bigint not null,
    section bigint not null,
    last bigint not null,
    count bigint not null,
    users bytea not null,
    primary key (env, blast, section, last)
);

-- An event that stands still since then: nothing of it is decided or handed to a provider.
alter table event add column paused_at bigint;
