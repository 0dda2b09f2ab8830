-- Work that waits: held steps and digests.

-- One row a notification and step that waits; `first` up to before `last` are the steps to decide when it is due.
-- kind 1: a step of the notification itself; kind 2: the window of a digest (event is the digest's id). `n` numbers
-- the decision that comes next. `gates` are those that held the step so far, joined by commas.
create table waiting (
    env integer not null,
    event blob not null,
    workflow integer not null,
    user integer not null,
    step integer not null,
    n integer not null,
    first integer not null,
    last integer not null,
    kind integer not null,
    gates text not null default '',
    lane integer not null,
    tenant integer not null,
    due integer not null,
    state integer not null default 0,
    worker integer not null default 0,
    fence integer not null default 0,
    crashes integer not null default 0,
    primary key (env, event, workflow, user, step)
) strict, without rowid;
create index waiting_by_lane on waiting (lane, state, due);
create index waiting_by_user on waiting (env, user);

-- A digest: the events of one user, step and key that are told as one. Open until `closed_at`; `part` is the
-- bucket that its notification counts for in those of its entries, 0 while it is open.
create table digest (
    env integer not null,
    digest blob not null,
    user integer not null,
    tenant integer not null,
    workflow integer not null,
    step integer not null,
    key text not null,
    version integer not null,
    category integer not null,
    category_version integer not null,
    lane integer not null,
    about integer not null,
    opened_at integer not null,
    due integer not null,
    latest integer not null,
    closed_at integer,
    part integer not null default 0,
    primary key (env, digest)
) strict, without rowid;
create unique index digest_open on digest (env, user, tenant, workflow, step, key) where closed_at is null;

create table digest_entry (
    env integer not null,
    digest blob not null,
    event blob not null,
    actor integer not null,
    mention text not null,
    at integer not null,
    retracted_at integer,
    primary key (env, digest, event)
) strict, without rowid;
create index digest_entry_by_event on digest_entry (env, event, digest);

-- 1: sent without a sound, as it is quiet hours.
alter table ready add column silent integer not null default 0;
