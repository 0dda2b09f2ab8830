-- What would have been decided under other rules. `asked` says which part of the past and which rules; `cursor`
-- is the last user that was walked, `tally` the counts as they stand.
create table simulation (
    env integer not null,
    simulation integer not null,
    name text not null,
    asked text not null,
    created_at integer not null,
    state integer not null default 0,
    cursor integer not null default 0,
    total integer not null default 0,
    done integer not null default 0,
    tally text not null default '',
    error text,
    updated_at integer not null,
    finished_at integer,
    primary key (env, simulation)
) strict, without rowid;
create index simulation_unfinished on simulation (created_at) where finished_at is null;
create index simulation_by_end on simulation (finished_at) where finished_at is not null;

-- Some sends that the change makes others, in the order in which they were met.
create table simulation_example (
    env integer not null,
    simulation integer not null,
    n integer not null,
    event blob not null,
    workflow integer not null,
    user integer not null,
    channel integer not null,
    before text not null,
    after text not null,
    reason_before text not null,
    reason_after text not null,
    body text not null,
    primary key (env, simulation, n)
) strict, without rowid;
