-- What processes share of an account: the breaker (phase to cause), its term, who turned it last, until when
-- it is paused, and when its quota's bucket is full again.
create table account (
    account text primary key,
    phase integer not null default 0,
    since integer not null default 0,
    until integer not null default 0,
    trips integer not null default 0,
    step integer not null default 0,
    cause text not null default '',
    term integer not null default 0,
    holder integer not null default 0,
    paused_until integer not null default 0,
    full_at integer not null default 0
) strict, without rowid;

create table account_report (
    account text not null,
    worker integer not null,
    in_flight integer not null,
    limit_now integer not null,
    outcomes text not null,
    errors text not null,
    at integer not null,
    primary key (account, worker)
) strict, without rowid;

-- A delivery that may have been sent stays with its account where only there a repeat is harmless.
alter table ready add column bound integer not null default 0;
