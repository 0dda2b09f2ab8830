-- Work that waits: held steps and digests.

-- One row a notification and step that waits; `first` up to before `last` are the steps to decide when it is due.
-- kind 1: a step of the notification itself; kind 2: the window of a digest (event is the digest's id). `n` numbers
-- the decision that comes next. `gates` are those that held the step so far, joined by commas.
create table waiting (
    env bigint not null,
    event bytea not null,
    workflow bigint not null,
    "user" bigint not null,
    step bigint not null,
    n bigint not null,
    first bigint not null,
    last bigint not null,
    kind bigint not null,
    gates text not null default '',
    lane bigint not null,
    tenant bigint not null,
    due bigint not null,
    state bigint not null default 0,
    worker bigint not null default 0,
    fence bigint not null default 0,
    crashes bigint not null default 0,
    primary key (env, event, workflow, "user", step)
);
create index waiting_by_lane on waiting (lane, state, due);
create index waiting_by_user on waiting (env, "user");

-- A digest: the events of one user, step and key that are told as one. Open until `closed_at`; `part` is the
-- bucket that its notification counts for in those of its entries, 0 while it is open.
create table digest (
    env bigint not null,
    digest bytea not null,
    "user" bigint not null,
    tenant bigint not null,
    workflow bigint not null,
    step bigint not null,
    key text not null,
    version bigint not null,
    category bigint not null,
    category_version bigint not null,
    lane bigint not null,
    about bigint not null,
    opened_at bigint not null,
    due bigint not null,
    latest bigint not null,
    closed_at bigint,
    part bigint not null default 0,
    primary key (env, digest)
);
create unique index digest_open on digest (env, "user", tenant, workflow, step, key) where closed_at is null;

create table digest_entry (
    env bigint not null,
    digest bytea not null,
    event bytea not null,
    actor bigint not null,
    mention text not null,
    at bigint not null,
    retracted_at bigint,
    primary key (env, digest, event)
);
create index digest_entry_by_event on digest_entry (env, event, digest);

-- 1: sent without a sound, as it is quiet hours.
alter table ready add column silent bigint not null default 0;
