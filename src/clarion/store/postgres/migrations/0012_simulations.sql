-- What would have been decided under other rules. `asked` says which part of the past and which rules; `cursor`
-- is the last user that was walked, `tally` the counts as they stand.
create table simulation (
    env bigint not null,
    simulation bigint not null,
    name text not null,
    asked text not null,
    created_at bigint not null,
    state bigint not null default 0,
    cursor bigint not null default 0,
    total bigint not null default 0,
    done bigint not null default 0,
    tally text not null default '',
    error text,
    updated_at bigint not null,
    finished_at bigint,
    primary key (env, simulation)
);
create index simulation_unfinished on simulation (created_at) where finished_at is null;
create index simulation_by_end on simulation (finished_at) where finished_at is not null;

-- Some sends that the change makes others, in the order in which they were met.
create table simulation_example (
    env bigint not null,
    simulation bigint not null,
    n bigint not null,
    event bytea not null,
    workflow bigint not null,
    "user" bigint not null,
    channel bigint not null,
    before text not null,
    after text not null,
    reason_before text not null,
    reason_after text not null,
    body text not null,
    primary key (env, simulation, n)
);
