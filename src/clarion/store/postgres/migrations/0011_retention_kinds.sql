-- Retention by kind of data. Where a walk over old events stands: all before (event, workflow, user) was looked at
-- in this pass, `left_at` is the first event of the pass that had to be left as it was.
create table retention_mark (
    env bigint not null,
    kind text collate "C" not null,
    event bytea not null,
    workflow bigint not null default 0,
    "user" bigint not null default 0,
    left_at bytea,
    primary key (env, kind)
);

-- Days by kind, where an environment keeps less than the server.
create table environment_retention (
    env bigint not null,
    kind text collate "C" not null,
    days bigint not null,
    primary key (env, kind)
);

-- Events that are gone themselves and whose rows are being removed.
create table forgotten_event (
    env bigint not null,
    event bytea not null,
    primary key (env, event)
);

-- Users who are being erased, while there is something left to remove.
create table erasure (
    env bigint not null,
    "user" bigint not null,
    began_at bigint not null,
    primary key (env, "user")
);
create index erasure_by_beginning on erasure (began_at);
