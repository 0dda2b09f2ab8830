-- Retention by kind of data. Where a walk over old events stands: all before (event, workflow, user) was looked at
-- in this pass, `left_at` is the first event of the pass that had to be left as it was.
create table retention_mark (
    env integer not null,
    kind text not null,
    event blob not null,
    workflow integer not null default 0,
    user integer not null default 0,
    left_at blob,
    primary key (env, kind)
) strict, without rowid;

-- Days by kind, where an environment keeps less than the server.
create table environment_retention (
    env integer not null,
    kind text not null,
    days integer not null,
    primary key (env, kind)
) strict, without rowid;

-- Events that are gone themselves and whose rows are being removed.
create table forgotten_event (
    env integer not null,
    event blob not null,
    primary key (env, event)
) strict, without rowid;

-- Users who are being erased, while there is something left to remove.
create table erasure (
    env integer not null,
    user integer not null,
    began_at integer not null,
    primary key (env, user)
) strict, without rowid;
create index erasure_by_beginning on erasure (began_at);
