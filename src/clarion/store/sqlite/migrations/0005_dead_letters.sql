-- A redriven delivery is queued with fresh attempts; those made before still count in its history.
alter table ready add column tried_before integer;
alter table ready add column redriven_at integer;
create index ready_suspect on ready (worker) where state = 1 and crashes > 1;
create index task_suspect on task (worker) where state = 1 and crashes > 1;
create index task_put_aside on task (env, task) where state = 3;

-- `task` is the fan-out task that could not decide about the recipient. `closed_at`: it came to a good end.
alter table dead_letter add column task integer;
alter table dead_letter add column closed_at integer;
create index dead_letter_by_time on dead_letter (env, at);
create index dead_letter_by_event on dead_letter (env, event, at);

create table redrive (
    redrive integer primary key,
    env integer not null,
    filter text not null,
    rate_per_second integer not null,
    created_at integer not null,
    next_due integer not null,
    cursor text not null default 'null',
    done text not null default '{}',
    updated_at integer not null,
    finished_at integer
) strict;
create index redrive_by_env on redrive (env, redrive);
create index redrive_unfinished on redrive (redrive) where finished_at is null;

-- One row: when the window of alerts that is open began.
create table alert_window (
    one integer primary key check (one = 1),
    since integer not null
) strict;

-- state 0 is gathered, 1 due, 2 over; kind 1 says that the trouble is over.
create table alert (
    alert integer primary key,
    env integer not null,
    account text not null,
    cause text not null,
    since integer not null,
    until integer not null,
    kind integer not null,
    count integer not null,
    first_at integer not null,
    last_at integer not null,
    detail text not null,
    sample text not null default '[]',
    told text not null default '[]',
    state integer not null,
    due integer not null,
    tries integer not null default 0
) strict;
create unique index alert_by_window on alert (env, account, cause, since, kind);
create index alert_by_state on alert (state, due);
